package import Foundation
package import ScenarioInput

/// The recordings that a command was given; standard input is spooled to disk, since some are read twice.
package final class TraceFiles {
    package private(set) var inputs: [TraceInput] = []
    private var spooled: URL?

    package init(paths: [String], standardInput: FileHandle = .standardInput) throws(InputError) {
        for path in paths {
            guard path == "-" else {
                inputs.append(TraceInput(name: path, content: .file(URL(filePath: path))))
                continue
            }
            guard spooled == nil else {
                throw InputError([
                    Diagnostic(file: "-", message: "standard input is named twice")
                ])
            }
            inputs.append(TraceInput(name: "-", content: .file(try spool(standardInput))))
        }
    }

    private func spool(_ handle: FileHandle) throws(InputError) -> URL {
        let url = FileManager.default.temporaryDirectory.appending(
            path: "topsim-trace-\(UUID().uuidString)")
        guard FileManager.default.createFile(atPath: url.path, contents: nil),
            let copy = FileHandle(forWritingAtPath: url.path)
        else {
            throw InputError([
                Diagnostic(
                    file: "-", message: "standard input cannot be kept at `\(url.path)`")
            ])
        }
        spooled = url
        do {
            while let chunk = try handle.read(upToCount: 1 << 18), !chunk.isEmpty {
                try copy.write(contentsOf: chunk)
            }
            try copy.close()
        } catch {
            throw InputError([
                Diagnostic(
                    file: "-",
                    message: "standard input cannot be read: \(error.localizedDescription)")
            ])
        }
        return url
    }

    deinit { if let spooled { try? FileManager.default.removeItem(at: spooled) } }
}
