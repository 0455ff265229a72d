import Foundation
import ScenarioInput

/// The machines that vectors of one folder may name.
///
/// Every file `*.json` beside the vectors that has a list `machines` is a topologies file, whatever it is called. A
/// machine that none of them has is looked for in the folder above.
struct VectorMachines: Sendable {
    private var machines: [String: VectorMachine] = [:]
    /// Names that two files give to different machines, and the files.
    private var ambiguous: [String: String] = [:]
    /// What is wrong with topologies files; told when a case names a machine that is not found.
    private(set) var mistakes: [Diagnostic] = []
    /// What was read of each machine, to know it again in another file.
    private var sources: [String: (json: JSONValue, file: String)] = [:]

    /// A topologies file is not larger.
    private static let maximumBytes = 16 << 20

    init() {}

    /// Reads the topologies files of `folder`, and those of the folder above if a machine of `names` is missing.
    ///
    /// - Parameter shown: The folder as a message shows it, with a slash at the end unless it is empty.
    init(folder: URL, shown: String, names: Set<String>) {
        self.init(folder: folder, shown: shown)
        let missing = names.filter { machines[$0] == nil && ambiguous[$0] == nil }
        guard !missing.isEmpty else { return }
        let above = VectorMachines(
            folder: folder.appending(path: "..").standardizedFileURL, shown: shown + "../")
        for name in missing {
            machines[name] = above.machines[name]
            ambiguous[name] = above.ambiguous[name]
        }
        if !missing.allSatisfy({ machines[$0] != nil }) { mistakes += above.mistakes }
    }

    private init(folder: URL, shown: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names.filter({ $0.hasSuffix(".json") && !$0.hasPrefix(".") }).sorted() {
            read(folder.appending(path: name), shown + name)
        }
    }

    private mutating func read(_ file: URL, _ shown: String) {
        let values = try? file.resolvingSymlinksInPath()
            .resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
        guard values?.isRegularFile == true, (values?.fileSize ?? 0) <= Self.maximumBytes,
            let data = try? Data(contentsOf: file)
        else { return }
        let bytes = [UInt8](data)
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONParser.parse(bytes[...])
        } catch {
            let line = bytes.prefix(error.offset).count { $0 == UInt8(ascii: "\n") } + 1
            mistakes.append(
                Diagnostic(
                    file: shown, line: line, column: 1, message: "not JSON: \(error.message)")
            )
            return
        }
        for (index, entry) in (json["machines"]?.elements ?? []).enumerated() {
            do throws(VectorStop) {
                let machine = try VectorMachine(entry)
                if let known = sources[machine.name], known.json != entry {
                    ambiguous[machine.name] = "`\(known.file)` and `\(shown)`"
                }
                machines[machine.name] = machine
                sources[machine.name] = (entry, shown)
            } catch {
                guard case .malformed(let message) = error else { continue }
                let label = entry["name"]?.text.map { "machine `\($0)`" } ?? "machine \(index + 1)"
                mistakes.append(Diagnostic(file: shown, message: "\(label): \(message)"))
            }
        }
    }

    /// Why the machine cannot be used, or nil.
    func mistake(of name: String) -> String? {
        if let files = ambiguous[name] {
            return "machine `\(name)` is not the same in \(files)"
        }
        return machines[name] == nil ? "there is no machine `\(name)` beside the file" : nil
    }

    func machine(named name: String) throws(VectorStop) -> VectorMachine {
        guard let machine = machines[name], ambiguous[name] == nil else {
            throw .malformed(mistake(of: name) ?? "machine `\(name)`")
        }
        return machine
    }

    /// The machine that a case names as its `topology`.
    func machine(of json: JSONValue) throws(VectorStop) -> VectorMachine {
        try machine(named: try required(json["topology"]?.text, "topology"))
    }
}
