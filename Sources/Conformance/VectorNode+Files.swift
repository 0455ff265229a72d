import NodeManagers
import ScenarioInput

extension VectorNode {
    /// The node as the kubelet of `next` reads it from the checkpoint files that this node's kubelet leaves.
    ///
    /// Files go through their texts, and what is read is written again and compared byte for byte.
    func readBack(for next: NodeModel) throws(VectorStop) -> RestoredNode {
        let files = model.checkpoints(of: state, podUID: uid)
        let gate = model.gates.podLevelResourceManagers
        var read = KubeletCheckpoints()
        do throws(InputError) {
            if let cpu = files.cpu {
                let copy = try CPUManagerCheckpoint(
                    reading: cpu.text.utf8, file: "cpu_manager_state",
                    podLevelResourceManagers: gate)
                try same(copy, cpu)
                try same(copy.text, cpu.text)
                read.cpu = copy
            }
            if let memory = files.memory {
                let copy = try MemoryManagerCheckpoint(
                    reading: memory.text.utf8, file: "memory_manager_state",
                    podLevelResourceManagers: gate)
                try same(copy, memory)
                try same(copy.text, memory.text)
                read.memory = copy
            }
            if let devices = files.devices {
                let copy = try DeviceManagerCheckpoint(
                    reading: devices.text.utf8, file: "kubelet_internal_checkpoint")
                try same(copy, devices)
                try same(copy.text, devices.text)
                read.devices = copy
            }
        } catch {
            throw .mismatch(
                what: "files read back", expected: "the content written",
                got: error.diagnostics.map(\.message).joined(separator: "; "))
        }
        let pods = state.podIndices.map { pod in
            let position = state.pods.position(of: pod)!
            return KnownPod(
                index: pod, uid: uid(pod), shape: state.pods[position].prepared.shape,
                isStarted: state.pods[position].isStarted)
        }
        do throws(KubeletStartError) {
            return try next.restore(read, pods: pods) { resource, device in
                isHealthyAsPluginsSay(resource, device)
            }
        } catch {
            throw .mismatch(what: "files restored", expected: "a state", got: error.message)
        }
    }

    private func same<Value: Equatable>(_ read: Value, _ written: Value) throws(InputError) {
        guard read != written else { return }
        throw InputError([Diagnostic(file: "-", message: "\(read) is not \(written)")])
    }

    private func isHealthyAsPluginsSay(_ resource: String, _ device: String) -> Bool {
        for kind in model.deviceManager.catalog.kinds where kind.name == resource {
            guard let index = kind.ids.firstIndex(of: device),
                let health = state.deviceCheckpoint?.pluginHealth
            else { return false }
            return health[kind.words.lowerBound + index / 64] >> UInt64(index % 64) & 1 != 0
        }
        return false
    }
}
