import ScenarioInput

extension JSONValue {
    /// The value as the readers of manifests take it. Its places are all the start of the case.
    func sourceNode(_ mark: SourceMark = SourceMark(file: "case", line: 1, column: 1)) -> SourceNode
    {
        let value: SourceNode.Value =
            switch self {
            case .null: .null
            case .bool(let flag): .scalar(flag ? "true" : "false", isQuoted: false)
            case .number(let digits): .scalar(digits, isQuoted: false)
            case .string(let text): .scalar(text, isQuoted: true)
            case .array(let elements): .sequence(elements.map { $0.sourceNode(mark) })
            case .object(let members):
                .mapping(
                    members.map {
                        SourceNode.Entry(
                            key: $0.name, keyMark: mark, value: $0.value.sourceNode(mark))
                    })
            }
        return SourceNode(value, at: mark)
    }
}
