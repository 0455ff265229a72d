import Analysis
import Metrics
import Testing

@Suite struct RegressionCheckTests {
    private static func metric(
        _ name: String, _ value: Double, _ polarity: MetricPolarity = .lower
    ) -> Metric {
        Metric(name: name, value: value, unit: .count, polarity: polarity, definition: "")
    }

    private static func kind(
        _ old: Double, _ new: Double, _ polarity: MetricPolarity, _ tolerance: String? = nil
    ) -> MetricChange.Kind? {
        changes(
            from: [metric("pods.failed", old, polarity)],
            to: [metric("pods.failed", new, polarity)],
            tolerances: tolerance.flatMap { MetricTolerance($0) }.map { [$0] } ?? []
        ).first?.kind
    }

    @Test func `only a change past the tolerance in the bad direction is a regression`() {
        #expect(Self.kind(100, 100, .lower) == nil)
        #expect(Self.kind(100, 101, .lower) == .regressed)
        #expect(Self.kind(100, 99, .lower) == .improved)
        #expect(Self.kind(100, 99, .higher) == .regressed)
        #expect(Self.kind(100, 99, .neither) == .changed)
        #expect(Self.kind(100, 101, .lower, "pods.failed=1%") == .withinTolerance)
        #expect(Self.kind(100, 102, .lower, "pods.failed=1%") == .regressed)
        #expect(Self.kind(100, 103, .lower, "pods.*=3") == .withinTolerance)
        #expect(Self.kind(100, 103, .lower, "wait.*=3") == .regressed)
    }

    @Test func `the last tolerance that matches holds`() {
        let tolerances = ["*=50%", "pods.failed = 1"].compactMap { MetricTolerance($0) }
        #expect(tolerances.count == 2)
        let found = changes(
            from: [Self.metric("pods.failed", 10), Self.metric("pods.pending", 10)],
            to: [Self.metric("pods.failed", 12), Self.metric("pods.pending", 12)],
            tolerances: tolerances)
        #expect(found.map(\.kind) == [.regressed, .withinTolerance])
    }

    @Test func `a refusal that comes or goes counts from zero, a wait that goes is no number`() {
        let refused = Self.metric("rejections.admission.TopologyAffinityError", 4)
        #expect(changes(from: [], to: [refused]).map(\.kind) == [.regressed])
        #expect(changes(from: [refused], to: []).map(\.kind) == [.improved])
        #expect(changes(from: [Self.metric("wait.p99", 4)], to: []).map(\.kind) == [.changed])
        #expect(changes(from: [Self.metric("wait.p99", .nan)], to: []).isEmpty)
    }

    @Test(arguments: ["", "wait.p99", "=1", "wait.p99=", "wait.p99=x", "a=-1", "a=inf", "a=nan%"])
    func `what is no tolerance is refused`(text: String) { #expect(MetricTolerance(text) == nil) }

    @Test(arguments: [
        ("aligned.numa", "aligned.numa", true), ("aligned.numa", "aligned.*", true),
        ("aligned.numa", "*", true), ("aligned.numa", "*.numa", true),
        ("aligned.numa", "a*n*a", true), ("aligned.numa", "aligned", false),
        ("aligned.numa", "*.socket", false), ("aa", "aa*a", false), ("abc", "a*x*c", false),
    ])
    func `a star stands for any part of a name`(name: String, pattern: String, matches: Bool) {
        #expect(MetricPattern.matches(name, pattern) == matches)
    }
}

@Suite struct MetricThresholdTests {
    private static let metrics = [
        Metric(
            name: "aligned.numa", value: 0.95, unit: .ratio, polarity: .higher, definition: ""),
        Metric(
            name: "wait.p99", value: 10e9, unit: .nanoseconds, polarity: .lower, definition: ""),
        Metric(
            name: "rejections.admission.A", value: 0, unit: .count, polarity: .lower,
            definition: ""),
        Metric(
            name: "rejections.admission.B", value: 2, unit: .count, polarity: .lower,
            definition: ""),
    ]

    @Test(arguments: [
        ("aligned.numa >= 0.95", true), ("aligned.numa > 95%", false), ("aligned.numa>=95 %", true),
        ("wait.p99 < 10s", false), ("wait.p99 <= 10s", true), ("wait.p99 == 10000ms", true),
        ("wait.p99 < 1h", true), ("wait.p99 != 10 s", false),
        ("rejections.admission.* == 0", false), ("rejections.admission.A == 0", true),
        ("rejections.admission.* <= 2", true), ("rejections.scheduler.* == 0", true),
        ("rejections.scheduler.* > 0", false), ("turnaround.p50 < 1h", false),
    ])
    func `a threshold holds or it does not`(text: String, holds: Bool) throws {
        #expect(try MetricThreshold(text).outcome(in: Self.metrics).holds == holds)
    }

    @Test func `a broken one names the metric that breaks it`() throws {
        let outcome = try MetricThreshold("rejections.admission.* == 0").outcome(in: Self.metrics)
        #expect(outcome.metric == "rejections.admission.B")
        #expect(outcome.value == 2)
    }

    @Test(arguments: [
        ("", "compares nothing"), ("aligned.numa", "compares nothing"),
        ("aligned.nuna2 = 1", "compares nothing"), ("alined.numa >= 1", "no metric is called"),
        ("aligned. >= 1", "no metric is called"), ("aligned.numa >= x", "is no number"),
        ("aligned.numa >= 1s", "is not a duration"), ("wait.p99 < 10", "is a duration"),
        ("wait.p99 < 10 parsecs", "is no number"), ("pods.started >= nan", "is no number"),
    ])
    func `what is none says why`(text: String, message: String) {
        do throws(MetricThreshold.Mistake) {
            _ = try MetricThreshold(text)
            Issue.record("`\(text)` was taken")
        } catch {
            #expect(error.message.contains(message), "\(error)")
        }
    }
}
