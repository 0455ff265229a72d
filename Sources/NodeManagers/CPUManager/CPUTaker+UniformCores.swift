import Primitives

extension CPUTaker {
    /// 4 and 5 where all cores have the same number of threads: whole cores, then single CPUs, unit by unit.
    ///
    /// The same choice as `takeWholeCores` and `takeSingleCPUs` by masks of cores instead of counts of CPUs; most
    /// allocations are nothing else.
    mutating func takeCoresAndSingleCPUs() {
        let topology = topology
        let words = topology.wordCount
        let threads = topology.cpusPerCore
        var rest = needed
        let free = free
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: words) { left in
            let left = UnsafeMutablePointer(left.baseAddress!)
            free.withWords { words in
                left.initialize(from: words, count: topology.wordCount)
            }
            taken.withMutableWords { taken in
                if rest >= threads {
                    CPUTaker.forEachCoreGroup(on: topology, in: left) { cores in
                        for index in cores {
                            let core = topology.packedCores.positions[index]
                            let mask = topology.coreMasks[Int(core)]
                            guard mask.isInside(left) else { continue }
                            taken[Int(mask.firstWord)] |= mask.first
                            taken[Int(mask.secondWord)] |= mask.second
                            rest &-= threads
                            if rest < threads { return false }
                        }
                        return true
                    }
                    // The order of the next step is that of what is left now.
                    for word in 0..<words { left[word] &= ~taken[word] }
                }
                guard rest > 0 else { return }
                CPUTaker.forEachCoreGroup(on: topology, in: left) { cores in
                    for count in 1...threads {
                        for index in cores {
                            let core = topology.packedCores.positions[index]
                            let mask = topology.coreMasks[Int(core)]
                            let found = mask.threads(in: left)
                            guard found.first | found.second != 0,
                                found.first.nonzeroBitCount &+ found.second.nonzeroBitCount
                                    == count
                            else { continue }
                            CPUTaker.take(found.first, Int(mask.firstWord), taken, &rest)
                            CPUTaker.take(found.second, Int(mask.secondWord), taken, &rest)
                            if rest == 0 { return false }
                        }
                    }
                    return true
                }
            }
        }
        needed = rest
    }

    /// Takes up to `rest` CPUs of a word, lowest first.
    @inline(__always)
    private static func take(
        _ bits: UInt64, _ word: Int, _ taken: UnsafeMutablePointer<UInt64>, _ rest: inout Int
    ) {
        var bits = bits
        while bits != 0, rest > 0 {
            taken[word] |= bits & (0 &- bits)
            bits &= bits &- 1
            rest &-= 1
        }
    }

    /// Calls `body` with the cores of each second-level unit, as positions in `packedCores`: first-level units by
    /// free CPUs and id, and within them second-level units likewise, until it answers false.
    @inline(__always)
    private static func forEachCoreGroup(
        on topology: CPUTopology, in free: UnsafePointer<UInt64>, _ body: (Range<Int>) -> Bool
    ) {
        let (outer, inner) =
            topology.packsNUMANodesFirst
            ? (topology.nodeMasks, topology.socketMasks)
            : (topology.socketMasks, topology.nodeMasks)
        let below = topology.packedUnits
        let outerCount = below.starts.count - 1
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: outerCount + below.positions.count)
        {
            keys in
            let used = order(0..<outerCount, into: keys, from: 0) { outer.count($0, in: free) }
            for slot in 0..<used {
                let unit = Int(keys[slot] & 0xffff_ffff)
                let members = below.range(unit)
                if members.count == 1 {
                    let member = Int(below.positions[members.lowerBound])
                    if !body(topology.packedCores.range(member)) { return }
                    continue
                }
                let end =
                    outerCount
                    + order(members, into: keys, from: outerCount) { index in
                        let member = Int(below.positions[index])
                        let start = member &* inner.stride
                        let outerStart = unit &* outer.stride
                        var isInside = false
                        for word in 0..<inner.stride
                        where inner.words[start &+ word] & outer.words[outerStart &+ word]
                            & free[word] != 0
                        {
                            isInside = true
                        }
                        return isInside ? inner.count(member, in: free) : 0
                    }
                for slot in outerCount..<end {
                    let member = Int(below.positions[Int(keys[slot] & 0xffff_ffff)])
                    if !body(topology.packedCores.range(member)) { return }
                }
            }
        }
    }

    /// Writes the units that have free CPUs into `keys`, fewest first, then by position; returns how many.
    @inline(__always)
    private static func order(
        _ units: Range<Int>, into keys: UnsafeMutableBufferPointer<UInt64>, from first: Int,
        count: (Int) -> Int
    ) -> Int {
        var used = 0
        for unit in units {
            let free = count(unit)
            guard free > 0 else { continue }
            let key = UInt64(free) &<< 32 | UInt64(unit)
            var slot = first &+ used
            while slot > first, keys[slot &- 1] > key {
                keys[slot] = keys[slot &- 1]
                slot &-= 1
            }
            keys[slot] = key
            used &+= 1
        }
        return used
    }
}
