import Foundation
import ResultsDatabase

/// What the execution of a run cost, as the operating system counts it.
struct ProcessFacts {
    /// User and system time of the process, in seconds.
    var cpuSeconds: Double
    var peakMemoryBytes: Int64

    #if canImport(Glibc)
        private static let thisProcess = __rusage_who_t(RUSAGE_SELF.rawValue)
    #else
        private static let thisProcess = RUSAGE_SELF
    #endif

    static var now: ProcessFacts {
        var usage = rusage()
        getrusage(ProcessFacts.thisProcess, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        #if os(Linux)
            let bytesPerUnit: Int64 = 1024
        #else
            let bytesPerUnit: Int64 = 1
        #endif
        return ProcessFacts(
            cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            peakMemoryBytes: Int64(usage.ru_maxrss) * bytesPerUnit)
    }
}
