import HardwareModel
import NodeManagers
import Primitives
import Testing
import WorkloadModel

/// Kubelets that do not start on the files that another kubelet left, and what they say.
@Suite struct CheckpointRefusalTests {
    private static let resources = ResourceTable()

    private static func model(
        _ change: (inout KubeletSettings) -> Void = { _ in }
    ) throws -> NodeModel {
        var settings = StartErrorTests.settings()
        change(&settings)
        return try NodeModel(
            machine: StartErrorTests.machine(numaNodes: 2), settings: settings, devices: [],
            resources: resources)
    }

    /// A pod of two CPUs and 1 GiB.
    private static var pod: PodShape {
        let amounts = [
            ResourceAmount(ResourceTable.cpu, 2000), ResourceAmount(ResourceTable.memory, 1 << 30),
        ]
        return PodShape(
            qos: .guaranteed,
            containers: [
                ContainerShape(
                    name: "main", kind: .app,
                    resources: ContainerResources(requests: amounts, limits: amounts))
            ])
    }

    /// What a kubelet with `next`'s settings says when it starts on `files`; nil when it starts.
    private static func answer(
        of next: NodeModel, to files: KubeletCheckpoints, pods: Bool = true
    ) throws -> String? {
        let known = KnownPod(index: PodIndex(0), uid: "uid", shape: pod, isStarted: true)
        var read = try next.restore(files, pods: pods ? [known] : [])
        do throws(KubeletStartError) {
            _ = try next.restart(
                from: read.basis, plugins: .before, podUID: { _ in "uid" }, in: &read.state)
            return nil
        } catch {
            #expect(error.stage == .start)
            return error.message
        }
    }

    private static func refuses(_ model: NodeModel, _ files: KubeletCheckpoints) -> Bool {
        do { return try answer(of: model, to: files) != nil } catch { return true }
    }

    /// The files of a node with one pod, and what a kubelet with other settings says in memory.
    private static func files() throws -> (NodeModel, NodeState, KubeletCheckpoints) {
        let model = try model()
        var state = model.makeRestartableState()
        let outcome = model.admit(PodIndex(0), model.prepare(pod), in: &state)
        guard case .admitted = outcome else {
            Issue.record("the pod was refused: \(outcome)")
            return (model, state, KubeletCheckpoints())
        }
        return (model, state, model.checkpoints(of: state, podUID: { _ in "uid" }))
    }

    private static let cpuPrefix =
        "start cpu manager error: could not restore state from checkpoint: "
    private static let cpuSuffix =
        ", please drain this node and delete the CPU manager checkpoint file"
        + " \"/var/lib/kubelet/cpu_manager_state\" before restarting Kubelet"
    private static let memoryPrefix =
        "start memory manager error: could not restore state from checkpoint: "
    private static let memorySuffix =
        ", please drain this node and delete the memory manager checkpoint file"
        + " \"/var/lib/kubelet/memory_manager_state\" before restarting Kubelet"

    struct Change: Sendable {
        var message: String
        var apply: @Sendable (inout KubeletSettings) -> Void
    }

    @Test(arguments: [
        Change(
            message: cpuPrefix
                + "configured policy \"none\" differs from state checkpoint policy \"static\""
                + cpuSuffix
        ) { $0.cpuManagerPolicy = "none" },
        Change(
            message: memoryPrefix + "[memorymanager] configured policy \"None\" differs from state"
                + " checkpoint policy \"Static\"" + memorySuffix
        ) {
            $0.memoryManagerPolicy = "None"
            $0.reservedMemory = []
        },
        Change(
            message: "start memory manager error: [memorymanager] the expected machine state is"
                + " different from the real one"
        ) {
            $0.kubeReserved["memory"] = 2 << 30
            $0.reservedMemory = [
                ReservedMemory(numaNode: 0, limits: ["memory": 2 << 30 + 100 << 20])
            ]
        },
        Change(
            message: "start cpu manager error: some of strictly reserved cpus: \"0\" are present in"
                + " defaultCpuSet: \"0-1,4-7\""
        ) { $0.cpuManagerPolicyOptions = ["strict-cpu-reservation": "true"] },
        Change(
            message: "start cpu manager error: not all reserved cpus: \"3\" are present in"
                + " defaultCpuSet: \"0-1,4-7\""
        ) { $0.reservedSystemCPUs = [3] },
    ])
    func `other settings get the same answer from the files as from memory`(
        _ change: Change
    ) throws {
        let (model, state, files) = try CheckpointRefusalTests.files()
        let next = try CheckpointRefusalTests.model(change.apply)
        #expect(try CheckpointRefusalTests.answer(of: next, to: files) == change.message)
        var copy = state
        let error = #expect(throws: KubeletStartError.self) {
            try next.restart(
                from: model, plugins: .before, podUID: { _ in "uid" }, in: &copy)
        }
        #expect(error?.message == change.message)
    }

    @Test
    func `once the file is deleted, a kubelet with another policy starts`() throws {
        var (_, _, files) = try CheckpointRefusalTests.files()
        files.cpu = nil
        let next = try CheckpointRefusalTests.model { $0.cpuManagerPolicy = "none" }
        #expect(try CheckpointRefusalTests.answer(of: next, to: files) == nil)
        let same = try CheckpointRefusalTests.model()
        #expect(try CheckpointRefusalTests.answer(of: same, to: KubeletCheckpoints()) == nil)
    }

    @Test
    func `a file with pod entries is corrupt to a kubelet without the gate`() throws {
        var (model, _, files) = try CheckpointRefusalTests.files()
        files.cpu?.podEntries = [:]
        #expect(
            try CheckpointRefusalTests.answer(of: model, to: files)
                == CheckpointRefusalTests.cpuPrefix + "checkpoint is corrupted"
                + CheckpointRefusalTests.cpuSuffix)
        files.cpu?.podEntries = nil
        files.memory?.podEntries = [:]
        #expect(
            try CheckpointRefusalTests.answer(of: model, to: files)
                == CheckpointRefusalTests.memoryPrefix + "checkpoint is corrupted"
                + CheckpointRefusalTests.memorySuffix)
    }

    @Test
    func `files that no kubelet of this machine wrote are refused, and none of them crashes`()
        throws
    {
        let (model, _, files) = try CheckpointRefusalTests.files()
        var other = files
        other.memory?.machineState[7] = files.memory?.machineState[1]
        #expect(
            try CheckpointRefusalTests.answer(of: model, to: other)
                == "start memory manager error: [memorymanager] the expected machine state is"
                + " different from the real one")
        other = files
        other.memory?.machineState = [:]
        #expect(
            try CheckpointRefusalTests.answer(of: model, to: other)
                == "start memory manager error: [memorymanager] machine state can not be empty when"
                + " it has memory assignments")
        other = files
        other.cpu?.defaultCPUSet = ""
        #expect(
            try CheckpointRefusalTests.answer(of: model, to: other)
                == "start cpu manager error: default cpuset cannot be empty")
        other = files
        other.cpu?.defaultCPUSet = "0-7"
        #expect(
            try CheckpointRefusalTests.answer(of: model, to: other)
                == "start cpu manager error: pod: uid, container: main cpuset: \"2-3\" overlaps with"
                + " default cpuset \"0-7\"")
        // Numbers at the ends of their range.
        for size in [UInt64.max, 1 << 63, 1 << 60, 0] {
            other = files
            other.memory?.entries["uid"] = [
                "main": [
                    MemoryManagerCheckpoint.Block(
                        numaAffinity: [0], type: "memory", size: size)
                ]
            ]
            #expect(CheckpointRefusalTests.refuses(model, other), "\(size)")
            other = files
            other.memory?.machineState[0]?.memoryMap["memory"]?.free = size
            #expect(CheckpointRefusalTests.refuses(model, other), "\(size)")
        }
        other = files
        other.cpu?.entries["uid"] = ["main": "1000"]
        #expect(CheckpointRefusalTests.refuses(model, other))
    }
}
