/// A kind of fact about a machine: what a source states, or does not.
public enum MachineFactKind: String, CaseIterable, Sendable {
    case cpus, sockets, dies, numaNodes, cores, uncoreCaches, memory, hugePages, distances, devices
}
