package import NodeManagers

/// Reads a KubeletConfiguration, whole or as the mapping under `nodes.<group>.kubelet`; nil gives the defaults.
///
/// All mistakes go to `diagnostics`, and nil is returned after an error.
package func readKubeletConfiguration(
    _ node: SourceNode?, diagnostics: inout Diagnostics
) -> KubeletSettings? {
    guard let node else { return KubeletSettings() }
    _ = node
    return nil
}
