/// What a starting kubelet learns of its predecessor from the files, beside the entries.
package struct CheckpointBasis: Sendable {
    package var cpuPolicyName: String
    package var memoryPolicyName: String
    /// By NUMA node and type, as `MemoryManagerPolicy.totals`; empty where the file is of another machine.
    package var memoryTotals: [MemoryTotals]
    /// Why the CPU Manager's file is of no use, in the kubelet's words; said when it starts.
    package var cpuRefusal: String?
    package var memoryRefusal: String?

    package init(_ model: NodeModel) {
        cpuPolicyName = model.cpuPolicyName
        memoryPolicyName = model.memoryPolicyName
        memoryTotals = model.memoryPolicy.totals
    }
}

/// What the kubelet says of a checkpoint file that it cannot use, each for one file.
package enum CheckpointRefusal {
    /// (cm/cpumanager/state/state_checkpoint.go, NewCheckpointState)
    package static func cpu(_ reason: String) -> String {
        "could not restore state from checkpoint: \(reason), please drain this node and delete the"
            + " CPU manager checkpoint file \"/var/lib/kubelet/cpu_manager_state\" before"
            + " restarting Kubelet"
    }

    /// (cm/memorymanager/state/state_checkpoint.go, NewCheckpointState)
    package static func memory(_ reason: String) -> String {
        "could not restore state from checkpoint: \(reason), please drain this node and delete the"
            + " memory manager checkpoint file \"/var/lib/kubelet/memory_manager_state\" before"
            + " restarting Kubelet"
    }

    /// The checksum is not that of the content. (checkpointmanager/errors)
    package static let corrupted = "checkpoint is corrupted"
}
