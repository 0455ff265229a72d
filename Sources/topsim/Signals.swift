import Foundation
import Synchronization

/// SIGINT and SIGTERM as a question that the run asks between slices of work.
enum Signals {
    private static let received = Atomic<Int32>(0)

    /// The signal that asked for an end, if one did.
    static var pending: Int32? {
        let signal = received.load(ordering: .relaxed)
        return signal == 0 ? nil : signal
    }

    /// A full disk and a reader that went away are errors of a write, not the end of the process.
    static func prepare() {
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
    }

    /// From here on the first signal asks for an end in good order; a second one ends the process at once.
    static func watch() {
        // The global is made before a handler can run.
        received.store(0, ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                Signals.received.store(number, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }
}
