import Histogram

/// A distribution of whole numbers, kept to three significant digits in constant memory (HdrHistogram).
///
/// Values below 2,048 are exact; above, a bucket is at most 1/1,024 of its value wide. Sum and maximum are exact.
/// Source: Gil Tene, HdrHistogram, http://hdrhistogram.org.
package struct LatencyHistogram {
    private var histogram = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
    private var sum: Int128 = 0
    private var maximum: Int64 = 0
    /// HdrHistogram cannot resize past this; 2⁶² ns are 146 years.
    private static let limit: Int64 = 1 << 62

    package init() {}

    /// Negative values count as 0.
    package mutating func record(_ value: Int64) { record(value, count: 1) }

    /// The same value several times.
    ///
    /// - Precondition: `count` is positive.
    package mutating func record(_ value: Int64, count: Int64) {
        let value = max(0, value)
        sum += Int128(value) * Int128(count)
        maximum = max(maximum, value)
        histogram.record(UInt64(min(value, LatencyHistogram.limit)), count: UInt64(count))
    }

    /// Adds what another one has recorded.
    mutating func add(_ other: LatencyHistogram) {
        sum += other.sum
        maximum = max(maximum, other.maximum)
        guard other.histogram.totalCount > 0 else { return }
        for bucket in other.buckets {
            histogram.record(UInt64(bucket.low), count: UInt64(bucket.count))
        }
    }

    /// Nil when nothing was recorded.
    package var distribution: LatencyDistribution? {
        let count = Int64(histogram.totalCount)
        guard count > 0 else { return nil }
        func quantile(_ percent: Double) -> Int64 { Int64(histogram.valueAtPercentile(percent)) }
        return LatencyDistribution(
            count: count, mean: Double(sum) / Double(count), p50: quantile(50), p90: quantile(90),
            p99: quantile(99), max: maximum,
            buckets: buckets)
    }

    /// HdrHistogram's own iterators sum value × count in 64 bits, which a million long waits overflow.
    private var buckets: [HistogramBucket] {
        var buckets: [HistogramBucket] = []
        var low = histogram.lowestEquivalentForValue(histogram.min)
        while low <= histogram.maxRecorded {
            let count = histogram.countForValue(low)
            let next = histogram.nextNonEquivalentForValue(low)
            if count > 0 {
                buckets.append(
                    HistogramBucket(low: Int64(low), high: Int64(next - 1), count: Int64(count)))
            }
            low = next
        }
        return buckets
    }
}

/// Quantiles of a distribution and its buckets: nanoseconds, or thousandths for a quotient.
///
/// A quantile is the largest value of its bucket, so the true one is at most 0.1 % lower.
public struct LatencyDistribution: Sendable, Hashable {
    public var count: Int64
    public var mean: Double
    public var p50: Int64
    public var p90: Int64
    public var p99: Int64
    public var max: Int64
    /// Ascending, none empty; distributions of several runs merge by adding counts of equal buckets.
    public var buckets: [HistogramBucket]

    public init(
        count: Int64, mean: Double, p50: Int64, p90: Int64, p99: Int64, max: Int64,
        buckets: [HistogramBucket]
    ) {
        self.count = count
        self.mean = mean
        self.p50 = p50
        self.p90 = p90
        self.p99 = p99
        self.max = max
        self.buckets = buckets
    }
}

/// How many values lie in `low...high`.
public struct HistogramBucket: Sendable, Hashable {
    public var low: Int64
    public var high: Int64
    public var count: Int64

    public init(low: Int64, high: Int64, count: Int64) {
        self.low = low
        self.high = high
        self.count = count
    }
}
