import ClusterSimulation
import Foundation
import Primitives
import Records
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

@Suite struct `VMs with a NUMA count` {
    static let header = "flavor_vcpus,flavor_ram,numa,strategy,group,domain\n"

    static func scenario(vms: String, machines: String, racks: String? = nil) -> String {
        """
        apiVersion: topsim/v1
        kind: Scenario
        nodes:
          pm:
            trace: {format: huawei-machines, file: \(machines)\(racks.map { ", racks: \($0)" } ?? "")}
            kubelet:
              cpuManagerPolicy: static
              reservedSystemCPUs: "0"
              memoryManagerPolicy: Static
              topologyManagerPolicy: single-numa-node
              topologyManagerScope: container
              reservedMemory: [{numaNode: 0, limits: {memory: 100Mi}}]
              maxPods: 1000
        scheduler:
          # A VM that fits nowhere is not tried again: none ever ends.
          podInitialBackoffSeconds: 3600
          podMaxBackoffSeconds: 3600
          percentageOfNodesToScore: 1
          profiles:
            - pluginConfig:
                - name: NodeResourceTopologyMatch
                  args: {cacheResyncPeriodSeconds: 1}
        topologyExporter: {period: 5s, latency: 0s}
        until: 2m
        workload:
          vms: {trace: {format: huawei-vms, file: \(vms), every: 10ms}}
        """
    }

    /// NUMA nodes whose CPUs and memory each placed VM holds.
    static func counts(_ placement: PlacementRecord) -> (cpu: Int, memory: Int) {
        var cpus: UInt64 = 0
        var memory: UInt64 = 0
        for container in placement.containers {
            cpus |= container.cpuNUMANodes.mask
            for block in container.memory { memory |= block.numaNodes.mask }
        }
        return (cpus.nonzeroBitCount, memory.nonzeroBitCount)
    }

    @Test func `a line is a Guaranteed pod, of two halves when it spans two NUMA nodes`() throws {
        let trace = try ReadTrace(
            "huawei-vms",
            text: Self.header + """
                8,32,1,,,
                32,64,2,fault_domain,4,2
                4,8,1,affinity,0,
                4,8,1,anti-affinity,0,
                """, ["every": "10s"])
        #expect(trace.records.map { $0.arrival.nanoseconds / 1_000_000_000 } == [0, 10, 20, 30])
        #expect(trace.records.allSatisfy { $0.lifetime == nil })
        #expect(trace.records.map(trace.cpu) == [8000, 32_000, 4000, 4000])
        #expect(trace.records.map(trace.memory) == [32 << 30, 64 << 30, 8 << 30, 8 << 30])
        #expect(
            trace.records.map { trace.shape($0).qos }
                == [QoSClass](repeating: .guaranteed, count: 4))
        let large = trace.shape(trace.records[1])
        #expect(
            large.containers.map { $0.resources.request(ResourceTable.cpu) } == [16_000, 16_000])
        let first = try #require(trace.resources.index(of: "topsim.dev/numa-0"))
        let second = try #require(trace.resources.index(of: "topsim.dev/numa-1"))
        #expect(large.containers[0].resources.request(first) == 1)
        #expect(large.containers[1].resources.request(second) == 1)
        #expect(large.nodeSelector == [Label(key: "topsim.dev/fault-domain", value: "2")])
        #expect(
            trace.records.map(\.group) == ["", "fault-domain-4", "affinity-0", "anti-affinity-0"])
        #expect(trace.shape(trace.records[2]).placement?.podAffinity.required.count == 1)
        #expect(trace.shape(trace.records[3]).placement?.podAntiAffinity.required.count == 1)
    }

    @Test func `each VM has its NUMA count, whatever is free elsewhere`() throws {
        let folder = try TemporaryFolder(texts: [
            "pm.csv": "CPU1,RAM1,CPU2,RAM2\n16,64,8,32\n24,64,0,0\n",
            // Two halves of 4 would fit one NUMA node; the third large one fits nowhere.
            "vms.csv": Self.header + "8,16,2,,,\n4,8,2,,,\n8,16,2,,,\n12,8,1,,,\n12,8,1,,,\n",
        ])
        let result = try run(
            Self.scenario(vms: "vms.csv", machines: "pm.csv"), folder: folder.url, placements: true)
        #expect(result.scenario.nodeGroups.map(\.count) == [1, 1])
        let byPod = Dictionary(
            uniqueKeysWithValues: result.keeper.placements.map { ($0.pod.position, $0) })
        let counts = (0..<5).map { byPod[$0].map(Self.counts) }
        #expect(counts.map { $0?.cpu } == [2, 2, nil, 1, 1])
        #expect(counts.map { $0?.memory } == [2, 2, nil, 1, 1])
    }

    @Test(.enabled(if: SharedFolder.isPresent), arguments: ["C1", "C2", "C3"])
    func `the recorded sequences are read, and agree with their statistics`(
        _ name: String
    ) throws {
        let folder = try #require(SharedFolder.url).appending(
            path: "data/traces/huawei-topology-vm")
        let trace = try ReadTrace("huawei-vms", file: folder.appending(path: "VM_data_\(name).csv"))
        let statistics = try Statistics(["huawei_\(name)"])
        #expect(trace.records.count == statistics.integer("rows"))
        let halves = trace.records.map { trace.shape($0).containers.count }
        for (numa, count) in statistics.pairs("numa") {
            #expect(halves.count { $0 == Int(numa) } == count)
        }
        let groups = trace.records.map(\.group)
        for (strategy, count) in statistics.pairs("strategy") {
            let word = strategy.replacing("_", with: "-")
            let own = groups.count {
                word.isEmpty ? $0.isEmpty : $0.hasPrefix("\(word)-") && !$0.isEmpty
            }
            #expect(own == count, "\(strategy)")
        }
        #expect(Set(groups.filter { !$0.isEmpty }).count == statistics.integer("groups"))
        for (flavour, count) in statistics.pairs("flavours(vcpu,ram,numa)") {
            let own = trace.records.count {
                "\(trace.cpu($0) / 1000)/\(trace.memory($0) >> 30)/\(trace.shape($0).containers.count)"
                    == flavour
            }
            #expect(own == count, "\(flavour)")
        }
        for (domain, count) in statistics.pairs("domains") {
            let own = trace.records.count {
                trace.shape($0).nodeSelector.first?.value ?? "" == domain
            }
            #expect(own == count, "\(domain)")
        }
    }

    /// A cluster of 1,710 nodes takes many minutes without optimisation.
    #if DEBUG
        static let isOptimised = false
    #else
        static let isOptimised = true
    #endif

    @Test(.enabled(if: SharedFolder.isPresent && isOptimised), arguments: ["C1", "C2", "C3"])
    func `every placed VM of the recorded sequences has exactly its NUMA count`(
        _ name: String
    ) throws {
        let folder = try #require(SharedFolder.url).appending(
            path: "data/traces/huawei-topology-vm")
        let result = try run(
            Self.scenario(
                vms: "VM_data_\(name).csv", machines: "PM_res.csv", racks: "topology_provider.csv"),
            folder: folder, placements: true)
        #expect(result.scenario.nodeGroups.reduce(0) { $0 + $1.count } == 1710)
        let trace = try ReadTrace("huawei-vms", file: folder.appending(path: "VM_data_\(name).csv"))
        let wanted = trace.records.map { trace.shape($0).containers.count }
        var names: [Int: Int] = [:]
        for pod in result.keeper.pods {
            names[pod.pod.position] = pod.traceName.flatMap { Int($0.dropFirst(3)) }
        }
        var wrong = 0
        for placement in result.keeper.placements {
            let line = try #require(names[placement.pod.position])
            let counts = Self.counts(placement)
            if counts.cpu != wanted[line] || counts.memory != wanted[line] { wrong += 1 }
        }
        let refused = result.keeper.rejections.count { $0.stage == .admission }
        print(
            "huawei \(name): placed \(result.keeper.placements.count) of \(wanted.count), refused by kubelets \(refused)"
        )
        #expect(wrong == 0)
        #expect(result.keeper.placements.count > wanted.count / 2)
    }
}
