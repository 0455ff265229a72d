package import Lint

/// Checks of recordings, T0001 and on. Each has a page under docs/reference/lint.
package enum TraceLintCodes {
    package static let arrivalsOutOfOrder = LintCode(
        "T0001", "arrivals-out-of-order", .error, "Pods stand in the order of arrival")
    package static let lineUnreadable = LintCode(
        "T0002", "line-unreadable", .error, "Every line can be read")
    package static let noLifetime = LintCode(
        "T0003", "no-lifetime", .warning, "Pods run for some time")
    package static let asksForNothing = LintCode(
        "T0004", "asks-for-nothing", .warning, "Pods ask for something")
    package static let noMemory = LintCode(
        "T0005", "no-memory", .warning, "Pods that ask for CPU ask for memory, too")
    package static let fitsNoNode = LintCode(
        "T0006", "fits-no-node", .error, "Each pod fits an empty node of the scenario")
    package static let nameRepeated = LintCode(
        "T0007", "name-repeated", .warning, "No two pods have one name")
    package static let arrivesAfterEnd = LintCode(
        "T0008", "arrives-after-end", .warning, "Pods arrive before the run ends")
    package static let partOfCPU = LintCode(
        "T0009", "part-of-a-cpu", .warning,
        "Guaranteed containers of more than one CPU ask for whole CPUs")
    package static let shareAboveOne = LintCode(
        "T0010", "share-above-one", .error, "A share of one GPU is at most the whole of it")
    package static let oneLongGap = LintCode(
        "T0011", "one-long-gap", .warning,
        "No gap between two arrivals is longer than 90 % of the trace")
    package static let unknownColumn = LintCode(
        "T0012", "unknown-column", .warning, "Every column is one of the format's")
    package static let nameNotKubernetes = LintCode(
        "T0013", "name-not-kubernetes", .note, "Names are names that Kubernetes takes")
    package static let shapeUnused = LintCode(
        "T0014", "shape-unused", .note, "Each shape is some pod's")
    package static let shapesAlike = LintCode(
        "T0015", "shapes-alike", .note, "No two shapes ask for the same")
    package static let noPod = LintCode(
        "T0016", "no-pod", .error, "A trace has pods")
    package static let startsLate = LintCode(
        "T0017", "starts-late", .warning,
        "The first pod does not arrive later than the trace is long")
    package static let memoryTooSmall = LintCode(
        "T0018", "memory-too-small", .warning, "Requests of memory are at least 1 MiB")
    package static let demandAboveCapacity = LintCode(
        "T0019", "demand-above-capacity", .warning,
        "What pods that run at once ask for is not more than the scenario's nodes have")
    package static let neverEnds = LintCode(
        "T0020", "never-ends", .note, "Some pod ends")

    package static let registry = LintCodeRegistry([
        arrivalsOutOfOrder, lineUnreadable, noLifetime, asksForNothing, noMemory, fitsNoNode,
        nameRepeated, arrivesAfterEnd, partOfCPU, shareAboveOne, oneLongGap, unknownColumn,
        nameNotKubernetes, shapeUnused, shapesAlike, noPod, startsLate, memoryTooSmall,
        demandAboveCapacity, neverEnds,
    ])
}
