// Trees that follow from something written: each value stands where its cause does.

extension SourceNode {
    static func text(_ text: String, at mark: SourceMark) -> SourceNode {
        SourceNode(.scalar(text, isQuoted: true), at: mark)
    }

    /// A number or a boolean.
    static func bare(_ word: String, at mark: SourceMark) -> SourceNode {
        SourceNode(.scalar(word, isQuoted: false), at: mark)
    }

    static func mapping(
        _ pairs: [(key: String, value: SourceNode)], at mark: SourceMark
    ) -> SourceNode {
        SourceNode(
            .mapping(pairs.map { Entry(key: $0.key, keyMark: $0.value.mark, value: $0.value) }),
            at: mark)
    }

    static func texts(_ pairs: [(key: String, value: String)], at mark: SourceMark) -> SourceNode {
        mapping(pairs.map { ($0.key, .text($0.value, at: mark)) }, at: mark)
    }

    /// This mapping with the value under `key`, in the key's place or at the end.
    func setting(_ key: String, to value: SourceNode) -> SourceNode {
        var entries = self.entries ?? []
        let entry = Entry(key: key, keyMark: value.mark, value: value)
        if let position = entries.firstIndex(where: { $0.key == key }) {
            entries[position] = entry
        } else {
            entries.append(entry)
        }
        return SourceNode(.mapping(entries), at: mark)
    }

    /// The value under `key`, unless it is there already.
    func filling(_ key: String, with value: SourceNode) -> SourceNode {
        self[key].map { !$0.isNull } == true ? self : setting(key, to: value)
    }

    /// `patch` over this: mappings are joined key by key, null takes a key away, all else replaces. (RFC 7386)
    func merging(_ patch: SourceNode) -> SourceNode {
        guard let changes = patch.entries else { return patch }
        guard entries != nil else {
            return SourceNode(.mapping([]), at: patch.mark).merging(patch)
        }
        var result = self
        for change in changes {
            if change.value.isNull {
                result = SourceNode(
                    .mapping((result.entries ?? []).filter { $0.key != change.key }),
                    at: result.mark)
            } else if let own = result[change.key], own.entries != nil, change.value.entries != nil
            {
                result = result.setting(change.key, to: own.merging(change.value))
            } else {
                result = result.setting(change.key, to: change.value)
            }
        }
        return result
    }

    /// Whether both say the same, wherever they stand and in whatever order their keys are.
    package func saysTheSame(as other: SourceNode) -> Bool {
        switch (value, other.value) {
        case (.null, .null): return true
        case (.scalar(let a, let isAQuoted), .scalar(let b, let isBQuoted)):
            return a == b && isAQuoted == isBQuoted
        case (.sequence(let a), .sequence(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { $0.saysTheSame(as: $1) }
        case (.mapping(let a), .mapping(let b)):
            return a.count == b.count
                && a.allSatisfy { entry in
                    other[entry.key].map { entry.value.saysTheSame(as: $0) } ?? false
                }
        default: return false
        }
    }
}
