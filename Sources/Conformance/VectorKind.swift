/// Runs one case: returns when every part of the answer is the expected one.
///
/// Cases of one file may run at the same time, each on its own.
typealias VectorRunner =
    @Sendable (_ json: JSONValue, _ machines: VectorMachines) throws(VectorStop) -> Void

/// One kind of case: its name, how it is told from others, what it must have, and what runs it.
public struct VectorKind: Sendable {
    /// What belongs together in a list of kinds.
    public enum Family: String, CaseIterable, Sendable {
        case kubelet, api, scheduler, noderesourcetopology, cluster
    }

    /// As `--only` names it.
    public let name: String
    public let family: Family
    /// What one case asks, in a few words.
    public let summary: String
    /// What tells the kind: members that a case of it has.
    let marks: [VectorMark]
    /// Members that a case must have, with their types.
    let members: [VectorMember]
    /// Nil while topsim cannot answer cases of the kind: they are counted as not yet supported.
    let runner: VectorRunner?

    init(
        _ name: String, _ family: Family, _ summary: String, marks: [VectorMark],
        members: [VectorMember] = [], runner: VectorRunner? = nil
    ) {
        self.name = name
        self.family = family
        self.summary = summary
        self.marks = marks
        self.members = members
        self.runner = runner
    }

    public var isSupported: Bool { runner != nil }

    func recognizes(_ json: JSONValue) -> Bool { marks.allSatisfy { $0.isIn(json) } }

    /// The marks as a message and a page of documentation show them.
    public var markText: String { marks.map(\.text).joined(separator: ", ") }
}

/// A member by which a kind is told; `expect.order` lies in `expect`.
struct VectorMark: Sendable, ExpressibleByStringLiteral {
    let path: [String]
    /// The texts that it may be; none means any value.
    let values: [String]

    init(_ path: String, _ values: String...) {
        self.path = path.split(separator: ".").map(String.init)
        self.values = values
    }

    init(stringLiteral path: String) { self.init(path) }

    func isIn(_ json: JSONValue) -> Bool {
        var value = json
        for name in path {
            // A list is asked by its first element.
            guard let inner = value[name] ?? value.elements.first?[name] else { return false }
            value = inner
        }
        return values.isEmpty || values.contains(value.text ?? "")
    }

    var text: String {
        let name = "`\(path.joined(separator: "."))`"
        return values.isEmpty
            ? name : "\(name) = " + values.map { "`\($0)`" }.joined(separator: " or ")
    }
}

/// A member that every case of a kind has.
struct VectorMember: Sendable {
    enum ValueType: String, Sendable {
        case string = "a string"
        case integer = "a whole number"
        case boolean = "true or false"
        case list = "a list"
        case object = "an object"

        func holds(_ value: JSONValue) -> Bool {
            switch (self, value) {
            case (.string, .string), (.boolean, .bool), (.list, .array), (.object, .object): true
            case (.integer, .number): value.integer != nil
            default: false
            }
        }
    }

    let name: String
    let type: ValueType

    static func string(_ name: String) -> VectorMember { VectorMember(name: name, type: .string) }
    static func integer(_ name: String) -> VectorMember { VectorMember(name: name, type: .integer) }
    static func boolean(_ name: String) -> VectorMember { VectorMember(name: name, type: .boolean) }
    static func list(_ name: String) -> VectorMember { VectorMember(name: name, type: .list) }
    static func object(_ name: String) -> VectorMember { VectorMember(name: name, type: .object) }

    /// What is wrong with this member of a case, or nil.
    func mistake(in json: JSONValue) -> String? {
        guard let value = json[name] else {
            return "`\(name)` is missing; expected \(type.rawValue)"
        }
        if type.holds(value) { return nil }
        return "`\(name)`: expected \(type.rawValue), found \(value.said)"
    }
}

extension JSONValue {
    /// What a message calls it.
    var said: String {
        switch self {
        case .null: "null"
        case .bool, .number: "`\(self)`"
        case .string(let text): "the string `\(text.prefix(40))\(text.count > 40 ? "…" : "")`"
        case .array: "a list"
        case .object: "an object"
        }
    }
}
