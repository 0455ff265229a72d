import NodeManagers
import Primitives
import WorkloadModel

/// Whole nodes: settings, then pods admitted and removed, devices that fail, kubelets that restart.
enum NodeAdmissionVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        _ = try run(json, machines, restartsFromFiles: false)
    }

    /// - Parameter restartsFromFiles: Writes the checkpoint files at every restart and goes on from their texts.
    static func run(
        _ json: JSONValue, _ machines: VectorMachines, restartsFromFiles: Bool
    ) throws(VectorStop) -> ChecksumCounts {
        let expected = Expected(
            operations: (json["ops"]?.elements ?? []).map { $0["expect"] ?? .null },
            final: json["final"])
        var stop: VectorStop
        do throws(VectorStop) {
            return try run(json, expected, machines, restartsFromFiles)
        } catch {
            stop = error
        }
        // The kubelet's other outcomes, where it depends on the order of a Go map.
        for alternative in json["alternatives"]?.elements ?? [] {
            let expected = Expected(
                operations: alternative["ops"]?.elements ?? [], final: alternative["final"])
            do throws(VectorStop) {
                return try run(json, expected, machines, restartsFromFiles)
            } catch {
                if case .unsupported = error { stop = error }
            }
        }
        throw stop
    }

    struct Expected {
        var operations: [JSONValue]
        var final: JSONValue?
    }

    private static func run(
        _ json: JSONValue, _ expected: Expected, _ machines: VectorMachines,
        _ restartsFromFiles: Bool
    ) throws(VectorStop) -> ChecksumCounts {
        let machine = try machines.machine(of: json)
        guard let hardware = machine.machine else {
            throw .malformed("`\(machine.name)` has no memory")
        }
        let resources = VectorPods.resources(json)
        let settings = try VectorSettings.settings(
            try required(json["settings"], "settings"), override: nil, gates: json["featureGates"])
        let start = try required(json["start"], "start")
        let devices = try VectorSettings.devices(json["devices"])
        let model: NodeModel
        do throws(KubeletStartError) {
            model = try NodeModel(
                machine: hardware, settings: settings, devices: devices, resources: resources)
        } catch {
            if error.stage == .notModelled { throw VectorStop.unsupported(error.message) }
            try requireEqual(
                "start.stage", expected: start["stage"]?.text, got: error.stage.rawValue)
            try requireEqual("start.error", expected: start["error"]?.text, got: error.message)
            return ChecksumCounts()
        }
        try requireEqual("start.error", expected: start["error"]?.text, got: nil)
        var node = VectorNode(model: model, json: json, hardware: hardware)
        node.restartsFromFiles = restartsFromFiles
        try node.checkStart(start)
        for (number, operation) in (json["ops"]?.elements ?? []).enumerated() {
            guard number < expected.operations.count else { break }
            try node.run(operation, expect: expected.operations[number], "ops[\(number)].expect")
            if node.hasStopped { break }
        }
        guard let final = expected.final else { return ChecksumCounts() }
        return try node.checkFinal(final)
    }
}
