import Foundation
import Testing

/// Compares a text with a file of the checkout; with `TOPSIM_UPDATE_GOLDENS=1` writes it.
func expectGolden(
    _ text: String, _ path: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let golden = checkoutFile(path)
    if ProcessInfo.processInfo.environment["TOPSIM_UPDATE_GOLDENS"] == "1" {
        try Data(text.utf8).write(to: golden)
    }
    let known = (try? String(contentsOf: golden, encoding: .utf8)) ?? ""
    #expect(
        text == known,
        "\(path) is not what the code says; TOPSIM_UPDATE_GOLDENS=1 swift test rewrites it",
        sourceLocation: sourceLocation)
}

/// The text of a file of the checkout.
func checkoutText(_ path: String) throws -> String {
    try String(contentsOf: checkoutFile(path), encoding: .utf8)
}

private func checkoutFile(_ path: String) -> URL {
    URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: path)
}
