/// The mistakes of one reading as people see them, in the order in which they were found.
///
/// ```
/// error: `telco-edge.yaml:31:30`: unknown Topology Manager policy `single-numa`
///    31 |       topologyManagerPolicy: single-numa
///       |                              ^^^^^^^^^^^
/// hint: policies are `none`, `best-effort`, `restricted`, `single-numa-node`
/// ```
///
/// - Parameter colour: Whether to use ANSI colours; the text reads the same without.
public func render(_ diagnostics: [Diagnostic], colour: Bool) -> String {
    diagnostics.map { DiagnosticText(colour: colour).text(of: $0) }.joined(separator: "\n")
}

extension InputError {
    /// All its mistakes as people see them.
    public func rendered(colour: Bool) -> String { render(diagnostics, colour: colour) }
}

private struct DiagnosticText {
    let colour: Bool

    func text(of diagnostic: Diagnostic) -> String {
        var text = painted("\(diagnostic.severity.rawValue):", code(diagnostic.severity))
        text += " `\(place(of: diagnostic))`: \(diagnostic.message)\n"
        if let line = diagnostic.sourceLine, diagnostic.line > 0 {
            text += excerpt(line, diagnostic)
        }
        if let hint = diagnostic.hint { text += painted("hint:", "36") + " \(hint)\n" }
        return text
    }

    private func place(of diagnostic: Diagnostic) -> String {
        if diagnostic.line == 0 { return shown(diagnostic.file) }
        let line = "\(shown(diagnostic.file)):\(diagnostic.line)"
        return diagnostic.column == 0 ? line : "\(line):\(diagnostic.column)"
    }

    /// The line and the carets under what is meant; a long line is cut around it.
    private func excerpt(_ line: String, _ diagnostic: Diagnostic) -> String {
        let width = 100
        let scalars = Array(line.unicodeScalars)
        let column = max(1, min(diagnostic.column, scalars.count + 1))
        let start = column > width - 20 ? column - width / 2 : 0
        let cut = scalars[min(start, scalars.count)...].prefix(width)
        var window = String.UnicodeScalarView()
        for scalar in cut { window.append(scalar.value < 0x20 ? " " : scalar) }
        let length = line.token(at: column).unicodeScalars.count
        let carets = max(1, min(length, width - (column - 1 - start)))
        let number = String(diagnostic.line)
        let margin = String(repeating: " ", count: max(0, 5 - number.count))
        let blank = String(repeating: " ", count: margin.count + number.count)
        let indent = String(repeating: " ", count: column - 1 - start)
        return "\(margin)\(number) | \(start > 0 ? "…" : "")\(String(window))\n"
            + "\(blank) | \(start > 0 ? " " : "")\(indent)"
            + painted(String(repeating: "^", count: carets), code(diagnostic.severity)) + "\n"
    }

    /// A name without control characters, so that a file's name cannot write to the terminal.
    private func shown(_ name: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in name.unicodeScalars { shown.append(scalar.value < 0x20 ? "?" : scalar) }
        return String(shown)
    }

    private func code(_ severity: Diagnostic.Severity) -> String {
        switch severity {
        case .error: "1;31"
        case .warning: "1;33"
        case .note: "1;34"
        }
    }

    private func painted(_ text: String, _ code: String) -> String {
        colour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
