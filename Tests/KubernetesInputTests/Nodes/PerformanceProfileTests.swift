import Foundation
import HardwareModel
import NodeManagers
import Primitives
import ScenarioInput
import TestSupport
import Testing

@Suite(.enabled(if: SharedFolder.isPresent))
struct RealPerformanceProfileTests {
    private func profile(_ name: String) throws -> PerformanceProfile {
        let (objects, _) = try NodeSideFiles.read("performanceprofile/\(name)")
        return try #require(objects.profiles.first)
    }

    /// The leaves of a tree by path, without what Go writes for fields that nobody set.
    private func leaves(_ node: SourceNode) -> [String: String] {
        var found: [String: String] = [:]
        func walk(_ node: SourceNode, _ path: String) {
            switch node.value {
            case .null: break
            case .scalar(let text, _):
                if !["", "0s", "0"].contains(text) || path.hasSuffix("numaNode")
                    || path.hasSuffix("reservedSystemCPUs")
                {
                    found[path] = text
                }
            case .sequence(let elements):
                for (index, element) in elements.enumerated() { walk(element, "\(path)[\(index)]") }
            case .mapping(let entries):
                if entries.isEmpty { break }
                for entry in entries { walk(entry.value, "\(path).\(entry.key)") }
            }
        }
        walk(node, "")
        return found
    }

    @Test(arguments: ["default", "arm", "bootstrap-worker"])
    func `a profile becomes the KubeletConfig that the operator makes of it`(_ name: String) throws
    {
        let own = try profile("nto_\(name).yaml").kubeletConfig()
        let path = "data/k8s/kubelet/nto_\(name)_kubeletconfig.yaml"
        let want = try #require(
            try readSourceDocuments(SharedFolder.contents(path), file: path).first)
        for part in ["apiVersion", "kind", "spec"] {
            let (found, wanted) = (
                leaves(try #require(own[part])), leaves(try #require(want[part]))
            )
            for key in Set(found.keys).union(wanted.keys).sorted() {
                #expect(found[key] == wanted[key], "\(part)\(key)")
            }
            #expect(!wanted.isEmpty)
        }
        #expect(own["metadata"]?["name"]?.text == want["metadata"]?["name"]?.text)
    }

    @Test func `the kubelet of a profile is that of the KubeletConfig`() throws {
        var report = ImportReport()
        let source = try profile("nto_default.yaml").kubeletSource(report: &report)
        let (objects, _) = try NodeSideFiles.read("kubelet/nto_default_kubeletconfig.yaml")
        #expect(source.settings == objects.kubelets.first?.settings)
        #expect(source.role == "worker-cnf")
        #expect(objects.kubelets.first?.role == "worker-cnf")
    }

    /// The wishes say whether SMT is off; without it only the first CPU of each core is there to be covered.
    @Test func `profiles made for a host cover its CPUs`() throws {
        let machine = try NodeSideFiles.machine("nto_bm_worker1")
        var covered: [String] = []
        for name in try NodeSideFiles.names("performanceprofile")
        where name.hasPrefix("ppc_") && name.hasSuffix(".yaml") && !name.contains("profile2") {
            let profile = try profile(name)
            var report = ImportReport()
            let result = try profile.apply(to: machine, report: &report)
            let online = result.cpuSet
            #expect(online == profile.coveredCPUs.subtracting(profile.offlined), "\(name)")
            #expect(
                profile.coveredCPUs
                    == (profile.hasNoSMT ? CPUSet(0..<40) : CPUSet(0..<80)), "\(name)")
            #expect(report.count(of: .guessed) == 0, "\(name)")
            #expect(result.validate().isEmpty)
            covered.append(name)
        }
        #expect(covered.count == 8)
        // Made for another machine, of 12 CPUs: they leave most of this one uncovered.
        for name in ["ppc_profile2.yaml", "ppc_profile2a.yaml"] {
            var report = ImportReport()
            _ = try profile(name).apply(to: machine, report: &report)
            #expect(report.count(of: .guessed) == 1)
        }
    }

    @Test func `pages without a node are spread evenly, pages with one are there`() throws {
        let machine = try NodeSideFiles.machine("nto_bm_worker1")
        var report = ImportReport()
        let result = try profile("nto_default.yaml").apply(to: machine, report: &report)
        #expect(
            result.numaNodes.map(\.hugePages) == [
                [.init(pageSize: 2 << 20, count: 64), .init(pageSize: 1 << 30, count: 1)],
                [.init(pageSize: 2 << 20, count: 64)],
            ])
    }
}

struct PerformanceProfileTests {
    private func text(_ spec: String, annotations: String = "{}") -> String {
        """
        apiVersion: performance.openshift.io/v2
        kind: PerformanceProfile
        metadata: {name: p, annotations: \(annotations)}
        spec: \(spec)
        """
    }

    @Test(arguments: [
        ("none", "None", false), ("best-effort", "None", false), ("restricted", "Static", false),
        ("single-numa-node", "Static", true),
    ])
    func `policies decide the Memory Manager and whole cores`(
        _ policy: String, _ memory: String, _ wholeCores: Bool
    ) throws {
        let (objects, _) = try NodeSideFiles.read(
            text: text(
                "{cpu: {reserved: '0', isolated: '1-7'}, numa: {topologyPolicy: \(policy)}}"))
        var report = ImportReport()
        let settings = try objects.profiles[0].kubeletSource(report: &report).settings
        #expect(settings.topologyManagerPolicy == policy)
        #expect(settings.memoryManagerPolicy == memory)
        #expect((settings.cpuManagerPolicyOptions["full-pcpus-only"] == "true") == wholeCores)
        #expect(
            settings.reservedMemory
                == (memory == "Static"
                    ? [ReservedMemory(numaNode: 0, limits: ["memory": 1100 << 20])] : []))
    }

    @Test func `the annotation goes first, and what is reserved follows it`() throws {
        let annotation =
            #"{kubeletconfig.experimental: '{"systemReserved": {"memory": "11Gi"}, "cpuManagerPolicy": "none", "topologyManagerScope": "pod", "cpuManagerPolicyOptions": {"full-pcpus-only": "false"}}'}"#
        let (objects, _) = try NodeSideFiles.read(
            text: text(
                "{cpu: {reserved: 0-1, isolated: 2-7}, numa: {topologyPolicy: single-numa-node}}",
                annotations: annotation))
        var report = ImportReport()
        let settings = try objects.profiles[0].kubeletSource(report: &report).settings
        #expect(settings.cpuManagerPolicy == "static")
        #expect(settings.topologyManagerScope == "pod")
        #expect(settings.cpuManagerPolicyOptions == ["full-pcpus-only": "false"])
        #expect(settings.systemReserved == ["memory": 11 << 30])
        #expect(settings.reservedMemory.first?.limits == ["memory": (11 << 30) + (600 << 20)])
    }

    @Test func `shared CPUs are reserved only when containers may get them`() throws {
        for (hints, want) in [("{}", "0"), ("{mixedCpus: true}", "0,2-3")] {
            let (objects, _) = try NodeSideFiles.read(
                text: text(
                    "{cpu: {reserved: '0', shared: 2-3, isolated: '1,4-7'}, workloadHints: \(hints)}"
                ))
            var report = ImportReport()
            let settings = try objects.profiles[0].kubeletSource(report: &report).settings
            #expect("\(settings.reservedSystemCPUs)" == want)
        }
    }

    @Test func `without hardware threads a machine keeps the first CPU of each core`() throws {
        let machine = try MachineShape(parsing: "1s2n2c2t").makeMachine(
            memoryPerNUMANode: 1 << 30, numbering: .adjacent)
        let (objects, _) = try NodeSideFiles.read(
            text: text(
                "{cpu: {reserved: '0', isolated: '2,4', offlined: '6'}, additionalKernelArgs: [nosmt]}"
            ))
        var report = ImportReport()
        let result = try objects.profiles[0].apply(to: machine, report: &report)
        #expect("\(result.cpuSet)" == "0,2,4")
        #expect(result.cores.count == 3 && !result.isSMT)
    }
}
