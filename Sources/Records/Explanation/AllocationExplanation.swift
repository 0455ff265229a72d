public import Primitives

/// What the managers handed to one container, or to a pod with pod-level resources, in the order device, CPU, memory.
public struct AllocationExplanation: Sendable, Hashable {
    /// Nil for a pod's share.
    public var container: String?
    /// `init`, `sidecar` or `app`; nil for a pod's share.
    public var kind: String?
    public var affinity: MergeExplanation.Hint
    public var devices: [Devices] = []
    public var cpus: CPUs?
    public var memory: Memory?
    /// The manager that refused, `device`, `cpu` or `memory`; nil when none did. Those after it were not asked.
    public var refusedBy: MergeExplanation.HintList.Provider?

    public init(container: String?, kind: String?, affinity: MergeExplanation.Hint) {
        self.container = container
        self.kind = kind
        self.affinity = affinity
    }

    /// The devices of one resource by why they were taken, in the order of taking.
    public struct Devices: Sendable, Hashable {
        public var resource: ResourceIndex
        public var requested: Int
        /// What the plugin's GetPreferredAllocation prefers: `none`, `lowest`, `highest`.
        public var preferredAllocation: String
        /// Left by init containers of the pod.
        public var reused: [String] = []
        /// On a NUMA node of the affinity.
        public var aligned: [String] = []
        /// On other NUMA nodes.
        public var unaligned: [String] = []
        /// Without topology, or any without an affinity.
        public var withoutAffinity: [String] = []

        public init(resource: ResourceIndex, requested: Int, preferredAllocation: String) {
            self.resource = resource
            self.requested = requested
            self.preferredAllocation = preferredAllocation
        }
    }

    /// How the accumulator took exclusive CPUs.
    public struct CPUs: Sendable, Hashable {
        public var requested: Int
        /// Pool without reserved CPUs, and what earlier init containers left.
        public var available: CPUSet
        /// Of these, the ones that earlier init containers left.
        public var reusable: CPUSet
        /// Of the available ones, those of the affinity; nil without one.
        public var aligned: CPUSet?
        public var steps: [Step] = []
        /// Empty when the request was refused.
        public var taken = CPUSet()

        public init(requested: Int, available: CPUSet, reusable: CPUSet) {
            self.requested = requested
            self.available = available
            self.reusable = reusable
        }

        /// One unit that was taken.
        public struct Step: Sendable, Hashable {
            public enum Unit: String, Sendable {
                case numaNode, socket, uncore
                /// Some cores of an uncore cache.
                case partOfUncore
                case core, cpu
                /// A share of `distribute-cpus-across-numa`.
                case share
            }

            public enum Part: String, Sendable {
                /// Out of the affinity's CPUs, or of all without one.
                case aligned
                /// What the affinity's CPUs could not give.
                case rest
            }

            public var part: Part
            public var unit: Unit
            /// Id of the unit; of a share the NUMA node; of a core or CPU its lowest CPU.
            public var id: Int
            public var cpus: CPUSet

            public init(part: Part, unit: Unit, id: Int, cpus: CPUSet) {
                self.part = part
                self.unit = unit
                self.id = id
                self.cpus = cpus
            }
        }
    }

    /// The memory blocks and where they were charged.
    public struct Memory: Sendable, Hashable {
        public enum Origin: String, Sendable {
            /// The Topology Manager's affinity as it is.
            case affinity
            /// The affinity had too little: the narrowest own group that contains it.
            case extendedAffinity
            /// There was no affinity: the narrowest own group.
            case ownGroup
        }

        public var requested: [ResourceAmount]
        public var origin: Origin?
        public var blocks: [MemoryBlock] = []
        public var charges: [Charge] = []

        public init(requested: [ResourceAmount]) { self.requested = requested }

        /// Bytes taken from one NUMA node.
        public struct Charge: Sendable, Hashable {
            public var numaNode: Int
            public var resource: ResourceIndex
            public var bytes: Int64
            public var freeAfter: Int64

            public init(numaNode: Int, resource: ResourceIndex, bytes: Int64, freeAfter: Int64) {
                self.numaNode = numaNode
                self.resource = resource
                self.bytes = bytes
                self.freeAfter = freeAfter
            }
        }
    }
}
