import Primitives
import Testing
import WorkloadModel

private let start = SimTime(nanoseconds: 5_000_000_000)

/// Processes without an end, with the arrivals a second that they bring in the long run.
struct EndlessProcess: Sendable, CustomTestStringConvertible {
    var name: String
    var process: @Sendable (_ count: Int?) -> ArrivalProcess
    var rate: Double
    /// Variance of the count over a long time, in units of its mean: 1 for Poisson arrivals.
    var dispersion: Double

    var testDescription: String { name }

    static let all: [EndlessProcess] = [
        EndlessProcess(
            name: "Poisson",
            process: { .renewal(start: start, gap: .exponential(mean: 0.25), count: $0) },
            rate: 4, dispersion: 1),
        EndlessProcess(
            name: "regular", process: { .renewal(start: start, gap: .fixed(0.5), count: $0) },
            rate: 2, dispersion: 0.01),
        EndlessProcess(
            // Mean on 2 s, off 6 s: a quarter of 8 a second, in bursts.
            name: "on-off",
            process: {
                .onOff(
                    start: start, ratePerSecond: 8, on: .exponential(mean: 2),
                    off: .exponential(mean: 6), count: $0)
            }, rate: 2, dispersion: 1 + 2 * 8 * 2 * 0.75 * 0.75),
        EndlessProcess(
            name: "curve",
            process: {
                .curve(
                    start: start, period: .seconds(8), ratesPerSecond: [0, 6, 2, 0], count: $0)
            }, rate: 2, dispersion: 1),
        EndlessProcess(
            // One arrival in a hundred periods: whole periods are passed at once.
            name: "rare curve",
            process: {
                .curve(
                    start: start, period: .milliseconds(10), ratesPerSecond: [0, 2, 0],
                    count: $0)
            }, rate: 2.0 / 3, dispersion: 1),
    ]
}

@Suite struct ArrivalSamplerTests {
    private func times(_ process: ArrivalProcess, seed: UInt64 = 1, name: String = "a", most: Int)
        -> [SimTime]
    {
        var sampler = ArrivalSampler(process, random: RandomStream(seed: seed, name: name))
        var times: [SimTime] = []
        while times.count < most, let time = sampler.next() { times.append(time) }
        return times
    }

    @Test(arguments: EndlessProcess.all, [1, 2, 3, 4] as [UInt64])
    func `arrivals come in order at the long-run rate`(_ endless: EndlessProcess, _ seed: UInt64) {
        let process = endless.process(nil)
        #expect(process.problem() == nil)
        let count = 100_000
        let times = times(process, seed: seed, name: endless.name, most: count)
        #expect(times.count == count)
        #expect(times[0] >= start)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
        let seconds = Double((times[count - 1] - start).nanoseconds) * 1e-9
        let expected = endless.rate * seconds
        #expect(
            abs(Double(count) - expected) < 5 * (expected * endless.dispersion).squareRoot() + 1)
    }

    @Test(arguments: EndlessProcess.all)
    func `a count is respected and does not change the times`(_ endless: EndlessProcess) {
        let endlessTimes = times(endless.process(nil), most: 50)
        #expect(times(endless.process(17), most: 50) == Array(endlessTimes.prefix(17)))
        #expect(times(endless.process(0), most: 50).isEmpty)
    }

    @Test(arguments: EndlessProcess.all)
    func `seed and name decide the times`(_ endless: EndlessProcess) {
        let process = endless.process(100)
        let one = times(process, seed: 7, name: "x", most: 100)
        #expect(one == times(process, seed: 7, name: "x", most: 100))
        guard endless.name != "regular" else { return }
        #expect(one != times(process, seed: 8, name: "x", most: 100))
        #expect(one != times(process, seed: 7, name: "y", most: 100))
    }

    @Test func `fixed arrivals come at fixed times`() {
        let process = ArrivalProcess.fixed(start: start, every: .seconds(3), count: 4)
        #expect(
            times(process, most: 10)
                == [5, 8, 11, 14].map { SimTime(nanoseconds: $0 * 1_000_000_000) })
        #expect(times(.fixed(start: start, every: .zero, count: 2), most: 9) == [start, start])
    }

    @Test func `a part of a curve gets its share, and one of rate 0 nothing`() {
        let rates: [Double] = [3, 0, 1, 0, 0, 4]
        let process = ArrivalProcess.curve(
            start: start, period: .seconds(600), ratesPerSecond: rates, count: nil)
        var counts = Array(repeating: 0, count: rates.count)
        let all = times(process, most: 80_000)
        for time in all {
            let second = (time - start).nanoseconds % 600_000_000_000
            counts[Int(second / 100_000_000_000)] += 1
        }
        for (rate, count) in zip(rates, counts) {
            let expected = Double(all.count) * rate / 8
            #expect(abs(Double(count) - expected) <= 5 * expected.squareRoot())
        }
    }

    @Test func `within a part of a curve arrivals are uniform`() {
        let process = ArrivalProcess.curve(
            start: .zero, period: .seconds(2), ratesPerSecond: [1, 5], count: nil)
        let inSecondPart = times(process, most: 30_000).map { $0.nanoseconds % 2_000_000_000 }
            .filter { $0 >= 1_000_000_000 }.sorted()
        let n = Double(inSecondPart.count)
        var distance = 0.0
        for (index, time) in inSecondPart.enumerated() {
            distance = max(distance, abs(Double(time - 1_000_000_000) * 1e-9 - Double(index) / n))
        }
        #expect(distance < 2.3 / n.squareRoot())
    }

    @Test func `an off phase has no arrivals`() {
        // On for exactly 1 s, off for exactly 9 s.
        let process = ArrivalProcess.onOff(
            start: start, ratePerSecond: 3, on: .fixed(1), off: .fixed(9), count: nil)
        for time in times(process, most: 20_000) {
            #expect((time - start).nanoseconds % 10_000_000_000 <= 1_000_000_000)
        }
    }

    @Test func `a process that brings nothing ends`() {
        #expect(
            times(
                .curve(start: start, period: .seconds(1), ratesPerSecond: [0, 0], count: nil),
                most: 9
            ).isEmpty)
        #expect(
            times(
                .onOff(start: start, ratePerSecond: 0, on: .fixed(1), off: .fixed(1), count: nil),
                most: 9
            ).isEmpty)
        // The first gap ends after the end of time.
        #expect(times(.renewal(start: start, gap: .fixed(1e300), count: nil), most: 9).isEmpty)
        #expect(
            times(
                .curve(
                    start: start, period: SimDuration(nanoseconds: .max), ratesPerSecond: [1e-12],
                    count: nil), most: 1_000_000
            ).count < 10)
    }

    @Test(arguments: [
        (
            ArrivalProcess.fixed(start: SimTime(nanoseconds: -1), every: .zero, count: 1),
            "before the scenario"
        ),
        (.fixed(start: .zero, every: SimDuration(nanoseconds: -1), count: 1), "between arrivals"),
        (.fixed(start: .zero, every: .zero, count: -1), "number of arrivals"),
        (.renewal(start: .zero, gap: .fixed(0), count: nil), "1 ns"),
        (.renewal(start: .zero, gap: .fixed(-1), count: nil), "fixed duration"),
        (
            .onOff(start: .zero, ratePerSecond: -1, on: .fixed(1), off: .fixed(1), count: nil),
            "rate"
        ),
        (
            .onOff(start: .zero, ratePerSecond: .nan, on: .fixed(1), off: .fixed(1), count: nil),
            "rate"
        ),
        (
            .onOff(start: .zero, ratePerSecond: 1, on: .fixed(0), off: .fixed(0), count: nil),
            "on phase"
        ),
        (
            .onOff(start: .zero, ratePerSecond: 1e-9, on: .fixed(1), off: .fixed(0), count: nil),
            "on phase"
        ),
        (.curve(start: .zero, period: .seconds(1), ratesPerSecond: [], count: nil), "one rate"),
        (.curve(start: .zero, period: .zero, ratesPerSecond: [1], count: nil), "period"),
        (.curve(start: .zero, period: .seconds(1), ratesPerSecond: [1, -1], count: nil), "rate"),
    ])
    func `an impossible process says why`(_ process: ArrivalProcess, _ word: String) {
        #expect(process.problem()?.contains(word) == true)
    }
}
