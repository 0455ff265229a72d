import NodeManagers
import Primitives
import Records
import Testing
import WorkloadModel

/// From a node's state to the contents of its checkpoint files and back.
@Suite struct CheckpointRestoreTests {
    private static func uid(_ pod: PodIndex) -> String { "uid-\(pod.rawValue)" }

    private static func knownPods(of state: NodeState) -> [KnownPod] {
        state.podIndices.map { pod in
            let entry = state.pods[state.pods.position(of: pod)!]
            return KnownPod(
                index: pod, uid: uid(pod), shape: entry.prepared.shape,
                isStarted: entry.isStarted)
        }
    }

    private static func restored(_ state: NodeState, by model: NodeModel) throws -> RestoredNode {
        let catalog = model.deviceManager.catalog
        let health = state.deviceCheckpoint?.pluginHealth ?? []
        return try model.restore(
            model.checkpoints(of: state, podUID: uid), pods: knownPods(of: state)
        ) { resource, device in
            for kind in catalog.kinds where kind.name == resource {
                guard let index = kind.ids.firstIndex(of: device) else { return false }
                return health[kind.words.lowerBound + index / 64] >> UInt64(index % 64) & 1 != 0
            }
            return false
        }
    }

    /// What a restart decided, said in a line a pod.
    private static func described(
        _ result: Result<[Readmission], KubeletStartError>
    ) -> [String] {
        switch result {
        case .failure(let error): ["\(error.stage): \(error.message)"]
        case .success(let readmissions):
            readmissions.map {
                "\($0.pod.rawValue) \($0.outcome)"
                    + $0.placements.map { " \($0.cpus) \($0.devices)" }.joined()
            }
        }
    }

    @Test(arguments: 0..<10)
    func `a kubelet that starts on the files goes on as one that starts on the state`(
        _ block: Int
    ) throws {
        var restarts = 0
        for seed in 0..<25 { restarts += try compareRestarts(UInt64(400_000 + block * 25 + seed)) }
        #expect(restarts > 50, "too few restarts to prove anything")
    }

    /// Leads one node through operations and restarts; returns how many of these succeeded.
    private func compareRestarts(_ seed: UInt64) throws -> Int {
        var nodes = RandomNodes(seed: seed)
        let model = nodes.model(gates: ["PodLevelResourceManagers": nodes.chance(50)])
        var state = model.makeRestartableState()
        var restarts = 0
        for step in 0..<40 {
            switch nodes.below(8) {
            case 0:
                let plugins = nodes.pick(PluginReturn.allCases)
                var read = try CheckpointRestoreTests.restored(state, by: model)
                func uid(_ pod: PodIndex) -> String {
                    read.otherUIDs[pod] ?? CheckpointRestoreTests.uid(pod)
                }
                let files = model.checkpoints(of: state, podUID: CheckpointRestoreTests.uid)
                #expect(
                    model.checkpoints(of: read.state, podUID: uid) == files,
                    "seed \(seed), step \(step)")
                let kept = CheckpointRestoreTests.restart(
                    model, from: CheckpointBasis(model), plugins, &state,
                    CheckpointRestoreTests.uid)
                let fromFiles = CheckpointRestoreTests.restart(
                    model, from: read.basis, plugins, &read.state, uid)
                #expect(
                    CheckpointRestoreTests.described(kept)
                        == CheckpointRestoreTests.described(fromFiles),
                    "seed \(seed), step \(step)")
                guard case .success = kept else { return restarts }
                restarts += 1
                #expect(state.key == read.state.key, "seed \(seed), step \(step)")
                let after = model.checkpoints(of: state, podUID: CheckpointRestoreTests.uid)
                let fromRead = model.checkpoints(of: read.state, podUID: uid)
                #expect(after.cpu == fromRead.cpu, "seed \(seed), step \(step)")
                #expect(after.memory == fromRead.memory, "seed \(seed), step \(step)")
                #expect(after.devices == fromRead.devices, "seed \(seed), step \(step)")
                // Both nodes get the next pod, and the one from the files goes on.
                let next = model.prepare(nodes.shape())
                let pod = PodIndex(1000 + step)
                let left = model.admit(pod, next, in: &state)
                let right = model.admit(pod, next, in: &read.state)
                #expect(left == right, "seed \(seed), step \(step)")
                #expect(state.key == read.state.key, "seed \(seed), step \(step)")
                // What only the files knew has been swept, but the device file may name it still.
                if read.otherUIDs.isEmpty { state = read.state }
            case 1, 2:
                if let pod = state.podIndices.randomElement(using: &nodes.random) {
                    model.remove(pod, from: &state)
                }
            case 3:
                let id = nodes.pick(["nic0", "nic1", "nic2"])
                model.setHealth(of: nodes.device, unhealthy: [id], in: &state)
            default:
                let shape = nodes.chance(30) ? nodes.podLevelShape() : nodes.shape()
                _ = model.admit(
                    PodIndex(step), model.prepare(shape), in: &state,
                    starting: nodes.chance(80))
            }
        }
        return restarts
    }

    private static func restart(
        _ model: NodeModel, from basis: CheckpointBasis, _ plugins: PluginReturn,
        _ state: inout NodeState, _ uid: (PodIndex) -> String
    ) -> Result<[Readmission], KubeletStartError> {
        do throws(KubeletStartError) {
            return .success(
                try model.restart(from: basis, plugins: plugins, podUID: uid, in: &state))
        } catch {
            return .failure(error)
        }
    }

    @Test(arguments: Array(1...100) as [UInt64])
    func `pods that only the files know are swept after the start, and leave nothing`(
        _ seed: UInt64
    ) throws {
        var nodes = RandomNodes(seed: seed &+ 500_000)
        let model = nodes.model(gates: ["PodLevelResourceManagers": nodes.chance(50)])
        var state = model.makeRestartableState()
        for step in 0..<6 {
            let shape = nodes.chance(30) ? nodes.podLevelShape() : nodes.shape()
            _ = model.admit(PodIndex(step), model.prepare(shape), in: &state)
        }
        let files = model.checkpoints(of: state, podUID: CheckpointRestoreTests.uid)
        // All pods were deleted while the kubelet was down.
        var read = try model.restore(files, pods: [])
        let known = read.otherUIDs
        #expect(
            model.checkpoints(of: read.state, podUID: { known[$0] ?? "" }) == files,
            "seed \(seed)")
        let result = CheckpointRestoreTests.restart(
            model, from: read.basis, .before, &read.state, { known[$0] ?? "" })
        switch result {
        case .failure(let error):
            // The one trap that may keep the kubelet from starting here.
            #expect(error.message.contains("the expected machine state"), "\(error.message)")
        case .success(let readmissions):
            #expect(readmissions.isEmpty)
            #expect(read.state.podCount == 0)
            if state.upstreamBugCounts == UpstreamBugCounts(),
                read.state.upstreamBugCounts == UpstreamBugCounts()
            {
                #expect(read.state.key == model.makeState().key, "seed \(seed)")
            }
        }
    }

    @Test(arguments: 0..<10)
    func `files with any values start a kubelet or are refused, and its node keeps the laws`(
        _ block: Int
    ) throws {
        var started = 0
        for seed in 0..<40 {
            var nodes = RandomNodes(seed: UInt64(600_000 + block * 40 + seed))
            let model = nodes.model(gates: ["PodLevelResourceManagers": nodes.chance(50)])
            var state = model.makeRestartableState()
            for step in 0..<6 {
                _ = model.admit(PodIndex(step), model.prepare(nodes.shape()), in: &state)
            }
            let pods = CheckpointRestoreTests.knownPods(of: state)
            var files = model.checkpoints(of: state, podUID: CheckpointRestoreTests.uid)
            for _ in 0..<1 + nodes.below(2) { CheckpointRestoreTests.spoil(&files, &nodes) }
            guard var read = try? model.restore(files, pods: pods) else { continue }
            let known = read.otherUIDs
            let result = CheckpointRestoreTests.restart(
                model, from: read.basis, nodes.pick(PluginReturn.allCases), &read.state,
                { known[$0] ?? CheckpointRestoreTests.uid($0) })
            guard case .success = result else { continue }
            started += 1
            for step in 10..<14 {
                _ = model.admit(PodIndex(step), model.prepare(nodes.shape()), in: &read.state)
            }
            for pod in read.state.podIndices { model.remove(pod, from: &read.state) }
            #expect(read.state.podCount == 0)
        }
        #expect(started > 0)
    }

    /// Changes one thing in the files to what no kubelet may have written.
    private static func spoil(_ files: inout KubeletCheckpoints, _ nodes: inout RandomNodes) {
        func number(_ nodes: inout RandomNodes) -> UInt64 {
            switch nodes.below(4) {
            case 0: UInt64.max - UInt64(nodes.below(3))
            case 1: UInt64(1) << UInt64(nodes.below(64))
            case 2: UInt64(nodes.below(1 << 30))
            default: nodes.random.next()
            }
        }
        let uid = files.cpu?.entries.keys.sorted().first ?? "uid-0"
        let node = files.memory?.machineState.keys.sorted().first ?? 0
        switch nodes.below(11) {
        case 0: files.cpu?.defaultCPUSet = nodes.pick(["", "0", "0-1023", "1-0", "x"])
        case 1: files.cpu?.entries[uid, default: [:]]["c0"] = nodes.pick(["", "0-3", "70", "-"])
        case 2: files.cpu?.entries["uid-gone"] = ["c0": "1", "c1": ""]
        case 3: files.cpu?.podEntries?["uid-gone"] = [2, 3]
        case 4: files.memory?.machineState[node]?.memoryMap["memory"]?.free = number(&nodes)
        case 5: files.memory?.machineState[node]?.memoryMap["memory"]?.reserved = number(&nodes)
        case 6:
            files.memory?.machineState[node]?.numberOfAssignments = Int(
                truncatingIfNeeded: number(&nodes))
        case 7:
            files.memory?.machineState[node]?.cells = nodes.pick([[], [99], [-1], [node, node]])
        case 8:
            files.memory?.entries[uid, default: [:]]["c0"] = [
                MemoryManagerCheckpoint.Block(
                    numaAffinity: [node], type: "memory", size: number(&nodes))
            ]
        case 9: files.devices?.registeredDevices["example.com/nic"] = ["nic0", "", "nic999"]
        default:
            files.devices?.podDeviceEntries = [
                DeviceManagerCheckpoint.Entry(
                    podUID: nodes.pick([uid, "uid-gone"]),
                    containerName: nodes.pick(["c0", "c9"]),
                    resourceName: nodes.pick(["example.com/nic", "other.io/x"]),
                    deviceIDs: [Int64(bitPattern: number(&nodes)): ["nic0"]])
            ]
        }
    }
}
