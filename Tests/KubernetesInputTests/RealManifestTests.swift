import Foundation
import NodeManagers
import Primitives
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

/// Objects from public repositories, read as they are; what they should give is said in the folder's own README.
@Suite(.enabled(if: SharedFolder.isPresent))
struct RealManifestTests {
    private func files(_ folder: String) throws -> [(name: String, documents: [SourceNode])] {
        let url = try #require(SharedFolder.url).appending(path: "data/k8s/\(folder)")
        return try FileManager.default.contentsOfDirectory(atPath: url.path).sorted().map { name in
            let bytes = try Data(contentsOf: url.appending(path: name))
            // Templates of other programs and texts with repeated keys are no YAML.
            return (name, (try? readSourceDocuments(bytes, file: name)) ?? [])
        }
    }

    @Test func `kubelet configurations of real clusters are read, and their reservations add up`()
        throws
    {
        var read = 0
        for (name, documents) in try files("kubelet") {
            for document in documents {
                // A kind cluster's file and a fragment are not configurations.
                if document["kind"]?.text == "Cluster" || document["kind"] == nil { continue }
                var diagnostics = Diagnostics()
                let settings = readKubeletConfiguration(document, diagnostics: &diagnostics)
                let found = try #require(settings, "\(name): \(diagnostics.all.map(\.message))")
                read += 1
                guard !found.reservedMemory.isEmpty,
                    case .bytes(let evicted) = found.evictionHardMemory
                else { continue }
                let reserved = found.reservedMemory.reduce(0) { $0 + ($1.limits["memory"] ?? 0) }
                let kept =
                    (found.kubeReserved["memory"] ?? 0) + (found.systemReserved["memory"] ?? 0)
                    + evicted
                #expect(reserved == kept, "\(name)")
            }
        }
        #expect(read == 7)
    }

    @Test func `pods and owners from public repositories become shapes`() throws {
        var shapes: [String: [PodShape]] = [:]
        var told: [String] = []
        let kinds = ["Pod"] + ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"]
        var wanted = 0
        for (name, documents) in try files("pods") {
            for document in documents where kinds.contains(document["kind"]?.text ?? "") {
                wanted += 1
                var resources = ResourceTable()
                var diagnostics = Diagnostics()
                let owner = readOwnerManifest(
                    document, resources: &resources, diagnostics: &diagnostics)
                if let owner { shapes[name, default: []].append(owner.shape) }
                told += diagnostics.all.filter { $0.severity == .error }
                    .map { "\(name):\($0.line): \($0.message)" }
            }
        }
        print("pods of public repositories: \(shapes.values.joined().count) of \(wanted) read")
        #expect(told.isEmpty)
        #expect(shapes.values.joined().count == wanted && wanted > 30)
        // An init container without resources makes this one Burstable.
        #expect(shapes["omec_upf-k8s.yaml"]?.map(\.qos) == [.burstable])
        #expect(
            shapes["nrop_pods.testgroup.yaml"]?.map(\.qos) == [
                .guaranteed, .guaranteed, .guaranteed,
            ])
        for name in [
            "edgeapps_flexran-5g-du.yaml", "edgeapps_xran-du.yaml", "edgeapps_xran-ru.yaml",
        ] {
            #expect(shapes[name]?.map(\.qos) == [.burstable], "\(name)")
        }
    }
}
