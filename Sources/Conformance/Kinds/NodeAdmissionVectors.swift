/// Whole nodes: settings, then pods admitted and removed.
enum NodeAdmissionVectors: VectorKind {
    static func recognizes(_ json: JSONValue) -> Bool {
        json["settings"] != nil && json["ops"] != nil
    }

    static func run(_ json: JSONValue, _ machines: VectorMachines) throws(VectorStop) {
        throw .unsupported("node admission")
    }
}
