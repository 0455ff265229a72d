/// One kind of case: how to tell it, and how to run it.
protocol VectorKind: Sendable {
    static func recognizes(_ json: JSONValue) -> Bool
    /// Returns when every part of the answer is the expected one.
    static func run(_ json: JSONValue, _ machines: VectorMachines) throws(VectorStop)
}

/// Every kind of case, in the order in which they are tried.
enum VectorKindRegistry {
    static let all: [any VectorKind.Type] = [
        NodeAdmissionVectors.self,
        HintMergeVectors.self,
        CPUAssignmentVectors.self,
        CPUHintVectors.self,
        DeviceHintVectors.self,
        MemoryHintVectors.self,
        TopologyFilterVectors.self,
        TopologyScoreVectors.self,
        TopologyCacheVectors.self,
        TopologyFingerprintVectors.self,
    ]
}
