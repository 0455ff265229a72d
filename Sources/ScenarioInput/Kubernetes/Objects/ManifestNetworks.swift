/// Gives the pods of a text what the networks of their annotations take; networks that are objects of the text are
/// known from then on.
///
/// Without any network in the table nothing is looked at. See `injectNetworks`.
/// - Throws: Networks and annotations that cannot be read, all of them.
func connectNetworks(
    _ objects: inout KubernetesObjects, to table: inout NetworkAttachmentTable,
    report: inout ImportReport
) throws(InputError) {
    var mistakes: [Diagnostic] = []
    for object in objects.objects where object.kind == "NetworkAttachmentDefinition" {
        do throws(InputError) {
            var own = ImportReport()
            _ = table.add(try readNetworkAttachment(object.node, report: &own))
        } catch {
            mistakes += error.diagnostics
        }
    }
    if table.isEmpty, mistakes.isEmpty { return }
    for index in objects.objects.indices where objects.objects[index].treatment == .workload {
        let object = objects.objects[index]
        do throws(InputError) {
            objects.objects[index].node = try withNetworks(
                object.node, along: templatePath(of: object.kind),
                namespace: object.effectiveNamespace, table, &report)
        } catch {
            mistakes += error.diagnostics
        }
    }
    if !mistakes.isEmpty { throw InputError(mistakes) }
}

/// Where the pod stands in an object that makes pods.
private func templatePath(of kind: String) -> [String] {
    switch kind {
    case "Pod": []
    case "CronJob": ["spec", "jobTemplate", "spec", "template"]
    default: ["spec", "template"]
    }
}

private func withNetworks(
    _ node: SourceNode, along path: [String], namespace: String, _ table: NetworkAttachmentTable,
    _ report: inout ImportReport
) throws(InputError) -> SourceNode {
    guard let key = path.first else {
        return try injectNetworks(into: node, namespace: namespace, from: table, report: &report)
    }
    // What is not there is told by the reader of workloads.
    guard let child = node[key], child.entries != nil else { return node }
    return node.setting(
        key,
        to: try withNetworks(
            child, along: Array(path.dropFirst()), namespace: namespace, table, &report))
}
