import Metrics
import Primitives
import Records
import Testing

/// Every expectation here was worked out by hand; the working stands beside it.
@Suite struct RunMetricsTests {
    @Test func `counts pod objects by what became of them`() {
        let metrics = twoNodes()
        metrics.ended(pod(scheduled: 0, started: 0, finished: 5, outcome: .succeeded))
        metrics.ended(pod(scheduled: 0, started: 0, finished: 5, outcome: .succeeded))
        metrics.ended(pod(scheduled: 1, finished: 1, outcome: .failed))
        metrics.ended(pod(scheduled: 1, started: 1, outcome: .running, incarnation: 1))
        metrics.ended(pod(scheduled: 1, started: 1, finished: 9, outcome: .deleted, incarnation: 2))
        metrics.ended(pod(outcome: .pending))
        let expected: [(String, Double)] = [
            ("pods.arrived", 6), ("pods.recreated", 2), ("pods.started", 4), ("pods.succeeded", 2),
            ("pods.failed", 1), ("pods.deleted", 1), ("pods.running", 1), ("pods.pending", 1),
        ]
        for (name, value) in expected { #expect(metrics.value(name) == value, "\(name)") }
    }

    @Test func `use is requested time over allocatable time`() {
        let metrics = twoNodes()
        // 1 CPU for 50 s and 2 CPUs for 25 s and, to the end at 100 s, 2 CPUs for 40 s: 180 CPU·s of 8 × 100.
        metrics.ended(pod(node: 0, scheduled: 0, started: 0, finished: 50, outcome: .succeeded))
        metrics.ended(
            pod(shape: 1, node: 1, scheduled: 10, started: 10, finished: 35, outcome: .deleted))
        metrics.ended(pod(shape: 1, node: 1, scheduled: 60, started: 60, outcome: .running))
        // Refused or waiting pods use nothing.
        metrics.ended(pod(shape: 1, node: 1, scheduled: 5, finished: 5, outcome: .failed))
        metrics.ended(pod(shape: 1, outcome: .pending))
        #expect(metrics.value("use.cpu") == 180.0 / 800)
        // 4 bytes for 25 s and for 40 s, of 16 × 100.
        #expect(metrics.value("use.memory") == 260.0 / 1_600)
        // No node offers it.
        #expect(metrics.value("use.ephemeral-storage") == nil)
    }

    @Test func `use of a run without any duration is not told`() {
        #expect(twoNodes().value("use.cpu", end: 0) == nil)
    }

    @Test func `balance is Jain's index of the nodes`() {
        let metrics = twoNodes()
        #expect(metrics.value("balance.cpu") == nil)
        // Node 0 uses 1 CPU of 4 all the time, node 1 uses 2 of 4 half of the time: x = ¼ and ¼.
        metrics.ended(pod(node: 0, scheduled: 0, started: 0, finished: 100, outcome: .succeeded))
        #expect(metrics.value("balance.cpu") == 0.5)
        metrics.ended(
            pod(shape: 1, node: 1, scheduled: 0, started: 0, finished: 50, outcome: .succeeded))
        #expect(metrics.value("balance.cpu") == 1)
        // Another 2 CPUs for the other half: x = ¼ and ½, (¾)² / (2 · (1/16 + 4/16)) = 0.9.
        metrics.ended(
            pod(shape: 1, node: 1, scheduled: 50, started: 50, outcome: .running))
        #expect(abs(metrics.value("balance.cpu")! - 0.9) < 1e-12)
    }

    @Test func `refusals are counted by stage and reason and per thousand attempts`() {
        let metrics = twoNodes()
        for _ in 0..<6 { metrics.admitted(admission()) }
        metrics.rejected(rejection(.admission, "SMTAlignmentError"))
        for _ in 0..<3 { metrics.rejected(rejection(.admission, "TopologyAffinityError")) }
        metrics.rejected(rejection(.scheduler, "Unschedulable"))
        // Five cycles, two pods bound.
        metrics.ended(pod(scheduled: 3, started: 3, outcome: .running, attempts: 3))
        metrics.ended(pod(scheduled: 3, started: 3, outcome: .running, attempts: 1))
        metrics.ended(pod(outcome: .pending, attempts: 1))
        let expected: [(String, Double)] = [
            ("attempts.admission", 10), ("attempts.scheduler", 5),
            ("rejections.admission.TopologyAffinityError", 3),
            ("rejections.admission.SMTAlignmentError", 1),
            ("rejections.scheduler.Unschedulable", 1),
            ("rejection_rate.admission.TopologyAffinityError", 300),
            ("rejection_rate.admission.SMTAlignmentError", 100),
            ("rejection_rate.scheduler.Unschedulable", 200),
            ("retries.admission", 4.0 / 6), ("retries.scheduler", 3.0 / 2),
        ]
        for (name, value) in expected { #expect(metrics.value(name) == value, "\(name)") }
        let order = metrics.summary(end: seconds(100)).rejections.map(\.reason)
        #expect(order == ["Unschedulable", "TopologyAffinityError", "SMTAlignmentError"])
    }

    @Test func `waits are quantiles from arrival to binding and to start`() {
        let metrics = twoNodes()
        // Waits of 1 to 100 s to the start, half of that to the binding.
        for second in 1...100 as ClosedRange<Int64> {
            metrics.ended(
                pod(
                    arrival: 100, scheduled: 100 + second / 2, started: 100 + second,
                    outcome: .running))
        }
        metrics.ended(pod(outcome: .pending))
        let expected: [(String, Double)] = [
            ("wait.p50", 50e9), ("wait.p90", 90e9), ("wait.p99", 99e9), ("wait.max", 100e9),
            ("wait.mean", 50.5e9), ("scheduling_wait.p50", 25e9), ("scheduling_wait.max", 50e9),
            // 0, 1, 1, 2, 2, …, 49, 49, 50 sum to 2500 s.
            ("scheduling_wait.mean", 25e9),
        ]
        for (name, value) in expected {
            let measured = metrics.value(name) ?? -1
            #expect(measured >= value && measured <= value * 1.001, "\(name) \(measured)")
        }
        #expect(metrics.value("wait.max") == 100e9)
        #expect(metrics.value("wait.mean") == 50.5e9)
    }

    @Test func `turnaround and bounded slowdown are of pods that ran to their end`() {
        let metrics = twoNodes()
        #expect(metrics.value("turnaround.p50") == nil)
        // Waits 30 s, runs 20 s: 50 s, slowdown 2.5.
        metrics.ended(pod(scheduled: 30, started: 30, finished: 50, outcome: .succeeded))
        // Waits 15 s, runs 5 s: 20 s, slowdown 20 / 10.
        metrics.ended(pod(scheduled: 15, started: 15, finished: 20, outcome: .deleted))
        // No wait, runs 1 s: slowdown is never below 1.
        metrics.ended(pod(scheduled: 0, started: 0, finished: 1, outcome: .succeeded))
        metrics.ended(pod(scheduled: 0, started: 0, finished: 7, outcome: .failed))
        metrics.ended(pod(scheduled: 0, started: 0, outcome: .running))
        #expect(metrics.value("turnaround.max") == 50e9)
        #expect(abs(metrics.value("turnaround.mean")! - 71e9 / 3) < 1)
        #expect(metrics.value("bounded_slowdown.max") == 2.5)
        #expect(metrics.value("bounded_slowdown.p50")! == 2.0)
        #expect(abs(metrics.value("bounded_slowdown.mean")! - 5.5 / 3) < 1e-12)
    }

    @Test func `alignment is a share of what had something to align`() {
        let metrics = twoNodes()
        var totals = AlignmentTotals()
        totals.add(Alignment(core: true, uncore: false, numa: true, socket: nil))
        totals.add(Alignment(core: nil, uncore: false, numa: false, socket: nil))
        metrics.admitted(admission(totals))
        var other = AlignmentTotals()
        other.add(Alignment(core: false, uncore: true, numa: true, socket: nil))
        metrics.admitted(admission(other))
        metrics.admitted(admission())
        let expected: [(String, Double?)] = [
            ("aligned.core", 1.0 / 2), ("aligned.uncore", 1.0 / 3), ("aligned.numa", 2.0 / 3),
            ("aligned.socket", nil), ("alignable.core", 2), ("alignable.uncore", 3),
            ("alignable.numa", 3), ("alignable.socket", 0),
        ]
        for (name, value) in expected { #expect(metrics.value(name) == value, "\(name)") }
    }

    @Test func `buckets hold every value once, in ascending order`() throws {
        let metrics = twoNodes()
        for wait in [0, 0, 3, 7_200, 7_200] as [Int64] {
            metrics.ended(pod(scheduled: wait, started: wait, outcome: .running))
        }
        let buckets = try #require(metrics.summary(end: seconds(8_000)).wait).buckets
        #expect(buckets.map(\.count) == [2, 1, 2])
        for (bucket, wait) in zip(buckets, [0, 3, 7_200] as [Int64]) {
            #expect((bucket.low...bucket.high).contains(wait * 1_000_000_000))
        }
        #expect(buckets[0].high == 0)
    }

    @Test func `centuries of waiting do not overflow`() {
        let metrics = twoNodes()
        let farAway = SimTime(nanoseconds: .max - 1)
        for _ in 0..<1_000 {
            var record = pod(shape: 1, scheduled: 0, started: 0, outcome: .succeeded)
            record.scheduled = farAway
            record.started = farAway
            record.finished = farAway
            metrics.ended(record)
        }
        let summary = metrics.summary(end: farAway)
        #expect(summary.wait?.max == farAway.nanoseconds)
        #expect(summary.resources.first?.use == 0)
    }
}
