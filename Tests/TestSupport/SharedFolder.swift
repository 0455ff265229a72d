public import Foundation

/// The folder of vectors and real data that lies beside the checkout: `TOPSIM_SHARED`, else `../shared`.
///
/// It is not part of the project. Suites that need it run when it is there and say so when it is not.
public enum SharedFolder {
    public static let url: URL? = {
        let environment = ProcessInfo.processInfo.environment["TOPSIM_SHARED"]
        let checkout = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folder =
            environment.map { URL(filePath: $0) }
            ?? checkout.deletingLastPathComponent().appending(path: "shared")
        let marker = folder.appending(path: "conformance/README.md").path
        return FileManager.default.fileExists(atPath: marker) ? folder : nil
    }()

    public static var isPresent: Bool { url != nil }

    /// The bytes of a file under the folder.
    public static func contents(_ path: String) throws -> Data {
        guard let url else { throw CocoaError(.fileNoSuchFile) }
        return try Data(contentsOf: url.appending(path: path))
    }
}
