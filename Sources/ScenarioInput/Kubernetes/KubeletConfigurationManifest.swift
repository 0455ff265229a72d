package import NodeManagers
import WorkloadModel

/// Reads a KubeletConfiguration, whole or as the mapping under `nodes.<group>.kubelet`; nil gives the defaults.
///
/// All mistakes go to `diagnostics`, and nil is returned after an error.
package func readKubeletConfiguration(
    _ node: SourceNode?, diagnostics: inout Diagnostics
) -> KubeletSettings? {
    guard let node else { return KubeletSettings() }
    var own = Diagnostics()
    let configuration = readKubeletConfigurationManifest(node, diagnostics: &own)
    if let configuration {
        for error in configuration.validate() { own.add(error.diagnostic) }
    }
    let settings = configuration.flatMap { makeKubeletSettings($0, diagnostics: &own) }
    for diagnostic in own.all { diagnostics.add(diagnostic) }
    return own.hasErrors ? nil : settings
}

/// Reads the fields of a KubeletConfiguration strictly and fills in the defaults; nil after an error.
///
/// `apiVersion` and `kind` may be left out. An OpenShift `KubeletConfig` is looked into for its `spec.kubeletConfig`.
package func readKubeletConfigurationManifest(
    _ node: SourceNode, diagnostics: inout Diagnostics
) -> KubeletConfiguration? {
    if node["kind"]?.text == "KubeletConfig", let inner = node["spec"]?["kubeletConfig"] {
        return readKubeletConfigurationManifest(inner, diagnostics: &diagnostics)
    }
    var reader = ManifestReader(Diagnostics(), unknownFields: .refused)
    if reader.isKubeletConfiguration(node) {
        reader.checkMembers(of: node, at: "", are: KubeletFields.all)
    }
    let isDecodable = !reader.diagnostics.hasErrors
    for diagnostic in reader.diagnostics.all { diagnostics.add(diagnostic) }
    return isDecodable ? KubeletConfiguration(decodable: node) : nil
}

extension ManifestReader {
    /// Whether the object says nothing else about itself.
    fileprivate mutating func isKubeletConfiguration(_ node: SourceNode) -> Bool {
        guard let entries = entries(of: node, at: "") else { return false }
        let fields = ManifestFields(entries: entries, path: "", node: node)
        for (key, value) in [
            ("kind", "KubeletConfiguration"), ("apiVersion", "kubelet.config.k8s.io/v1beta1"),
        ] where fields[key] != nil {
            if !expect(value, for: key, of: fields) { return false }
        }
        return true
    }
}

extension KubeletConfiguration {
    /// Takes what is known to be well typed, and fills in the defaults. (SetDefaults_KubeletConfiguration)
    fileprivate init(decodable node: SourceNode) {
        self.init(node: node)
        for entry in node.entries ?? [] where !entry.value.isNull { given[entry.key] = entry.value }
        func text(_ field: String, default text: String) -> String {
            let written = given[field]?.text ?? ""
            return written.isEmpty ? text : written
        }
        func entries(_ field: String) -> [TextEntry]? {
            given[field]?.entries?.map {
                TextEntry(name: $0.key, text: $0.value.text ?? "", node: $0.value)
            }
        }
        cpuManagerPolicy = text("cpuManagerPolicy", default: "none")
        cpuManagerPolicyOptions = entries("cpuManagerPolicyOptions")
        if let period = given["cpuManagerReconcilePeriod"]?.text.flatMap({ GoDuration($0) }),
            period.nanoseconds != 0
        {
            cpuManagerReconcilePeriod = period
        }
        memoryManagerPolicy = text("memoryManagerPolicy", default: "None")
        reservedMemory = (given["reservedMemory"]?.elements ?? []).map { MemoryReservation($0) }
        topologyManagerPolicy = text("topologyManagerPolicy", default: "none")
        topologyManagerScope = text("topologyManagerScope", default: "container")
        topologyManagerPolicyOptions = entries("topologyManagerPolicyOptions")
        kubeReserved = entries("kubeReserved")
        systemReserved = entries("systemReserved")
        evictionHard = entries("evictionHard")
        mergeDefaultEvictionSettings = given["mergeDefaultEvictionSettings"]?.boolean ?? false
        if let elements = given["enforceNodeAllocatable"]?.elements {
            enforceNodeAllocatable = elements.map { $0.text ?? "" }
        }
        reservedSystemCPUs = text("reservedSystemCPUs", default: "")
        if let number = number("maxPods"), number != 0 { maxPods = Int32(number) }
        // A negative limit is no limit, as is none.
        if let number = number("podPidsLimit"), number >= 0 { podPidsLimit = number }
        featureGates = (given["featureGates"]?.entries ?? []).map {
            GateSetting(name: $0.key, isOn: $0.value.boolean ?? false, node: $0.value)
        }
        systemReservedCgroup = text("systemReservedCgroup", default: "")
        kubeReservedCgroup = text("kubeReservedCgroup", default: "")
        cgroupsPerQOS = given["cgroupsPerQOS"]?.boolean ?? true
        for field in KubeletConfiguration.ranges.map(\.field) {
            if let number = number(field) { numbers.append((field, number)) }
        }
    }

    private func number(_ field: String) -> Int64? {
        given[field]?.text.flatMap { Int64($0) }
    }
}

extension KubeletConfiguration.MemoryReservation {
    fileprivate init(_ node: SourceNode) {
        self.init()
        numaNode = node["numaNode"]?.text.flatMap { Int32($0) } ?? 0
        var unheard = Diagnostics()
        for entry in node["limits"]?.entries ?? [] {
            let quantity = readQuantity(entry.value, diagnostics: &unheard)
            limits.set(entry.key, to: quantity ?? .zero, at: entry.value)
        }
    }
}

extension SourceNode {
    fileprivate var boolean: Bool? {
        if case .scalar(let text, false) = value, case .boolean(let isOn) = PlainScalar(text) {
            return isOn
        }
        return nil
    }
}
