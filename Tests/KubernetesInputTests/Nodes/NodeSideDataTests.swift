import Foundation
import HardwareModel
import ScenarioInput
import TestSupport
import Testing

/// Every file about nodes is read, or refused for a reason that is written here.
@Suite(.enabled(if: SharedFolder.isPresent))
struct NodeSideDataTests {
    /// What cannot be read, by a part of what is said about it.
    static let refused = [
        "sriov/sriovdp_vdpa_configMap.yaml": "expected a key in quotes",
        // The base of an overlay that adds its CPUs.
        "performanceprofile/cnf-features_5gref-du-general.yaml": "`spec.cpu` is missing",
        "performanceprofile/telco-core_PerformanceProfile.yaml": "placeholder `$isolated`",
        "performanceprofile/telco-ran_PerformanceProfile_x86_64.yaml": "placeholder `$isolated`",
    ]
    /// Files that are of no kind for nodes: wishes of a profile creator, a CRD, costs between regions.
    static func isOfAnotherKind(_ path: String) -> Bool {
        path.hasPrefix("performanceprofile/") && path.hasSuffix(".json")
            || ["nrt/nrt-api_crd.yaml", "nrt/diktyo_networkTopology-example.yaml"].contains(path)
    }

    @Test(arguments: ["nodes", "kubelet", "performanceprofile", "sriov", "nrt"])
    func `every file of the folder is read or refused for a stated reason`(
        _ folder: String
    ) throws {
        var counts: [String: Int] = [:]
        for name in try NodeSideFiles.names(folder) {
            let path = "\(folder)/\(name)"
            do {
                let (objects, report) = try NodeSideFiles.read(path)
                #expect(NodeSideDataTests.refused[path] == nil, "\(path) is read after all")
                let found =
                    objects.nodes.count + objects.zones.count + objects.kubelets.count
                    + objects.profiles.count + objects.pools.count + objects.networks.count
                #expect(
                    (found == 0) == NodeSideDataTests.isOfAnotherKind(path), "\(path): \(found)")
                // What gives nothing is told.
                #expect(found > 0 || report.count(of: .dropped) > 0, "\(path)")
                counts["Node", default: 0] += objects.nodes.count
                counts["NodeResourceTopology", default: 0] += objects.zones.count
                counts["kubelet configuration", default: 0] += objects.kubelets.count
                counts["PerformanceProfile", default: 0] += objects.profiles.count
                counts["device pool", default: 0] += objects.pools.count
                counts["network", default: 0] += objects.networks.count
            } catch let error as InputError {
                let reason = NodeSideDataTests.refused[path]
                let messages = error.diagnostics.map(\.message)
                #expect(reason != nil, "\(path): \(messages)")
                #expect(
                    messages.contains { $0.contains(reason ?? "nothing") }, "\(path): \(messages)")
                counts["refused", default: 0] += 1
            }
        }
        print("\(folder): \(counts.filter { $0.value > 0 }.sorted { $0.key < $1.key })")
    }

    @Test func `a real cluster's nodes become groups, equal ones together`() throws {
        let (objects, _) = try NodeSideFiles.read("nodes/certsuite_claim_observability.json")
        var report = ImportReport()
        let groups = try groupNodes(objects.nodes, report: &report)
        #expect(groups.reduce(0) { $0 + $1.nodeNames.count } == objects.nodes.count)
        #expect(Set(groups.map(\.name)).count == groups.count)
        for group in groups {
            #expect(group.machine.kubeletProblems().isEmpty)
            #expect(group.isMachineGuessed)
        }
        #expect(report.count(of: .guessed) > 0)
    }
}
