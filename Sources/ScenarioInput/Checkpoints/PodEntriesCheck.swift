import NodeManagers

/// A checkpoint that holds pods' entries when a kubelet with the gate PodLevelResourceManagers wrote it.
protocol CheckpointWithPodEntries {
    associatedtype PodEntry
    /// Nil as a kubelet without the gate writes it.
    var podEntries: [String: PodEntry]? { get set }
    var checksum: UInt32 { get }
}

extension CPUManagerCheckpoint: CheckpointWithPodEntries {}
extension MemoryManagerCheckpoint: CheckpointWithPodEntries {}

extension CheckpointWithPodEntries {
    /// Holds the checksum that a file says against its content, read by a kubelet whose gate is `gate` (nil: either).
    ///
    /// - Throws: `InputError` with `refusal` when they differ.
    mutating func check(
        _ written: UInt64, gate: Bool?, at root: SourceNode, _ refusal: String
    ) throws(InputError) {
        guard written != UInt64(checksum) else { return }
        let found = checksum
        if podEntries?.isEmpty ?? true {
            // Written without the gate, which a kubelet with it takes over; 0 is a file of the oldest kind, which
            // had no checksum.
            podEntries = nil
            let isOld = written == 0 || written == UInt64(checksum)
            if gate == true { podEntries = [:] }
            if isOld { return }
        }
        throw CheckpointReader.corrupted(root, refusal, written, found)
    }
}
