import ClusterScheduler
import Primitives
import Testing

@Suite struct GPUShareSchedulerTests {
    static let policies = GPUSharePolicyRegistry.all.map { $0.name }

    private func randomCluster(_ random: inout RandomStream) -> [GPUShareNodes.Capacity] {
        (0..<Int(2 + random.below(40))).map { _ in
            GPUShareNodes.Capacity(
                milliCPU: Int64(8 + random.below(120)) * 1000,
                memory: Int64(16 + random.below(500)) << 30,
                gpuCount: [0, 1, 2, 4, 8][Int(random.below(5))],
                model: UInt8(random.below(3)), pods: Int32(3 + random.below(20)))
        }
    }

    private func randomRequest(_ random: inout RandomStream) -> GPUShareRequest {
        let count = [0, 1, 1, 1, 1, 2, 4, 8][Int(random.below(8))]
        let milli = count == 1 ? [1000, 500, 250, 460, 810][Int(random.below(5))] : 1000
        return GPUShareRequest(
            milliCPU: Int64(1 + random.below(16)) * 500, memory: Int64(random.below(64)) << 30,
            gpuCount: count, gpuMilli: milli,
            models: random.below(4) == 0 ? 1 + random.below(7) : 0)
    }

    @Test(arguments: policies.filter { $0 != "Random" }, 0..<20 as Range<UInt64>)
    func `remembered scores choose as scoring every node does`(_ name: String, seed: UInt64)
        throws
    {
        var random = RandomStream(seed: seed, name: "gpu-share-test")
        let requests = (0..<30).map { _ in randomRequest(&random) }
        var scheduler = GPUShareScheduler(
            nodes: GPUShareNodes(randomCluster(&random)),
            policy: try #require(GPUSharePolicyRegistry.policy(named: name)),
            fragmentation: GPUFragmentation(pods: requests), seed: seed)
        var placed: [(GPUShareRequest, GPUShareScheduler.Placement)] = []
        for _ in 0..<300 {
            if !placed.isEmpty, random.below(4) == 0 {
                let (request, placement) = placed.remove(
                    at: Int(random.below(UInt64(placed.count))))
                scheduler.remove(request, placement)
            }
            let request = requests[Int(random.below(UInt64(requests.count)))]
            let expected = scheduler.placementByFullScan(request)
            let placement = scheduler.place(request)
            #expect(placement == expected)
            if let placement { placed.append((request, placement)) }
        }
        #expect(!placed.isEmpty)
    }

    /// What is taken and given back adds up, and no GPU is used past its thousandths.
    @Test(arguments: policies, 0..<10 as Range<UInt64>)
    func `no GPU is shared out beyond what it has`(_ name: String, seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "gpu-share-laws")
        let capacities = randomCluster(&random)
        let requests = (0..<20).map { _ in randomRequest(&random) }
        var scheduler = GPUShareScheduler(
            nodes: GPUShareNodes(capacities),
            policy: try #require(GPUSharePolicyRegistry.policy(named: name)),
            fragmentation: GPUFragmentation(pods: requests), seed: seed)
        var placed: [(GPUShareRequest, GPUShareScheduler.Placement)] = []
        for _ in 0..<400 {
            let request = requests[Int(random.below(UInt64(requests.count)))]
            if let placement = scheduler.place(request) {
                #expect(placement.gpus.nonzeroBitCount == request.gpuCount)
                #expect(
                    request.gpuCount == 0
                        || request.accepts(model: capacities[placement.node].model))
                placed.append((request, placement))
            }
        }
        for (node, capacity) in capacities.enumerated() {
            var left = Array(repeating: 1000, count: capacity.gpuCount)
            for (request, placement) in placed where placement.node == node {
                for gpu in 0..<64 where placement.gpus >> UInt64(gpu) & 1 != 0 {
                    left[gpu] -= request.gpuMilli
                }
            }
            for (gpu, rest) in left.enumerated() {
                #expect(rest >= 0)
                #expect(scheduler.nodes.left(node, gpu: gpu) == rest)
            }
        }
        for (request, placement) in placed { scheduler.remove(request, placement) }
        for (node, capacity) in capacities.enumerated() {
            #expect(scheduler.nodes.gpuTotalLeft[node] == capacity.gpuCount * 1000)
            #expect(scheduler.nodes.milliCPULeft[node] == capacity.milliCPU)
            #expect(scheduler.nodes.memoryLeft[node] == capacity.memory)
        }
    }

    @Test func `idle GPU is split among its seven cases and nothing is lost`() {
        var random = RandomStream(seed: 7, name: "fragmentation")
        let fragmentation = GPUFragmentation(
            pods: (0..<200).map { _ in randomRequest(&random) })
        let nodes = GPUShareNodes(randomCluster(&random))
        for node in 0..<nodes.count {
            let idle = fragmentation.amounts(of: node, in: nodes).idle
            #expect(abs(idle - Double(nodes.gpuTotalLeft[node])) < 1e-6)
        }
    }

    /// A node with one free GPU, and pods that want two: all of it is a fragment. Worked out by hand.
    @Test func `a single GPU is a fragment to pods that want two`() {
        let pair = GPUShareRequest(milliCPU: 1000, memory: 0, gpuCount: 2, gpuMilli: 1000)
        let half = GPUShareRequest(milliCPU: 1000, memory: 0, gpuCount: 1, gpuMilli: 500)
        let fragmentation = GPUFragmentation(pods: [pair, half])
        let nodes = GPUShareNodes([
            GPUShareNodes.Capacity(
                milliCPU: 64_000, memory: 1 << 40, gpuCount: 1, model: 0, pods: 10)
        ])
        let amounts = fragmentation.amounts(of: 0, in: nodes)
        #expect(amounts.lacksGPU == 500)
        #expect(amounts.usable == 500)
        #expect(amounts.fragment == 500)
    }
}
