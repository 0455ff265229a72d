import Foundation
import TestSupport
import Testing

/// `topsim import` on real files of the shared folder: what is imported runs, and nothing is left out unawares.
@Suite(.enabled(if: SharedFolder.isPresent)) struct ImportSharedFolderTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        /// Kind, files under `data`, and options.
        var line: String
        /// What the first lines of the summary say.
        var contents: String
        var counts: String

        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "a host by its sysfs", line: "machine hw/must-gather/nto_bm_worker1.sysinfo.tgz",
            contents: "1 node in 1 group, an example pod",
            counts: "taken 2, guessed 3, dropped 4"),
        Case(
            name: "a host with its Node",
            line:
                "cluster hw/hwloc-xml-derived/nto_bm_master.xml k8s/nodes/nto_bm_master.node.yaml",
            contents: "1 node in 1 group, an example pod",
            counts: "taken 3, guessed 2, dropped 2"),
        Case(
            name: "two hosts, two roles",
            line:
                "cluster k8s/nodes/nto_bm_master.node.yaml k8s/nodes/nto_bm_worker1.node.yaml hw/machineinfo/nto_bm_worker1.machineinfo.json k8s/kubelet/nto_default_kubeletconfig.yaml",
            contents: "2 nodes in 2 groups, an example pod",
            counts: "taken 6, guessed 11, dropped 4"),
        Case(
            name: "a manifest", line: "manifests k8s/pods/nrop_pods.testgroup.yaml",
            contents: "1 node in 1 group, 3 workloads in 1 manifest",
            counts: "taken 3, guessed 1, dropped 0"),
        Case(
            name: "a UPF with its networks", line: "auto k8s/pods/omec_upf-k8s.yaml --nodes 2",
            contents: "2 nodes in 1 group, 1 workload in 1 manifest",
            counts: "taken 3, guessed 1, dropped 1"),
        Case(
            name: "SimKube",
            line: "trace traces/k8s-events/simkube_trace.json --machine 2s1n8c2t --nodes 3",
            contents: "3 nodes in 1 group, 1 recording", counts: "taken 2, guessed 1, dropped 0"),
        Case(
            name: "SWF",
            line: "trace traces/swf/accasim_workload.swf --machine 2s1n16c2t --nodes 3",
            contents: "3 nodes in 1 group, 1 recording", counts: "taken 2, guessed 1, dropped 0"),
        Case(
            name: "Huawei VMs on their machines",
            line:
                "trace traces/huawei-topology-vm/VM_data_C1.csv traces/huawei-topology-vm/PM_res.csv",
            contents: "1 list of nodes, 1 recording", counts: "taken 2, guessed 1, dropped 0"),
    ]

    @Test(arguments: cases)
    func `what is imported runs, and the report counts the same`(one: Case) throws {
        let folder = try ScratchFolder()
        let data = try #require(SharedFolder.url).appending(path: "data").path
        let words = one.line.split(separator: " ").map { word in
            word.contains("/") ? "'\(data)/\(word)'" : String(word)
        }
        let done = try RunTopsim.run(
            shell: "topsim import \(words.joined(separator: " ")) -o out", in: folder)
        #expect(done.exitCode == 0, "\(done.standardError)")
        #expect(done.standardOutput.hasPrefix("out: \(one.contents)"), "\(done.standardOutput)")
        #expect(done.standardOutput.contains(one.counts), "\(done.standardOutput)")
        let ran = try RunTopsim.run(
            shell: "topsim validate out/scenario.yaml && exec topsim run out/scenario.yaml "
                + "--set 'until=2m' --record summary", in: folder)
        #expect(ran.exitCode == 0, "\(ran.standardError)")
    }

    @Test(arguments: ["nto_bm_worker1", "nto_bm_master"])
    func `four sources of a host agree but for what is known`(host: String) throws {
        let folder = try ScratchFolder()
        let data = try #require(SharedFolder.url).appending(path: "data").path
        let check = try RunTopsim.run(
            shell: """
                exec topsim import machine --check '\(data)/hw/must-gather/\(host).sysinfo.tgz' \
                '\(data)/hw/machineinfo/\(host).machineinfo.json' \
                '\(data)/hw/hwloc-xml-derived/\(host).xml' '\(data)/k8s/nodes/\(host).node.yaml'
                """, in: folder)
        // hwloc was not told where the devices are; a kernel finds some pages more or fewer at each boot.
        let differences = check.standardOutput.split(separator: "\n")
            .filter { $0.hasPrefix("differs: ") }
        #expect(
            differences.allSatisfy {
                $0.hasPrefix("differs: memory: ") || $0.hasPrefix("differs: PCI device ")
            }, "\(check.standardOutput)")
        #expect(check.exitCode == (differences.isEmpty ? 0 : 1))
        #expect(check.standardOutput.contains("4 sources: \(host).sysinfo.tgz"))
    }
}
