/// Days of a year that comes round again, each a sorted list; days and their width are chosen anew whenever the
/// number of events has doubled or halved (Brown, 1988). Lists of nodes in one array.
struct CalendarQueue: Loser {
    static var name: String { "calendar" }

    private struct Node {
        var entry: HoldEntry
        var next: Int32
    }

    private var nodes: [Node] = []
    private var free: Int32 = -1
    private var days: [Int32] = [-1, -1]
    private var count = 0
    private var width: Int64 = 1
    private var now: Int64 = 0
    private var day = 0
    /// The end of the current day in the current year.
    private var dayEnd: Int64 = 1

    mutating func push(_ entry: HoldEntry) {
        let node: Int32
        if free >= 0 {
            node = free
            free = nodes[Int(node)].next
            nodes[Int(node)] = Node(entry: entry, next: -1)
        } else {
            node = Int32(nodes.count)
            nodes.append(Node(entry: entry, next: -1))
        }
        link(node)
        count += 1
        if count > 2 * days.count { resize(to: 2 * days.count) }
    }

    private mutating func link(_ node: Int32) {
        let entry = nodes[Int(node)].entry
        let day = Int(UInt64(bitPattern: entry.time / width) & UInt64(days.count - 1))
        var at = days[day]
        guard at >= 0, !entry.precedes(nodes[Int(at)].entry) else {
            nodes[Int(node)].next = at
            days[day] = node
            return
        }
        while nodes[Int(at)].next >= 0, !entry.precedes(nodes[Int(nodes[Int(at)].next)].entry) {
            at = nodes[Int(at)].next
        }
        nodes[Int(node)].next = nodes[Int(at)].next
        nodes[Int(at)].next = node
    }

    mutating func pop() -> HoldEntry {
        for _ in 0..<days.count {
            let node = days[day]
            if node >= 0, nodes[Int(node)].entry.time < dayEnd { return take(node) }
            day = (day + 1) & (days.count - 1)
            dayEnd += width
        }
        // Nothing this year: look for the first of all.
        var best: Int32 = -1
        for node in days where node >= 0 {
            if best < 0 || nodes[Int(node)].entry.precedes(nodes[Int(best)].entry) { best = node }
        }
        goTo(nodes[Int(best)].entry.time)
        return take(best)
    }

    private mutating func take(_ node: Int32) -> HoldEntry {
        let entry = nodes[Int(node)].entry
        days[day] = nodes[Int(node)].next
        nodes[Int(node)].next = free
        free = node
        now = entry.time
        count -= 1
        if days.count > 2, count < days.count / 2 { resize(to: days.count / 2) }
        return entry
    }

    private mutating func goTo(_ time: Int64) {
        day = Int(UInt64(bitPattern: time / width) & UInt64(days.count - 1))
        dayEnd = (time / width + 1) * width
    }

    private mutating func resize(to dayCount: Int) {
        var all: [Int32] = []
        all.reserveCapacity(count)
        for first in days {
            var node = first
            while node >= 0 {
                all.append(node)
                node = nodes[Int(node)].next
            }
        }
        // Three times the mean gap among the first 25 or so.
        let ahead = all.map { nodes[Int($0)].entry.time }.sorted().prefix(25)
        if let first = ahead.first, let last = ahead.last {
            width = max(1, 3 * (last - first) / Int64(ahead.count))
        }
        days = Array(repeating: -1, count: dayCount)
        for node in all { link(node) }
        goTo(now)
    }
}
