/// What nodes a batch job asks for, as PBS and Torque write it: `2:ppn=8:x86_64:^node7+1:ppn=4#excl`.
struct SWFNodeSpec: Hashable {
    /// Equal nodes.
    struct Part: Hashable {
        var nodes = 1
        /// Thousandths of CPUs on each node.
        var milliCPU: Int64 = 1000
        /// `cl_zewura` is the cluster zewura.
        var cluster: String?
        /// The only node that will do, without its domain.
        var host: String?
        /// Nodes that will not do, without their domains.
        var notHosts: [String] = []
        var notClusters: [String] = []
        /// Words that mean nothing here: an architecture, a file system, a site.
        var otherProperties: [String] = []
    }

    var parts: [Part] = []
    /// No other job on its nodes.
    var isExclusive = false

    /// Nil when it is not understood.
    init?(_ text: String) {
        var text = Substring(text)
        if let mark = text.firstIndex(of: "#") {
            isExclusive = text[mark...].dropFirst() == "excl"
            text = text[..<mark]
        }
        guard !text.isEmpty else { return nil }
        for group in text.split(separator: "+", omittingEmptySubsequences: false) {
            guard parts.count < 1000, let part = SWFNodeSpec.part(group) else { return nil }
            parts.append(part)
        }
    }

    private static func part(_ text: Substring) -> Part? {
        var part = Part()
        for (position, word) in text.split(separator: ":", omittingEmptySubsequences: false)
            .enumerated()
        {
            if position == 0, let nodes = ScalarValues.integer(String(word)) {
                guard (1...100_000).contains(nodes) else { return nil }
                part.nodes = Int(nodes)
            } else if word.hasPrefix("ppn=") {
                guard let milli = RecordedTime.nanoseconds(word.dropFirst(4).utf8, unit: 1000),
                    (1...1_000_000_000).contains(milli)
                else { return nil }
                part.milliCPU = milli
            } else if !add(String(word), to: &part) {
                return nil
            }
        }
        return part
    }

    private static func add(_ word: String, to part: inout Part) -> Bool {
        if word.isEmpty { return false }
        if word.hasPrefix("^cl_") {
            part.notClusters.append(String(word.dropFirst(4)))
        } else if word.hasPrefix("^") {
            part.notHosts.append(hostName(word.dropFirst()))
        } else if word.hasPrefix("cl_") {
            part.cluster = String(word.dropFirst(3))
        } else if word.contains(".") {
            part.host = hostName(word.hasPrefix("host=") ? word.dropFirst(5) : word[...])
        } else if word.hasPrefix("host=") {
            part.host = hostName(word.dropFirst(5))
        } else {
            part.otherProperties.append(word)
        }
        return true
    }

    private static func hostName(_ text: Substring) -> String { String(text.prefix { $0 != "." }) }
}
