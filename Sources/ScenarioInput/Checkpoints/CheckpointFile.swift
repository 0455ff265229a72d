import Foundation
public import NodeManagers

/// One of the kubelet's checkpoint files, told by its content.
public enum CheckpointFile: Hashable, Sendable {
    case cpu(CPUManagerCheckpoint)
    case memory(MemoryManagerCheckpoint)
    case devices(DeviceManagerCheckpoint)

    /// Reads a file, `-` for standard input, and checks its checksum; with the gate PodLevelResourceManagers or
    /// without.
    public init(path: String) throws(InputError) {
        var files = InputFiles(
            folder: URL(filePath: FileManager.default.currentDirectoryPath), environment: [:])
        let bytes: [UInt8]
        do throws(FileProblem) {
            bytes = try files.readScenarioFile(path, limit: SourceLimits.configuration.bytes)
        } catch {
            throw InputError([
                Diagnostic(file: path, message: error.message, hint: error.hint)
            ])
        }
        let root = try readJSONSource(bytes, file: path)
        if root["Data"] != nil {
            self = .devices(try DeviceManagerCheckpoint(reading: bytes, file: path))
        } else if root["machineState"] != nil {
            self = .memory(try MemoryManagerCheckpoint(reading: bytes, file: path))
        } else if root["defaultCpuSet"] != nil {
            self = .cpu(try CPUManagerCheckpoint(reading: bytes, file: path))
        } else {
            throw InputError([
                Diagnostic(
                    file: path, line: root.mark.line, column: root.mark.column,
                    message: "expected a kubelet's checkpoint file, found other JSON",
                    hint: "a kubelet keeps cpu_manager_state, memory_manager_state and"
                        + " device-plugins/kubelet_internal_checkpoint under /var/lib/kubelet")
            ])
        }
    }

    /// What the kubelet writes.
    public var checksum: UInt32 {
        switch self {
        case .cpu(let file): file.checksum
        case .memory(let file): file.checksum
        case .devices(let file): file.checksum
        }
    }
}
