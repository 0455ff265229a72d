/// A line of a machine's diagram: pieces of text, each with a meaning that a terminal may colour.
struct MachineDiagramLine {
    enum Style {
        case plain, frame, heading, socket, numaNode, memoryOnly, cache, device

        /// The SGR code that starts it; none for plain text.
        var code: String? {
            switch self {
            case .plain: nil
            case .frame: "2"
            case .heading: "1"
            case .socket: "1;34"
            case .numaNode: "1;36"
            case .memoryOnly: "1;35"
            case .cache: "32"
            case .device: "33"
            }
        }
    }

    private(set) var pieces: [(text: String, style: Style)] = []
    /// Columns on a terminal; every character here is one column wide.
    private(set) var width = 0

    init(_ text: String = "", _ style: Style = .plain) { add(text, style) }

    mutating func add(_ text: String, _ style: Style = .plain) {
        if text.isEmpty { return }
        pieces.append((text, style))
        width += text.unicodeScalars.count
    }

    mutating func add(_ other: MachineDiagramLine) {
        pieces += other.pieces
        width += other.width
    }

    /// The line with spaces at its end, or cut with `…`, so that it is `columns` wide.
    func fitted(to columns: Int) -> MachineDiagramLine {
        var line = MachineDiagramLine()
        if width <= columns {
            line = self
            line.add(String(repeating: " ", count: columns - width))
            return line
        }
        for piece in pieces {
            let room = columns - 1 - line.width
            if room <= 0 { break }
            line.add(
                String(String.UnicodeScalarView(piece.text.unicodeScalars.prefix(room))),
                piece.style)
        }
        if columns > 0 { line.add("…") }
        return line
    }

    /// As text, without spaces at its end.
    func text(colour: Bool) -> String {
        var text = ""
        for piece in pieces {
            if colour, let code = piece.style.code {
                text += "\u{1B}[\(code)m\(piece.text)\u{1B}[0m"
            } else {
                text += piece.text
            }
        }
        while text.last == " " { text.removeLast() }
        return text
    }
}
