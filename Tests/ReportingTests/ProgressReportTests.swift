import Primitives
import Reporting
import Testing

@Suite struct ProgressReportTests {
    @Test func `shows rate, share and time left`() {
        let report = ProgressReport(
            pods: 1_840_000, totalPods: 10_000_000, simulated: .zero + .seconds(15_600),
            elapsed: .milliseconds(4_466))
        #expect(
            report.text
                == "1,840,000 of 10,000,000 pods  18 %  412,000 pods/s  simulated 4 h 20 min"
                + "  20 s left")
    }

    @Test func `goes by simulated time when the pods are not counted beforehand`() {
        let report = ProgressReport(
            pods: 50, simulated: .zero + .seconds(30), end: .zero + .seconds(120),
            elapsed: .seconds(1))
        #expect(report.text == "50 pods  25 %  50 pods/s  simulated 30 s  4 s left")
    }

    @Test func `an end that is not known is not guessed`() {
        let report = ProgressReport(pods: 5, simulated: .zero + .seconds(1), elapsed: .zero)
        #expect(report.text == "5 pods  simulated 1 s")
        #expect(report.share == nil)
        #expect(report.left == nil)
    }
}
