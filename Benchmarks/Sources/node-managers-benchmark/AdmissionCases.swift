import HardwareModel
import NodeManagers
import Primitives
import Records
import WorkloadModel

/// Whole admissions on an empty node, each followed by the pod's removal.
enum AdmissionCases {
    static func lines(
        _ file: BenchmarkFile, _ bench: Bench, _ isWanted: (String) -> Bool
    ) throws -> [Line] {
        var lines: [Line] = []
        for item in file.cases(ofKind: "admit") {
            let name: String = try value(item, "name")
            guard isWanted(name) else { continue }
            let machine = try file.machine(of: item)
            let expected: BenchmarkFile.Object = try value(item, "expect")
            let affinity: [Any] = try value(expected, "affinity")
            let mask = (affinity.first as? Int).map { "\($0)" } ?? "nil"
            let cpus: String = try value(expected, "cpus")
            let devices: [Int] = try value(item, "deviceNuma")
            let request: [String: String] = try value(item, "request")
            lines.append(
                try line(
                    name, machine, policy: try value(item, "policy"), devicesOn: devices,
                    request: try request.mapValues(amount), bench,
                    kubelet: BenchmarkFile.kubeletTime(item),
                    target: target(machine.layout.count), expected: "\(cpus) on \(mask)"))
        }
        for nodes in [2, 4, 8] {
            guard let machine = file.machines["bench-2s\(nodes)n-128"] else { continue }
            for item in own(nodes) where isWanted(item.name) {
                lines.append(
                    try line(
                        item.name, machine, policy: item.policy, devicesOn: Array(0..<nodes),
                        request: item.request, bench, kubelet: nil,
                        target: nodes == 8 ? .time(50_000) : target(nodes),
                        expected: item.expected))
            }
        }
        return lines
    }

    private static func target(_ nodes: Int) -> Line.Target {
        switch nodes {
        case 2: .time(3_000)
        case 8: .time(10_000)
        default: .none
        }
    }

    private struct OwnCase {
        var name: String
        var policy: String
        var request: [String: Int64]
        var expected: String
    }

    /// CPUs, memory, huge pages and devices on every NUMA node.
    private static func own(_ nodes: Int) -> [OwnCase] {
        let small: [String: Int64] = [
            "cpu": 4, "memory": 2 << 30, "hugepages-2Mi": 256 << 20, "example.com/nic": 1,
        ]
        var large = small
        large["cpu"] = Int64(128 / nodes) + 4
        return [
            OwnCase(
                name: "admit/\(nodes)numa/restricted/everything everywhere*", policy: "restricted",
                request: small, expected: "1-2,65-66 on 1"),
            OwnCase(
                name: "admit/\(nodes)numa/best-effort/everything everywhere*",
                policy: "best-effort", request: small, expected: "1-2,65-66 on 1"),
            // CPUs prefer two NUMA nodes and the rest one.
            OwnCase(
                name: "admit/\(nodes)numa/restricted/refused*", policy: "restricted",
                request: large, expected: "refused"),
            OwnCase(
                name: "admit/\(nodes)numa/best-effort/not preferred*", policy: "best-effort",
                request: large, expected: "\(large["cpu"] ?? 0) CPUs"),
        ]
    }

    private static func line(
        _ name: String, _ machine: BenchmarkMachine, policy: String, devicesOn: [Int],
        request: [String: Int64], _ bench: Bench, kubelet: Double?, target: Line.Target,
        expected: String
    ) throws -> Line {
        var settings = KubeletSettings()
        settings.cpuManagerPolicy = "static"
        settings.memoryManagerPolicy = "Static"
        settings.topologyManagerPolicy = policy
        settings.reservedSystemCPUs = [0]
        settings.kubeReserved = ["memory": 1 << 30]
        settings.evictionHardMemory = .bytes(0)
        settings.reservedMemory = [ReservedMemory(numaNode: 0, limits: ["memory": 1 << 30])]
        let devices = devicesOn.flatMap { node in
            (0..<4).map { PluginDevice(id: "nic\(node)-\($0)", numaNodes: [node]) }
        }
        var resources = ResourceTable()
        for size in [Int64(2) << 20, 1 << 30] {
            _ = resources.intern(ResourceTable.hugePageResource(ofSize: size))
        }
        _ = resources.intern("example.com/nic")
        let amounts = request.map { name, amount in
            ResourceAmount(resources.intern(name), name == "cpu" ? amount * 1000 : amount)
        }.sorted { $0.resource < $1.resource }
        var shape = PodShape(
            qos: .guaranteed,
            containers: [
                ContainerShape(
                    name: "c", kind: .app,
                    resources: ContainerResources(requests: amounts, limits: amounts))
            ])
        shape.requests = amounts
        shape.limits = amounts

        let model = try NodeModel(
            machine: machine.machine, settings: settings,
            devices: [DeviceResource(name: "example.com/nic", devices: devices)],
            resources: resources)
        var state = model.makeState()
        let prepared = model.prepare(shape)
        let pod = PodIndex(0)
        func describedAdmission() -> String {
            guard case .admitted = model.admit(pod, prepared, in: &state) else { return "refused" }
            let placement = model.placements(of: pod, in: state)[0]
            model.remove(pod, from: &state)
            guard expected.contains(" on ") else { return "\(placement.cpus.count) CPUs" }
            return "\(placement.cpus) on \(placement.affinity.map { "\($0.mask)" } ?? "nil")"
        }
        try check(name, expected: expected, got: describedAdmission())
        let cost = bench.measure {
            keep(model.admit(pod, prepared, in: &state))
            model.remove(pod, from: &state)
        }
        return Line(name: name, cost: cost, kubelet: kubelet, target: target)
    }

    private static func amount(_ text: String) throws -> Int64 {
        let units: [(String, Int64)] = [("Gi", 1 << 30), ("Mi", 1 << 20), ("", 1)]
        for (suffix, factor) in units where text.hasSuffix(suffix) {
            if let number = Int64(text.dropLast(suffix.count)) { return number * factor }
        }
        throw BenchmarkFile.Malformed(description: "`\(text)` is no quantity")
    }
}
