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
        SchedulerScoreVectors.self,
        SchedulerSequenceVectors.self,
        SchedulerAdaptiveVectors.self,
        ClusterVectors.self,
    ]
}

extension SchedulerScoreVectors: VectorKind {
    static func recognizes(_ json: JSONValue) -> Bool {
        json["cluster"] != nil && json["pod"] != nil && json["expect"]?["order"] != nil
    }
}

extension SchedulerSequenceVectors: VectorKind {
    static func recognizes(_ json: JSONValue) -> Bool {
        json["cluster"] != nil && json["shapes"] != nil && json["ops"] != nil
    }
}

extension SchedulerAdaptiveVectors: VectorKind {
    static func recognizes(_ json: JSONValue) -> Bool {
        json["percentage"] != nil && ["want", "rotation"].contains(json["kind"]?.text)
    }
}

extension ClusterVectors: VectorKind {
    static func recognizes(_ json: JSONValue) -> Bool {
        json["groups"] != nil && json["shapes"] != nil && json["ops"] != nil
    }
}
