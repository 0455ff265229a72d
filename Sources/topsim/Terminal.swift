import Foundation

/// What is known of the terminal at the other end of a file descriptor.
enum Terminal {
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Colour is for terminals, and not where `NO_COLOR` is set (https://no-color.org).
    static func usesColour(_ descriptor: Int32) -> Bool {
        let environment = ProcessInfo.processInfo.environment
        return isTerminal(descriptor) && (environment["NO_COLOR"] ?? "").isEmpty
            && environment["TERM"] != "dumb"
    }
}

/// Where data goes; all else goes to stderr.
enum StandardOutput {
    /// - Throws: `RunFailure` when the text cannot be written. A reader that has gone away is no failure.
    static func write(_ text: String) throws(RunFailure) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            let code = posixCode(of: error)
            guard code != EPIPE else { return }
            throw RunFailure(message: "cannot write to standard output: \(reason(code))")
        }
    }

    private static func posixCode(of error: any Error) -> Int32 {
        let error = error as NSError
        let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
        return Int32(underlying.code)
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
