package import Primitives
public import WorkloadModel

/// What one kind of node makes of one shape of pod: requests in the managers' own terms, computed once.
///
/// Made by `NodeModel.prepare`; equal pods on equal nodes share it.
public final class PreparedPod: Sendable {
    public let shape: PodShape
    /// The QoS class under the node's feature gates.
    public let qos: QoSClass
    package let containers: [PreparedContainer]
    /// What the general predicates count, none zero: cpu and memory, then the rest by name.
    package let requests: [ResourceAmount]

    /// Whole CPUs of the pod when it is placed as one; 0 when no container is entitled to exclusive ones.
    package let cpus: Int
    package let memory: MemoryDemand
    package let devices: [DeviceDemand]
    /// Regular init containers exist, whose CPUs, memory and devices later containers may use again.
    package let hasInitContainers: Bool
    /// A huge page size that the machine lacks is asked for.
    package let unknownMemoryType: ResourceIndex?
    /// Pod-level resources that the managers place as one share (gate PodLevelResourceManagers).
    package let podLevel: PodLevelDemand?

    package init(
        shape: PodShape, qos: QoSClass, containers: [PreparedContainer],
        requests: [ResourceAmount], cpus: Int, memory: MemoryDemand, devices: [DeviceDemand],
        unknownMemoryType: ResourceIndex?, podLevel: PodLevelDemand?
    ) {
        self.shape = shape
        self.qos = qos
        self.containers = containers
        self.requests = requests
        self.cpus = cpus
        self.memory = memory
        self.devices = devices
        hasInitContainers = containers.contains { $0.isRegularInit }
        self.unknownMemoryType = unknownMemoryType
        self.podLevel = podLevel
    }
}

/// One container of a `PreparedPod`.
package final class PreparedContainer: Sendable {
    package let kind: ContainerShape.Kind
    /// Whole CPUs when the container is entitled to exclusive ones, else 0.
    package let cpus: Int
    package let memory: MemoryDemand
    package let devices: [DeviceDemand]
    /// The fewest NUMA nodes that could hold CPUs, memory and devices together if nothing were taken.
    package let minimumNodes: Int
    package let isRegularInit: Bool

    package init(
        kind: ContainerShape.Kind, cpus: Int, memory: MemoryDemand, devices: [DeviceDemand],
        minimumNodes: Int
    ) {
        self.kind = kind
        self.cpus = cpus
        self.memory = memory
        self.devices = devices
        self.minimumNodes = minimumNodes
        isRegularInit = kind == .initContainer
    }
}

/// Pod-level resources of a pod whose containers share one portion of CPUs and memory.
package struct PodLevelDemand: Sendable {
    /// Whole CPUs of the pod, else 0.
    package var cpus = 0
    package var memory = MemoryDemand()
    /// The pod is Guaranteed, so that CPU and Memory Manager look at it.
    package var isGuaranteed = false

    package init() {}
}
