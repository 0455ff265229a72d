/// A field of a Kubernetes object that the API refuses, and why.
///
/// Paths, kinds and values are the API server's own, so that a refusal here can be compared with one there
/// (k/k staging apimachinery/pkg/util/validation/field); the sentences are ours.
package struct APIFieldError: Hashable, Sendable {
    /// The API's name for the class of mistake.
    package enum Kind: String, Sendable {
        case required = "Required value"
        case invalid = "Invalid value"
        case unsupported = "Unsupported value"
        case duplicate = "Duplicate value"
        case forbidden = "Forbidden"
        case tooLong = "Too long"
    }

    package enum Reason: Hashable, Sendable {
        case missing
        case notOneOf([String])
        case repeated
        case tooLong(Int)
        /// Not a DNS label: lower case letters, digits and `-`, at most 63.
        case notDNSLabel
        /// Not a name with an optional prefix: `example.com/name`.
        case notQualifiedName
        case notLabelValue
        case notStandardResource
        case notContainerResource
        case notExtendedResource
        case negative
        case notWhole
        case limitMissing
        case aboveLimit(resource: String, limit: String)
        case unlikeLimit(resource: String, limit: String)
        case notPagesOf(resource: String, quantity: String)
        case pagesAlone
        case belowAggregateRequests(String)
        case belowAggregateLimits(String)
        case abovePodLimit(String)
        /// A rule that needs no values to be told.
        case rule(String)
    }

    package var path: String
    package var kind: Kind
    package var reason: Reason
    /// What was found, as the API prints it; nil for kinds that print none.
    package var value: String?
    /// Where it was written, or the nearest thing that was.
    package var mark: SourceMark

    init(
        _ kind: Kind, _ path: String, _ reason: Reason, value: String? = nil, at node: SourceNode
    ) {
        self.kind = kind
        self.path = path
        self.reason = reason
        self.value = value
        mark = node.mark
    }
}

extension APIFieldError {
    /// One sentence without a full stop, for people.
    var message: String {
        let found = value.map { "`\($0)` " } ?? ""
        let sentence =
            switch reason {
            case .missing: "is missing"
            case .notOneOf: "\(found)is not among the values that Kubernetes knows"
            case .repeated: "\(found)is there twice"
            case .tooLong(let most): "is longer than \(most) characters"
            case .notDNSLabel: "\(found)is no DNS label"
            case .notQualifiedName: "\(found)is no qualified name"
            case .notLabelValue: "\(found)is no label value"
            case .notStandardResource:
                "\(found)is neither a standard resource nor one with a domain in front"
            case .notContainerResource: "\(found)is no resource that a container can ask for"
            case .notExtendedResource: "\(found)does not name an extended resource"
            case .negative: "\(found)is negative"
            case .notWhole: "\(found)is not a whole number"
            case .limitMissing: "a resource that cannot be overcommitted has a request but no limit"
            case .aboveLimit(let resource, let limit):
                "the \(resource) request \(found)is above its limit `\(limit)`"
            case .unlikeLimit(let resource, let limit):
                "the \(resource) request \(found)differs from its limit `\(limit)`"
            case .notPagesOf(let resource, _): "\(found)is not a whole number of \(resource) pages"
            case .pagesAlone: "huge pages are asked for without cpu or memory"
            case .belowAggregateRequests(let sum):
                "\(found)is less than what the containers request together, `\(sum)`"
            case .belowAggregateLimits(let sum):
                "\(found)is less than the containers' limits together, `\(sum)`"
            case .abovePodLimit(let limit): "\(found)is above the pod's limit `\(limit)`"
            case .rule(let rule): rule
            }
        return "`\(path)`: \(sentence)"
    }

    /// What to do about it.
    var hint: String? {
        switch reason {
        case .notOneOf(let names): "values are " + names.map { "`\($0)`" }.joined(separator: ", ")
        case .notDNSLabel:
            "lower case letters, digits and `-`, at most 63, beginning and ending without `-`"
        case .notQualifiedName:
            "letters, digits, `-`, `_` and `.`, at most 63, with an optional prefix as in `example.com/nic`"
        case .notLabelValue: "letters, digits, `-`, `_` and `.`, at most 63"
        case .notStandardResource, .notContainerResource:
            "resources are `cpu`, `memory`, `ephemeral-storage`, `hugepages-<size>` and names such as "
                + "`example.com/nic`"
        case .limitMissing:
            "huge pages and extended resources need a limit; the request follows from it"
        case .unlikeLimit: "leave the request out: it follows from the limit"
        case .aboveLimit, .belowAggregateRequests, .belowAggregateLimits, .abovePodLimit:
            "raise the one or lower the other"
        case .pagesAlone: "add a request of cpu or memory"
        case .notWhole: "extended resources come in whole units"
        default: nil
        }
    }

    var diagnostic: Diagnostic {
        Diagnostic(
            file: mark.file, line: mark.line, column: mark.column, message: message, hint: hint)
    }
}
