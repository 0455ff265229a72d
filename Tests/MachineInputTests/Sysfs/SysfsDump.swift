import Foundation
import HardwareModel
import ScenarioInput
import TestSupport
import Testing

/// A machine in one of the shared folder's archives of /sys, with hwloc's readings of it.
struct SysfsDump: Sendable, CustomTestStringConvertible {
    /// Below hw/, such as `sysfs/nri_sample2.tar.xz`.
    var archive: String
    /// The name that its hwloc XML has in hw/hwloc-xml-derived, without `.xml`.
    var name: String
    var testDescription: String { name }

    /// What `lstopo` 2.9 made of the dump.
    var derivedXML: String { "data/hw/hwloc-xml-derived/\(name).xml" }

    static let folders = ["sysfs", "lscpu", "must-gather"]

    /// Every archive there is, read once; those with several machines give one a folder.
    static let all: [(dump: SysfsDump, result: Result<ImportedMachine, any Error>)] = {
        var dumps: [(SysfsDump, Result<ImportedMachine, any Error>)] = []
        for folder in folders {
            for file in SysfsDump.files(in: folder) where file.contains(".t") {
                guard let base = baseName(file) else { continue }
                let archive = "\(folder)/\(file)"
                do {
                    let bytes = [UInt8](try SharedFolder.contents("data/hw/\(archive)"))
                    let machines = try readSysfsArchive(bytes: bytes, file: archive)
                    for machine in machines {
                        let inside = machine.machine.name.split(separator: "/").joined(
                            separator: "__")
                        let whole = inside.split(separator: "_").first.map(String.init) ?? ""
                        let name =
                            machines.count == 1
                            ? base
                            : base + "__" + inside.dropFirst(whole.count).drop { $0 == "_" }
                        dumps.append((SysfsDump(archive: archive, name: name), .success(machine)))
                    }
                } catch {
                    dumps.append((SysfsDump(archive: archive, name: base), .failure(error)))
                }
            }
        }
        return dumps
    }()

    static let dumps: [SysfsDump] = SharedFolder.isPresent ? all.map(\.dump) : []

    func machine() throws -> ImportedMachine {
        guard let found = SysfsDump.all.first(where: { $0.dump.name == name }) else {
            throw CocoaError(.fileNoSuchFile)
        }
        return try found.result.get()
    }

    static func files(in folder: String) -> [String] {
        guard let url = SharedFolder.url?.appending(path: "data/hw/\(folder)") else { return [] }
        return ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
    }

    private static func baseName(_ file: String) -> String? {
        for ending in [".sysinfo.tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tar"]
        where file.hasSuffix(ending) {
            return String(file.dropLast(ending.count))
        }
        return nil
    }
}
