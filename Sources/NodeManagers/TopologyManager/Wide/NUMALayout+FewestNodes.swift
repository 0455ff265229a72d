extension NUMALayout {
    /// In place of a number of NUMA nodes: the search for it went beyond its work limit.
    package static let tooManyToTell = Int.max

    var positions: Range<Int> { 0..<count }

    /// The fewest NUMA nodes that reach every threshold and have enough devices; all of them when none do.
    func fewestNodes(_ thresholds: [NodeThreshold], coverage: [GroupCoverage]) -> Int {
        var open = OpenMasks(domain: all)
        open.thresholds = thresholds
        open.coverage = coverage.filter { $0.need > 0 }
        guard open.contains(all) else { return count }
        var search = MaskSearch(self, [open], stepsLeft: 20 * MaskSearch.workLimit)
        let fewest = search.fewestNodes()
        return search.stepsLeft < 0 ? NUMALayout.tooManyToTell : fewest ?? count
    }
}
