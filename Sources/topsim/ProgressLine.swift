import ArgumentParser
import Foundation
import Primitives
import Reporting

/// How progress is shown, always on stderr.
enum ProgressMode: String, CaseIterable, ExpressibleByArgument {
    /// One line that is drawn again, on a terminal; nothing elsewhere.
    case auto
    /// A line every few seconds, for logs.
    case plain
    case none
}

/// Time on the wall clock since it was made.
struct Stopwatch {
    private let start = ContinuousClock.now

    var elapsed: SimDuration {
        let parts = (ContinuousClock.now - start).components
        return SimDuration(
            nanoseconds: parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
    }
}

/// Draws how far a run is, no more often than a reader can follow.
struct ProgressLine {
    private enum Style {
        case redrawn, lines, silent
    }

    private let style: Style
    private let interval: Duration
    private var lastShown = ContinuousClock.now
    private var isOnScreen = false

    init(_ mode: ProgressMode) {
        switch mode {
        case .auto: style = Terminal.isTerminal(STDERR_FILENO) ? .redrawn : .silent
        case .plain: style = .lines
        case .none: style = .silent
        }
        interval = style == .redrawn ? .milliseconds(100) : .seconds(5)
    }

    /// Shows the report, unless one was shown a moment ago.
    mutating func show(_ report: @autoclosure () -> ProgressReport) {
        show(report().text)
    }

    /// Shows a line, unless one was shown a moment ago.
    mutating func show(_ text: @autoclosure () -> String) {
        guard style != .silent, ContinuousClock.now - lastShown >= interval else { return }
        lastShown = ContinuousClock.now
        let text = text()
        if style == .redrawn {
            write("\r\u{1B}[K" + String(text.prefix(79)))
            isOnScreen = true
        } else {
            write(text + "\n")
        }
    }

    /// Takes the line off the screen and says how fast it went.
    mutating func close(_ text: @autoclosure () -> String) {
        guard style != .silent else { return }
        if isOnScreen { write("\r\u{1B}[K") }
        isOnScreen = false
        write(text() + "\n")
    }

    /// Takes the line off the screen.
    mutating func clear() {
        if isOnScreen { write("\r\u{1B}[K") }
        isOnScreen = false
    }

    private func write(_ text: String) {
        // Progress that nobody can see is not worth a failure.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
