import Analysis
import Metrics
import Reporting
import Testing

@Suite struct ComparisonReportTests {
    @Test(
        arguments: [
            (71.4e7, MetricUnit.nanoseconds, "714 ms"), (250e9, .nanoseconds, "250 s"),
            (301e9, .nanoseconds, "5.02 min"), (0, .nanoseconds, "0 s"),
            (0.0004, .ratio, "0.0400 %"),
            (1, .ratio, "100 %"), (0.9386, .ratio, "93.9 %"), (1_204, .count, "1,204"),
            (12.346, .count, "12.3"), (-3.5, .count, "−3.50"), (.nan, .count, "–"),
            (.infinity, .ratio, "–"), (1e300, .count, "–"),
        ] as [(Double, MetricUnit, String)])
    func `a value takes few characters`(value: Double, unit: MetricUnit, text: String) {
        #expect(MetricFormat.value(value, unit: unit) == text)
    }

    @Test func `a difference has two digits of what is not sure, or both ends`() {
        func text(_ low: Double, _ middle: Double, _ high: Double, _ unit: MetricUnit) -> String {
            MetricFormat.difference(middle, interval: low...high, unit: unit)
        }
        #expect(text(-0.047, -0.043, -0.039, .ratio) == "−4.30 ± 0.40 %")
        #expect(text(211e9, 242e9, 273e9, .nanoseconds) == "+242 ± 31 s")
        #expect(text(-380, -102, -1, .count) == "−102 [−380, −1]")
        #expect(text(3, 3, 3, .count) == "+3")
        #expect(text(0, 0, 0, .ratio) == "0 %")
    }

    @Test func `two values that differ look different`() {
        let (first, second) = MetricFormat.pair(1, 1.000_002, unit: .ratio)
        #expect(first == "100.0000 %" && second == "100.0002 %", "\(first) \(second)")
        let (same, again) = MetricFormat.pair(1, 1, unit: .ratio)
        #expect(same == "100 %" && again == "100 %")
    }

    private static func report(variants: [String]) -> ComparisonReport {
        let reference = (1...12).map { 100 + Double($0 * 7 % 5) }
        let samples = variants.dropFirst().enumerated().map { index, _ in
            PairedSample(
                metric: "m", polarity: .lower, reference: reference,
                candidate: zip(reference, 1...).map {
                    $0 + Double(index + 1) * (10 + Double($1 % 3))
                })
        }
        let names = ["wait.p99", "rejections.admission.TopologyAffinityError", "a|b_c"]
        let rows = names.map { name in
            ComparisonReport.Row(
                metric: name, unit: .count, polarity: .lower, definition: "a \"word\", said",
                means: [102] + samples.indices.map { 112 + Double($0) },
                comparisons: compare(samples))
        }
        return ComparisonReport(
            name: "n&<s", variants: variants, rows: rows, pairs: 12, settings: .init())
    }

    @Test(arguments: [["none", "single-numa-node"], ["a", "b", "c"], ["x_1", "50 %, \"y\""]])
    func `a screen has 80 columns`(variants: [String]) {
        for line in Self.report(variants: variants).text(as: .text).split(separator: "\n") {
            #expect(line.count <= 80, "\(line)")
        }
    }

    @Test func `what a format would take for its own is escaped`() {
        let report = Self.report(variants: ["x_1", "50 %, \"y\""])
        let latex = report.text(as: .latex)
        #expect(latex.contains("x\\_1 & 50 \\%, \"y\" & difference"))
        #expect(latex.contains("a|b\\_c & \\textbf{102} & 112"))
        let csv = report.text(as: .csv).split(separator: "\n")
        #expect(csv.count == 4)
        #expect(csv[1].hasPrefix("wait.p99,count,lower,x_1,\"50 %, \"\"y\"\"\",12,0,"))
        let markdown = report.text(as: .markdown).split(separator: "\n")
        #expect(markdown[0].contains("n\\&\\<s"))
        // Every row has as many cells as the heading.
        func cells(_ line: Substring) -> Int {
            line.replacing("\\|", with: "").count { $0 == "|" }
        }
        #expect(Set(markdown[1...4].map { cells($0) }) == [cells(markdown[1])])
    }
}
