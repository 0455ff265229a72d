import ClusterSimulation

extension ScenarioBuilder {
    /// The networks that pods' annotations name: objects in the scenario, and files of them.
    mutating func buildNetworks() {
        for node in root.list("networkAttachments") {
            var report = ImportReport()
            var found: [NetworkAttachment] = []
            do throws(InputError) {
                if let path = node.text {
                    found = try readNetworks(path, at: node, &report)
                } else {
                    found = [try readNetworkAttachment(node, report: &report)]
                }
            } catch {
                for diagnostic in error.diagnostics { diagnostics.add(diagnostic) }
            }
            tell(report)
            for network in found where !networks.add(network) {
                diagnostics.error(
                    at: node,
                    "a second network is called `\(network.namespace)/\(network.name)`")
            }
        }
    }

    private mutating func readNetworks(
        _ path: String, at node: SourceNode, _ report: inout ImportReport
    ) throws(InputError) -> [NetworkAttachment] {
        let bytes: [UInt8]
        do throws(FileProblem) {
            bytes = try files.read(path, limit: SourceLimits.configuration.bytes)
        } catch {
            throw error.isKnown ? InputError([]) : problem(error, path, at: node)
        }
        let (objects, own) = try readNodeSideObjects(bytes, file: path)
        report.append(own)
        if objects.networks.isEmpty {
            diagnostics.error(
                at: node, "`\(path)` has no NetworkAttachmentDefinition",
                hint: "the file has objects of `k8s.cni.cncf.io/v1`")
        }
        return objects.networks
    }

    func problem(_ problem: FileProblem, _ path: String, at node: SourceNode) -> InputError {
        InputError([
            Diagnostic(
                file: node.mark.file, line: node.mark.line, column: node.mark.column,
                message: "`\(path)`: \(problem.message)", hint: problem.hint)
        ])
    }

    /// What an import left out or guessed, as notes.
    mutating func tell(_ report: ImportReport) {
        for note in report.notes where note.outcome != .taken {
            diagnostics.add(
                Diagnostic(
                    severity: .note, file: note.file, line: note.line,
                    message: "\(note.subject): \(note.reason)"))
        }
    }

    /// A workload's template with the devices that its networks take; nil after a mistake was told.
    mutating func withNetworks(_ template: SourceNode, namespace: String) -> SourceNode? {
        var report = ImportReport()
        do throws(InputError) {
            let result = try injectNetworks(
                into: template, namespace: namespace, from: networks, report: &report)
            tell(report)
            return result
        } catch {
            for diagnostic in error.diagnostics { diagnostics.add(diagnostic) }
            return nil
        }
    }
}
