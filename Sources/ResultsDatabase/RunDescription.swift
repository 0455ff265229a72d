public import HardwareModel
public import Primitives
public import WorkloadModel

/// What is known of a run before it starts: the head of its results file.
public struct RunDescription: Sendable {
    public var name: String
    public var description = ""
    /// The scenario as canonical JSON, defaults made explicit; a later command can run it again from here.
    public var scenarioJSON = "{}"
    public var seed: UInt64
    /// Simulated time 0 in whole seconds since 1970-01-01T00:00:00Z.
    public var epoch: Int64 = 0
    public var topsimVersion: String
    /// Such as `1.36`.
    public var kubeletVersion: String
    public var inputFiles: [InputFile] = []
    public var resources = ResourceTable()
    public var machines: [MachineDescription] = []
    public var nodeGroups: [NodeGroupDescription] = []
    public var workloads: [WorkloadDescription] = []
    /// The shapes known so far; those that a trace adds come through `ResultsRecorder.describe(shapes:)`.
    public var shapes: [PodShape] = []
    public var targetMix: [TargetMixMember] = []

    public init(name: String, seed: UInt64, topsimVersion: String, kubeletVersion: String) {
        self.name = name
        self.seed = seed
        self.topsimVersion = topsimVersion
        self.kubeletVersion = kubeletVersion
    }
}

/// A file that was read for the run.
public struct InputFile: Sendable, Hashable {
    /// As given.
    public var path: String
    /// 64 lowercase hexadecimal digits.
    public var sha256: String
    public var bytes: Int64

    public init(path: String, sha256: String, bytes: Int64) {
        self.path = path
        self.sha256 = sha256
        self.bytes = bytes
    }
}

/// A machine under the scenario's name for it.
public struct MachineDescription: Sendable, Hashable {
    public var name: String
    public var machine: Machine

    public init(name: String, machine: Machine) {
        self.name = name
        self.machine = machine
    }
}

/// Equal nodes.
public struct NodeGroupDescription: Sendable, Hashable {
    public var name: String
    /// Position in `RunDescription.machines`.
    public var machine: Int
    /// In order of `NodeIndex`.
    public var nodeNames: [String]
    public var cpuManagerPolicy = "none"
    public var memoryManagerPolicy = "None"
    public var topologyManagerPolicy = "none"
    public var topologyManagerScope = "container"
    public var reservedCPUs = CPUSet()
    /// The group's KubeletConfiguration as canonical JSON.
    public var kubeletJSON = "{}"
    /// What each node offers, ascending by resource.
    public var resources: [NodeResource] = []
    /// Set when the nodes are virtual machines.
    public var virtualMachines: VirtualMachineDescription?

    public init(name: String, machine: Int, nodeNames: [String]) {
        self.name = name
        self.machine = machine
        self.nodeNames = nodeNames
    }
}

/// A group's virtual machines, and which machine their host is.
public struct VirtualMachineDescription: Sendable, Hashable {
    /// Position of the host in `RunDescription.machines`.
    public var host: Int
    public var layout: VirtualMachineLayout

    public init(host: Int, layout: VirtualMachineLayout) {
        self.host = host
        self.layout = layout
    }
}

/// What one node has of a resource and what pods may ask for, in the resource's unit.
public struct NodeResource: Sendable, Hashable {
    public var resource: ResourceIndex
    public var capacity: Int64
    public var allocatable: Int64

    public init(resource: ResourceIndex, capacity: Int64, allocatable: Int64) {
        self.resource = resource
        self.capacity = capacity
        self.allocatable = allocatable
    }
}

public struct WorkloadDescription: Sendable, Hashable {
    public var name: String
    public var namespace: String
    public var controller: ControllerKind
    public var replicas: Int

    public init(name: String, namespace: String, controller: ControllerKind, replicas: Int) {
        self.name = name
        self.namespace = namespace
        self.controller = controller
        self.replicas = replicas
    }
}

public struct TargetMixMember: Sendable, Hashable {
    /// The workload's name.
    public var workload: String
    public var weight: Int

    public init(workload: String, weight: Int) {
        self.workload = workload
        self.weight = weight
    }
}
