import Primitives
public import Records
public import WorkloadModel

/// Writes what happens in a run to its results file, an SQLite database.
///
/// ```swift
/// let recorder = try ResultsRecorder(to: "run.sqlite", describing: description, level: .pods)
/// // … the simulation pushes records …
/// let results = try recorder.finish(RunEnding(status: .complete, ended: time))
/// print(results.digest)
/// ```
///
/// Records go into flat buffers; full ones are written by a second thread. A sink cannot throw, so what goes wrong
/// meanwhile waits in `failure`, where whoever drives the run looks from time to time. A run that is killed leaves
/// a file that opens and says `running`.
public final class ResultsRecorder: RecordSink {
    public let level: RecordLevel
    private var file: ResultsFile
    private var writer: BulkWriter
    private var rows: RecordRows
    private var shapeCount = 0
    private var isFinished = false
    private var recordsSinceLook = 0
    private var lastHandOver = ContinuousClock.now

    /// Makes the file and writes the run's description to it.
    ///
    /// - Parameter output: Where the results are to be. Older results there stay until the new ones are complete.
    public convenience init(
        to output: String, describing run: RunDescription, level: RecordLevel
    ) throws(ResultsDatabaseError) {
        try self.init(to: output, describing: run, level: level, podsAtOnce: 131_072)
    }

    /// - Parameter podsAtOnce: Pods that are handed over at once. What is recorded does not depend on it.
    package init(
        to output: String, describing run: RunDescription, level: RecordLevel, podsAtOnce: Int
    ) throws(ResultsDatabaseError) {
        self.level = level
        file = try ResultsFile(output: output)
        rows = RecordRows(
            podsAtOnce: podsAtOnce,
            workloadKeys: run.workloads.map {
                PodUID.workloadKey(namespace: $0.namespace, name: $0.name)
            })
        do {
            writer = try BulkWriter(path: file.path)
            try ResultsRecorder.writeHead(of: run, level, with: writer)
            if !file.replacesOlder {
                writer.close()
                try file.moveToOutput()
                writer = try BulkWriter(path: file.path)
            }
        } catch {
            file.discard()
            if case .cannotWrite(_, let reason) = error {
                throw .cannotWrite(path: output, reason: reason)
            }
            throw error
        }
        describe(shapes: run.shapes)
    }

    deinit { if !isFinished { writer.close() } }

    private static func writeHead(
        of run: RunDescription, _ level: RecordLevel, with writer: BulkWriter
    ) throws(ResultsDatabaseError) {
        try writer.migrate()
        writer.write(DescriptionRows(run: run, level: level).buffers)
        if let failure = writer.failure { throw failure }
    }

    /// Where the file is now: its output, or beside it while older results are there.
    public var path: String { file.path }

    /// What went wrong first while writing, if anything did; after it, nothing more is written.
    public var failure: ResultsDatabaseError? { writer.failure }

    /// Throws what went wrong first while writing.
    public func checkFailure() throws(ResultsDatabaseError) {
        if let failure { throw failure }
    }

    /// Writes the shapes of `all` that it has not seen before: the table of shapes only ever grows.
    public func describe(shapes all: [PodShape]) {
        guard all.count > shapeCount else { return }
        writer.write(DescriptionRows.buffers(shapes: all[shapeCount...], from: shapeCount))
        shapeCount = all.count
    }
}

// MARK: Records

extension ResultsRecorder {
    public var wantsPlacements: Bool { level != .summary }
    public var wantsHoldings: Bool { level == .full }
    public var wantsNodeSamples: Bool { level != .summary }

    public func placed(_ placement: PlacementRecord) {
        guard level != .summary else { return }
        rows.add(placement, inFull: level == .full)
        handOverWhenDue(rows.containers.isFull || rows.memoryBlocks.isFull || rows.devices.isFull)
    }

    public func placedOnHost(_ placement: HostPlacementRecord) {
        guard level != .summary else { return }
        rows.add(placement)
        handOverWhenDue(rows.hostPlacements.isFull)
    }

    public func rejected(_ rejection: RejectionRecord) {
        guard level != .summary else { return }
        rows.add(rejection)
        handOverWhenDue(rows.rejections.isFull)
    }

    public func changed(_ event: NodeEventRecord) {
        guard level != .summary else { return }
        rows.add(event)
        handOverWhenDue(rows.nodeEvents.isFull)
    }

    public func introduced(_ node: NodeRecord) {
        guard let joined = node.joined else { return }
        rows.add(node.node, joined)
    }

    public func acted(_ action: ActionRecord) { rows.add(action) }

    public func evicted(_ eviction: EvictionRecord) {
        guard level != .summary else { return }
        rows.add(eviction)
        handOverWhenDue(rows.evictions.isFull)
    }

    public func rolled(_ rollout: RolloutRecord) { rows.add(rollout) }

    public func ended(_ pod: PodRecord) {
        guard level != .summary else { return }
        rows.add(pod)
        handOverWhenDue(rows.pods.isFull)
    }

    public func sampled(_ sample: NodeSample) {
        guard level != .summary else { return }
        rows.add(sample)
        handOverWhenDue(rows.nodeSamples.isFull)
    }

    public func sampled(_ sample: ClusterSample) {
        rows.add(sample)
        recordsSinceLook = ResultsRecorder.recordsBetweenLooks
        handOverWhenDue(false)
    }

    /// How many records pass before the clock is looked at.
    private static let recordsBetweenLooks = 4_096

    /// Hands rows over when a buffer is full, or a second after the last time, so that a killed run leaves what it had.
    private func handOverWhenDue(_ isFull: Bool) {
        recordsSinceLook += 1
        if isFull {
            handOver(rows.takeFull())
        } else if recordsSinceLook >= ResultsRecorder.recordsBetweenLooks {
            recordsSinceLook = 0
            if ContinuousClock.now - lastHandOver > .seconds(1) { handOver(rows.takeMost()) }
        }
    }

    private func handOver(_ batch: [RowBuffer]) {
        writer.write(batch)
        lastHandOver = ContinuousClock.now
    }
}

// MARK: The end

extension ResultsRecorder {
    /// Writes what is left, the summary and the digests, and closes the file.
    ///
    /// Complete results take the place of older ones. Those of a run that was interrupted or failed do not: they
    /// stay beside them, where `FinishedResults.path` says.
    public func finish(_ ending: RunEnding) throws(ResultsDatabaseError) -> FinishedResults {
        precondition(!isFinished, "a recorder finishes once")
        isFinished = true
        do {
            return try writeEnd(ending)
        } catch {
            writer.closeAsFailed()
            throw error
        }
    }

    private func writeEnd(_ ending: RunEnding) throws(ResultsDatabaseError) -> FinishedResults {
        writer.write(rows.takeAll() + RecordRows.buffers(of: ending))
        try writer.write(ended: ending.ended, failure: ending.failure)
        var digest: RunDigest?
        if ending.status == .complete {
            try writer.releaseLock()
            digest = try RunDigest(ofFile: file.path)
        }
        try writer.close(as: ending.status, digest: digest, toDisk: file.replacesOlder)
        if ending.status == .complete { try file.moveToOutput() }
        return FinishedResults(
            path: file.path, status: ending.status, digest: digest, bytes: file.size)
    }
}

/// What a run left.
public struct FinishedResults: Sendable {
    public var path: String
    public var status: RunStatus
    /// Of a complete run.
    public var digest: RunDigest?
    /// The file's size.
    public var bytes: Int64
}
