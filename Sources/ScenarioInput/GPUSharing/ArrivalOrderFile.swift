import ClusterSimulation
import Foundation
import WorkloadModel

/// An order of arrival as a file says it: lines `P pod` in order of arrival, and `N rank-node` for every node.
///
/// `<pod>-tuned-<k>` is the copy number k of a pod.
struct ArrivalOrderFile {
    /// Most bytes, unpacked.
    static let limit = 1 << 30

    private let file: String
    private var arrivals: [InflatedOrder.Arrival] = []
    private var ranks: [Int?]
    private let pods: [String: Int]
    private let nodes: [String: Int]
    private var mistakes: [Diagnostic] = []

    static func read(
        _ bytes: [UInt8], file: String, pods: [String: Int], nodes: [String: Int]
    ) throws(InputError) -> InflatedOrder {
        var order = ArrivalOrderFile(file: file, pods: pods, nodes: nodes)
        var line = 0
        for text in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            line += 1
            if text.isEmpty { continue }
            order.add(String(decoding: text, as: UTF8.self), line: line)
            if order.mistakes.count >= 20 { break }
        }
        let missing = order.ranks.count { $0 == nil }
        if order.mistakes.isEmpty, missing > 0 {
            order.refuse("\(grouped(missing)) nodes have no line `N rank-node`", line: 0)
        }
        if order.mistakes.isEmpty, order.arrivals.isEmpty {
            order.refuse("no line `P pod`: nothing would arrive", line: 0)
        }
        if !order.mistakes.isEmpty { throw InputError(order.mistakes) }
        var result = InflatedOrder(seed: 0, pods: [], target: nil, nodeCount: 0)
        result.arrivals = order.arrivals
        result.nodeRanks = order.ranks.map { $0 ?? 0 }
        return result
    }

    private init(file: String, pods: [String: Int], nodes: [String: Int]) {
        self.file = file
        self.pods = pods
        self.nodes = nodes
        ranks = Array(repeating: nil, count: nodes.count)
    }

    private mutating func refuse(_ message: String, line: Int, hint: String? = nil) {
        mistakes.append(Diagnostic(file: file, line: line, message: message, hint: hint))
    }

    private mutating func add(_ text: String, line: Int) {
        let name = text.dropFirst(2).trimmingSuffix { $0 == "\r" }
        switch text.prefix(2) {
        case "P ": addPod(String(name), line: line)
        case "N ": addNode(name, line: line)
        default:
            refuse(
                "expected `P pod` or `N rank-node`, found `\(text.prefix(60))`", line: line)
        }
    }

    private mutating func addPod(_ name: String, line: Int) {
        if let pod = pods[name] { return arrivals.append(InflatedOrder.Arrival(pod: pod)) }
        let marker = "-tuned-"
        if let range = name.range(of: marker, options: .backwards),
            let copy = Int(name[range.upperBound...]), copy >= 0,
            let pod = pods[String(name[..<range.lowerBound])]
        {
            return arrivals.append(InflatedOrder.Arrival(pod: pod, copy: copy))
        }
        refuse("the pod `\(name)` is not in the pod list", line: line)
    }

    private mutating func addNode(_ text: Substring, line: Int) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let name = String(text.dropFirst(digits.count + 1))
        guard let rank = Int(digits), text.dropFirst(digits.count).first == "-",
            let node = nodes[name]
        else { return refuse("`\(text)` is no rank and node of the node list", line: line) }
        guard ranks[node] == nil else {
            return refuse("the node `\(name)` is here twice", line: line)
        }
        ranks[node] = rank
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while isDropped: (Character) -> Bool) -> Substring {
        var text = self
        while let last = text.last, isDropped(last) { text.removeLast() }
        return text
    }
}
