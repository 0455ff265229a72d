package import Primitives
package import WorkloadModel

/// Reads a pod template, `{metadata?, spec}`, as a Deployment or a scenario's workload holds it.
///
/// Applies API defaulting and validation; all mistakes go to `diagnostics`, and nil is returned after an error.
package func readPodTemplate(
    _ node: SourceNode, resources: inout ResourceTable, diagnostics: inout Diagnostics
) -> PodShape? {
    nil
}
