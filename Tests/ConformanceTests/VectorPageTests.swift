import Conformance
import Foundation
import TestSupport
import Testing

@Suite struct VectorPageTests {
    private static let file = Checkout.url.appending(path: "docs/reference/vectors.md")

    @Test func `the page tells kinds apart as the registry does`() throws {
        let rows = VectorKindRegistry.all.map { kind in
            "| `\(kind.name)` | \(kind.markText) | \(kind.summary) |"
                + (kind.isSupported ? " yes |" : " not yet |")
        }
        let page = try String(contentsOf: Self.file, encoding: .utf8)
        let head = "|---|---|---|---|\n"
        let start = try #require(page.range(of: "| kind | marks | asks | runs |\n" + head))
        let end = try #require(page.range(of: "\n## Kinds of the kubelet"))
        let want =
            page[..<start.upperBound] + rows.joined(separator: "\n") + "\n"
            + page[end.lowerBound...]
        if ProcessInfo.processInfo.environment["TOPSIM_UPDATE_GOLDENS"] == "1" {
            try Data(want.utf8).write(to: Self.file)
        } else {
            #expect(page == want)
        }
    }
}
