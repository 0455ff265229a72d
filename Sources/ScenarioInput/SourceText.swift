/// Lines, places and tokens of a text, for showing where a mistake stands. Lines and columns count from 1.
extension String {
    /// The text split at line feeds, as `Diagnostic.line` counts.
    var lines: [Substring] {
        split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    }

    /// Line `number` without its end; nil when there is none.
    func line(_ number: Int) -> String? {
        guard number > 0 else { return nil }
        var start = utf8.startIndex
        for _ in 1..<number {
            guard let end = utf8[start...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            start = utf8.index(after: end)
        }
        var end = utf8[start...].firstIndex(of: UInt8(ascii: "\n")) ?? utf8.endIndex
        if end > start, utf8[utf8.index(before: end)] == UInt8(ascii: "\r") {
            end = utf8.index(before: end)
        }
        return String(self[start..<end])
    }

    /// Line and column of the character at `offset`.
    func place(ofCharacter offset: Int) -> (line: Int, column: Int) {
        let before = prefix(offset)
        let line = before.utf8.count { $0 == UInt8(ascii: "\n") } + 1
        let column = before.unicodeScalars.reversed().prefix { $0 != "\n" }.count + 1
        return (line, column)
    }

    /// What stands at `column` of this line: a quoted string, or a word up to a separator.
    func token(at column: Int) -> String {
        let scalars = Array(unicodeScalars.dropFirst(column > 1 ? column - 1 : 0))
        guard let first = scalars.first else { return "" }
        var end = 0
        if first == "\"" || first == "'" {
            end = (scalars.dropFirst().firstIndex(of: first) ?? scalars.count - 1) + 1
        } else {
            // Brackets within a word belong to it: `${NAME}`.
            var depth = 0
            while end < scalars.count, depth > 0 || !isEndOfToken(scalars, end) {
                if end > 0, "[{".unicodeScalars.contains(scalars[end]) { depth += 1 }
                if "]}".unicodeScalars.contains(scalars[end]) { depth -= 1 }
                end += 1
            }
            while end > 0, scalars[end - 1] == " " { end -= 1 }
        }
        var token = String.UnicodeScalarView()
        token.append(contentsOf: scalars[..<end])
        return String(token)
    }
}

/// Whether a plain word ends before `position`: at a separator, or at a comment.
private func isEndOfToken(_ scalars: [Unicode.Scalar], _ position: Int) -> Bool {
    let next = position + 1 < scalars.count ? scalars[position + 1] : " "
    switch scalars[position] {
    case ",", "]", "}": return position > 0
    case "[", "{": return position == 0 && next == " "
    case ":": return next == " "
    case "#": return position > 0 && scalars[position - 1] == " "
    default: return false
    }
}
