import Foundation
import Primitives
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

/// Every file of Kubernetes objects in the shared folder, read as it is.
@Suite(.enabled(if: SharedFolder.isPresent))
struct RealObjectsTests {
    /// Files that hold no Kubernetes object, and what they are instead.
    private static let notObjects: Set<String> = [
        // A fragment of a KubeletConfiguration, and a test tool's report.
        "rte_kubelet_tm_full.yaml", "certsuite_claim_observability.json",
        // An API description.
        "batch-v1.json",
        // Wishes from which another tool makes profiles.
        "ppc_profile1.json", "ppc_profile1a.json", "ppc_profile1b.json", "ppc_profile2.json",
        "ppc_profile2a.json", "ppc_profile3.json", "ppc_profile3a.json", "ppc_profile3b.json",
        "ppc_profile4.json", "ppc_profile4a.json",
        // Values of charts, pools of CPU-Pooler, and the bare configuration of a device plugin.
        "cnf-testbed_3c2n-csc-values.yaml", "edgeapps_du-dev-values.yaml",
        "towards5gs_free5gc-upf-values.yaml", "cpupooler_multiThreadExclusive.yaml",
        "cpupooler_testpoolconfig2.yaml", "rte_sriovdp-config.json",
    ]

    private struct File {
        var name: String
        var objects: KubernetesObjects
        var workloads: KubernetesWorkloads
    }

    private func files() throws -> [(name: String, bytes: [UInt8])] {
        let base = try #require(SharedFolder.url).appending(path: "data/k8s")
        var files: [(name: String, bytes: [UInt8])] = []
        for folder in try FileManager.default.contentsOfDirectory(atPath: base.path).sorted() {
            let url = base.appending(path: folder)
            for name in try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() {
                files.append((name, Array(try Data(contentsOf: url.appending(path: name)))))
            }
        }
        return files
    }

    private func read(_ name: String, _ bytes: [UInt8]) throws(InputError) -> File {
        let objects = try readKubernetesObjects(bytes, file: name, templates: .tolerated)
        return File(
            name: name, objects: objects, workloads: try readKubernetesWorkloads([objects]))
    }

    @Test func `every file is read, or refused with one error that says why`() throws {
        var counts: [String: Int] = [:]
        var refused: Set<String> = []
        let files = try files()
        for (name, bytes) in files {
            do throws(InputError) {
                let file = try read(name, bytes)
                for (kind, count) in file.objects.countsByKind { counts[kind, default: 0] += count }
                checkThatNothingIsLost(file)
            } catch {
                refused.insert(name)
                #expect(error.diagnostics.count == 1, "\(name)")
                #expect(error.diagnostics.allSatisfy { $0.line > 0 && $0.hint != nil }, "\(name)")
            }
        }
        print("Kubernetes files: \(files.count - refused.count) of \(files.count) hold objects")
        print(counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
        #expect(refused == Self.notObjects)
        // The documents of the folder by their `kind:`, one of them in an AdmissionReview.
        let wanted = [
            "Pod": 32, "Deployment": 8, "DeploymentConfig": 1, "DaemonSet": 1, "Job": 1,
            "ConfigMap": 8, "Namespace": 1, "Node": 7, "NodeResourceTopology": 4,
            "PerformanceProfile": 18, "ResourceClaim": 3, "DanmNet": 3,
        ]
        for (kind, count) in wanted { #expect(counts[kind] == count, "\(kind)") }
    }

    /// Every object is a workload, or a note says what became of it.
    private func checkThatNothingIsLost(_ file: File) {
        for object in file.objects.objects {
            let isTold = file.workloads.report.notes.contains { note in
                note.subject == object.title || note.subject == "1 \(object.kind)"
                    || note.subject.hasSuffix(" of kind \(object.kind)")
            }
            #expect(isTold, "\(file.name): \(object.title)")
        }
    }

    @Test func `requests and limits of every container are those of the table`() throws {
        let table = String(
            decoding: try SharedFolder.contents("data/stats/pod-container-resources.tsv"),
            as: UTF8.self)
        var files: [String: File] = [:]
        for (name, bytes) in try self.files() {
            if let file = try? read(name, bytes) { files[name] = file }
        }
        var (rows, equal) = (0, 0)
        for line in table.split(separator: "\n").dropFirst() {
            let columns = line.split(separator: "\t").map(String.init)
            // The table's maker could not read the file with tabs; its pod is checked below.
            guard columns.count == 4, let file = files[columns[0]],
                let limitsAt = columns[3].firstRange(of: " lim ")
            else { continue }
            rows += 1
            let requests = try amounts(
                String(columns[3][..<limitsAt.lowerBound].dropFirst(4)), file)
            let limits = try amounts(String(columns[3][limitsAt.upperBound...]), file)
            // A limit without a request becomes the request.
            let wanted = limits.merging(requests) { $1 }
            let containers = file.workloads.workloads.flatMap(\.shape.containers)
            let fitting = containers.contains { container in
                container.name == columns[2]
                    && dictionary(container.resources.requests) == wanted
                    && dictionary(container.resources.limits) == limits
            }
            if fitting { equal += 1 }
            #expect(fitting, "\(line)")
        }
        print("containers of the table: \(equal) of \(rows) equal")
        #expect(rows == 53 && equal == rows)
    }

    /// Amounts by resource name, from an object of quantities.
    private func amounts(_ text: String, _ file: File) throws -> [String: Int64] {
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        var amounts: [String: Int64] = [:]
        for (name, value) in json {
            let quantity = try Quantity("\(value)")
            let amount = name == "cpu" ? quantity.milliValue : quantity.value
            let index = try #require(file.workloads.resources.index(of: name))
            amounts["\(index)"] = amount
        }
        return amounts
    }

    private func dictionary(_ amounts: [ResourceAmount]) -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: amounts.map { ("\($0.resource)", $0.amount) })
    }

    @Test func `an AdmissionReview with tabs gives its pod`() throws {
        let name = "cpupooler_pod-spec-both-pool-types-req.json"
        let file = try read(
            name, Array(try SharedFolder.contents("data/k8s/pods/\(name)")))
        #expect(file.objects.objects.map(\.kind) == ["Pod"])
        #expect(file.workloads.workloads.count == 1)
        #expect(!file.workloads.workloads[0].shape.containers.isEmpty)
    }

    @Test func `quality of service follows from all containers`() throws {
        var classes: [String: Set<QoSClass>] = [:]
        for (name, bytes) in try files() {
            guard let file = try? read(name, bytes) else { continue }
            classes[name] = Set(file.workloads.workloads.map(\.shape.qos))
        }
        // An init container without resources; huge pages without cpu; requests alone.
        for name in [
            "omec_upf-k8s.yaml", "edgeapps_flexran-5g-du.yaml", "edgeapps_xran-du.yaml",
            "edgeapps_xran-ru.yaml", "sriovdp_pod_testpmd.yaml",
        ] {
            #expect(classes[name] == [.burstable], "\(name)")
        }
        for (name, found) in classes where name.hasPrefix("edgeapps_") {
            #expect(!found.contains(.guaranteed), "\(name)")
        }
        #expect(classes["nrop_pods.testgroup.yaml"] == [.guaranteed])
    }

    @Test func `a template is refused unless it is to be tolerated`() throws {
        let bytes = Array(
            try SharedFolder.contents("data/k8s/pods/cek_flexran_timer_spr.yaml.j2"))
        let error = try #require(throws: InputError.self) {
            try readKubernetesObjects(bytes, file: "du.yaml.j2")
        }
        #expect(error.diagnostics.first?.hint?.contains("template") == true)
        let objects = try readKubernetesObjects(bytes, file: "du.yaml.j2", templates: .tolerated)
        #expect(objects.objects.map(\.namespace) == ["template"])
        #expect(objects.report.count(of: .guessed) == 1)
    }
}
