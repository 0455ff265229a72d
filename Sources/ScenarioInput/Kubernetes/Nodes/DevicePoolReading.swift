import Primitives
import WorkloadModel

// MARK: The device plugin's ConfigMap

/// Reads a ConfigMap of the SR-IOV device plugin: every `config.json` in its data, as pools.
///
/// - Throws: All mistakes at once; a ConfigMap that is none of the plugin.
public func readDevicePools(
    configMap node: SourceNode, report: inout ImportReport
) throws(InputError) -> [DevicePool] {
    var texts: [(name: String, node: SourceNode)] = []
    let place = ObjectPlace(node)
    _ = try readForeignObject(
        node, kind: "ConfigMap", apiVersions: ["v1"], known: ["data"],
        silent: ["binaryData", "immutable"], report: &report
    ) { reader, fields, report in
        texts = reader.texts("data", of: fields).map { ($0.key, $0.node) }
        return true
    }
    var pools: [DevicePool] = []
    var mistakes: [Diagnostic] = []
    var budget = EmbeddedTextBudget()
    for (name, text) in texts {
        // The operator writes one key a node; the plugin's own example calls it `config.json`.
        guard let json = text.text, json.contains("resourceList") else {
            report.dropped(
                place.subject, "`data[\(name)]` is no configuration of the device plugin",
                file: place.file, line: text.mark.line)
            continue
        }
        do throws(InputError) {
            try budget.charge(json, at: text)
            let file = "\(node.mark.file) (data[\(name)])"
            let root = try readJSONSource(Array(json.utf8), file: file)
            pools += try readDevicePools(configuration: root, report: &report)
        } catch {
            mistakes += error.diagnostics
        }
    }
    if !mistakes.isEmpty { throw InputError(mistakes) }
    return pools
}

/// Reads the device plugin's own configuration, `{"resourceList": […]}`.
public func readDevicePools(
    configuration node: SourceNode, report: inout ImportReport
) throws(InputError) -> [DevicePool] {
    var reader = ManifestReader(Diagnostics(), unknownFields: .noted)
    var pools: [DevicePool] = []
    if let fields = reader.fields(of: node, at: "", known: ["resourceList"]) {
        let elements = reader.list("resourceList", of: fields)
        if elements.isEmpty, !reader.diagnostics.hasErrors {
            reader.diagnostics.error(
                at: node, "`resourceList` has no resource",
                hint: "each has `resourceName` and `selectors`")
        }
        for (index, element) in elements.enumerated() {
            if let pool = reader.pool(element, at: "resourceList[\(index)]", &report) {
                pools.append(pool)
            }
        }
    }
    for note in reader.diagnostics.all where note.severity != .error {
        report.dropped("device plugin", note.message, file: note.file, line: note.line)
    }
    let errors = reader.diagnostics.all.filter { $0.severity == .error }
    if !errors.isEmpty { throw InputError(errors) }
    return pools
}

extension ManifestReader {
    fileprivate mutating func pool(
        _ node: SourceNode, at path: String, _ report: inout ImportReport
    ) -> DevicePool? {
        guard
            let fields = fields(
                of: node, at: path,
                known: [
                    "resourceName", "resourcePrefix", "selectors", "deviceType", "excludeTopology",
                ], silent: ["additionalInfo"])
        else { return nil }
        guard let name = resourceName(of: fields) else { return nil }
        let prefix = text("resourcePrefix", of: fields) ?? ""
        let resource = "\(prefix.isEmpty ? "intel.com" : prefix)/\(name)"
        guard isResource(resource, fields["resourceName"] ?? node) else { return nil }
        let word = text("deviceType", of: fields) ?? "netDevice"
        guard let type = DevicePool.DeviceType(rawValue: word) else {
            diagnostics.error(
                at: fields["deviceType"] ?? node, "`\(path).deviceType`: `\(word)` is unknown",
                hint: "types are `netDevice`, `accelerator` and `auxNetDevice`")
            return nil
        }
        var pool = DevicePool(
            resource: resource, kind: .plugin(type), subject: "resource \(resource)", name: name,
            file: node.mark.file, line: node.mark.line)
        pool.excludesTopology = boolean("excludeTopology", of: fields) ?? false
        pool.numaHint = numaHint(in: [name])
        let selectors = fields["selectors"]
        let elements = selectors?.elements ?? selectors.map { [$0] } ?? []
        for (index, element) in elements.enumerated() {
            let inner = selectors?.elements == nil ? "" : "[\(index)]"
            if let selector = selector(element, at: "\(path).selectors\(inner)") {
                pool.selectors.append(selector)
            }
        }
        report.taken(
            pool.subject, "\(pool.selectors.count) selectors", file: pool.file, line: pool.line)
        return pool
    }

    /// A name as the plugin allows it: letters, digits and underscores.
    private mutating func resourceName(of fields: ManifestFields) -> String? {
        guard let node = fields["resourceName"] else {
            diagnostics.error(at: fields.node, "`\(fields.path("resourceName"))` is missing")
            return nil
        }
        return text(node, at: fields.path("resourceName"))
    }

    mutating func isResource(_ name: String, _ node: SourceNode) -> Bool {
        if ResourceNames.isExtended(name) { return true }
        diagnostics.error(
            at: node, "`\(name)` is no extended resource",
            hint: "a device plugin's resource is `domain/name`, such as `intel.com/sriov_vfs`")
        return false
    }

    private mutating func selector(_ node: SourceNode, at path: String) -> DeviceSelector? {
        guard
            let fields = fields(
                of: node, at: path,
                known: [
                    "vendors", "devices", "drivers", "pfNames", "rootDevices", "pciAddresses",
                    "isRdma",
                ],
                silent: ["needVhostNet"])
        else { return nil }
        var selector = DeviceSelector()
        selector.vendors = identifiers("vendors", of: fields)
        selector.devices = identifiers("devices", of: fields)
        selector.drivers = names("drivers", of: fields)
        selector.physicalFunctions = functions("pfNames", of: fields)
        selector.rootDevices = functions("rootDevices", of: fields)
        selector.pciAddresses = names("pciAddresses", of: fields)
        selector.isRDMA = boolean("isRdma", of: fields) ?? false
        return selector
    }

    mutating func names(_ key: String, of fields: ManifestFields) -> [String] {
        list(key, of: fields).enumerated().compactMap { index, element in
            text(element, at: "\(fields.path(key))[\(index)]")
        }
    }

    private mutating func identifiers(_ key: String, of fields: ManifestFields) -> [Int] {
        list(key, of: fields).enumerated().compactMap { index, element in
            identifier(element, at: "\(fields.path(key))[\(index)]")
        }
    }

    /// Four hexadecimal digits, quoted or not: `8086`, `"15b3"`.
    mutating func identifier(_ node: SourceNode, at path: String) -> Int? {
        if let text = node.text, text.utf8.count <= 6 {
            let digits = text.lowercased().hasPrefix("0x") ? text.dropFirst(2) : Substring(text)
            if let number = Int(digits, radix: 16), 0...0xFFFF ~= number { return number }
        }
        wrongType(node, at: path, expected: "four hexadecimal digits such as `8086`")
        return nil
    }

    mutating func functions(
        _ key: String, of fields: ManifestFields
    ) -> [DeviceSelector.NamedFunctions] {
        list(key, of: fields).enumerated().compactMap { index, element in
            functions(element, at: "\(fields.path(key))[\(index)]")
        }
    }

    /// `ens1f0`, `ens1f0#0-3,5`
    private mutating func functions(
        _ node: SourceNode, at path: String
    ) -> DeviceSelector.NamedFunctions? {
        guard let text = text(node, at: path) else { return nil }
        guard let mark = text.firstIndex(of: "#") else { return .init(name: text) }
        let range = text[text.index(after: mark)...]
        guard let list = try? CPUList(range), let last = list.ranges.last, last.upperBound <= 65535,
            list.ranges[0].lowerBound >= 0
        else {
            diagnostics.error(
                at: node, "`\(path)`: `\(range)` is no range of virtual functions",
                hint: "write `\(text[..<mark])#0-3`")
            return nil
        }
        return .init(name: String(text[..<mark]), virtualFunctions: list.ranges)
    }
}

// MARK: Policies and accelerators

/// Most virtual functions of one card: what SR-IOV has numbers for.
private let functionLimit: Int32 = 65535

/// Reads a SriovNetworkNodePolicy.
///
/// - Parameter prefix: The operator's resource prefix; `openshift.io` unless it was set otherwise.
public func readSriovNetworkNodePolicy(
    _ node: SourceNode, prefix: String = "openshift.io", report: inout ImportReport
) throws(InputError) -> DevicePool {
    let place = ObjectPlace(node)
    return try readForeignObject(
        node, kind: "SriovNetworkNodePolicy", apiVersions: ["sriovnetwork.openshift.io/v1"],
        known: ["spec"], report: &report
    ) { reader, fields, report in
        let metadata = reader.foreignMetadata(fields)
        guard let spec = fields["spec"],
            let own = reader.fields(
                of: spec, at: "spec",
                known: [
                    "resourceName", "numVfs", "nicSelector", "nodeSelector", "isRdma",
                    "excludeTopology", "deviceType", "priority",
                ],
                silent: [
                    "mtu", "linkType", "needVhostNet", "eSwitchMode", "vdpaType",
                    "externallyManaged", "bridge",
                ])
        else {
            reader.diagnostics.error(at: node, "a SriovNetworkNodePolicy without `spec`")
            return nil
        }
        guard let name = reader.text("resourceName", of: own) else {
            reader.diagnostics.error(at: spec, "`spec.resourceName` is missing")
            return nil
        }
        guard let count = reader.integer("numVfs", of: own, as: Int32.self),
            0...functionLimit ~= count
        else {
            reader.diagnostics.error(
                at: own["numVfs"] ?? spec, "`spec.numVfs` is no number of virtual functions",
                hint: "0 to \(grouped(Int(functionLimit)))")
            return nil
        }
        let resource = "\(prefix)/\(name)"
        guard reader.isResource(resource, own["resourceName"] ?? spec) else { return nil }
        var pool = DevicePool(
            resource: resource, kind: .policy(virtualFunctions: Int(count)),
            subject: place.subject, name: metadata.name, file: place.file, line: place.line)
        var selector = DeviceSelector()
        if let nic = own["nicSelector"],
            let nicFields = reader.fields(
                of: nic, at: "spec.nicSelector",
                known: ["vendor", "deviceID", "pfNames", "rootDevices"], silent: [])
        {
            selector.vendors = ["vendor"].compactMap { key in
                nicFields[key].flatMap { reader.identifier($0, at: "spec.nicSelector.\(key)") }
            }
            selector.devices = ["deviceID"].compactMap { key in
                nicFields[key].flatMap { reader.identifier($0, at: "spec.nicSelector.\(key)") }
            }
            selector.physicalFunctions = reader.functions("pfNames", of: nicFields)
            selector.rootDevices = reader.functions("rootDevices", of: nicFields)
        } else {
            reader.diagnostics.error(
                at: own["nicSelector"] ?? spec, "`spec.nicSelector` selects nothing",
                hint: "name cards by `pfNames`, `rootDevices`, `vendor` or `deviceID`")
        }
        if selector == DeviceSelector(), !reader.diagnostics.hasErrors {
            reader.diagnostics.error(
                at: own["nicSelector"] ?? spec, "`spec.nicSelector` selects nothing",
                hint: "name cards by `pfNames`, `rootDevices`, `vendor` or `deviceID`")
        }
        selector.isRDMA = reader.boolean("isRdma", of: own) ?? false
        pool.selectors = [selector]
        let type = reader.text("deviceType", of: own) ?? "netdevice"
        if !["netdevice", "vfio-pci"].contains(type) {
            reader.diagnostics.error(
                at: own["deviceType"] ?? spec, "`spec.deviceType`: `\(type)` is unknown",
                hint: "types are `netdevice` and `vfio-pci`")
        }
        pool.excludesTopology = reader.boolean("excludeTopology", of: own) ?? false
        pool.priority = Int(reader.integer("priority", of: own, as: Int32.self) ?? 0)
        pool.nodeSelector = reader.texts("nodeSelector", of: own)
            .map { Label(key: $0.key, value: $0.value) }
        pool.numaHint = numaHint(in: [name, metadata.name])
        report.taken(
            place.subject, "\(count) virtual functions a card as `\(resource)`", file: place.file,
            line: place.line)
        return pool
    }
}

/// Reads a SriovFecClusterConfig: virtual functions of a forward error correction accelerator.
public func readSriovFecClusterConfig(
    _ node: SourceNode, report: inout ImportReport
) throws(InputError) -> DevicePool {
    let place = ObjectPlace(node)
    return try readForeignObject(
        node, kind: "SriovFecClusterConfig",
        apiVersions: ["sriovfec.intel.com/v2", "sriovvrb.intel.com/v1", "sriovfec.intel.com/v1"],
        known: ["spec"], report: &report
    ) { reader, fields, report in
        let metadata = reader.foreignMetadata(fields)
        guard let spec = fields["spec"],
            let own = reader.fields(
                of: spec, at: "spec",
                known: ["priority", "nodeSelector", "acceleratorSelector", "physicalFunction"],
                silent: ["drainSkip"])
        else {
            reader.diagnostics.error(at: node, "a SriovFecClusterConfig without `spec`")
            return nil
        }
        guard let function = own["physicalFunction"],
            let card = reader.fields(
                of: function, at: "spec.physicalFunction", known: ["vfAmount", "bbDevConfig"],
                silent: ["pfDriver", "vfDriver"]),
            let count = reader.integer("vfAmount", of: card, as: Int32.self),
            0...functionLimit ~= count
        else {
            reader.diagnostics.error(
                at: own["physicalFunction"] ?? spec,
                "`spec.physicalFunction.vfAmount` is no number of virtual functions")
            return nil
        }
        let model = card["bbDevConfig"]?.entries?.first?.key ?? "acc100"
        let resources = [
            "n3000": "intel_fec_5g", "fpga5GNR": "intel_fec_5g", "fpgaLTE": "intel_fec_lte",
            "acc100": "intel_fec_acc100", "acc200": "intel_fec_acc200", "vrb1": "intel_vrb_vrb1",
            "vrb2": "intel_vrb_vrb2",
        ]
        let resource = "intel.com/\(resources[model] ?? "intel_fec_\(dnsLabel(model))")"
        var pool = DevicePool(
            resource: resource, kind: .accelerator(virtualFunctions: Int(count)),
            subject: place.subject, name: metadata.name, file: place.file, line: place.line)
        var selector = DeviceSelector()
        if let accelerator = own["acceleratorSelector"],
            let which = reader.fields(
                of: accelerator, at: "spec.acceleratorSelector",
                known: ["pciAddress", "vendorID", "deviceID"],
                silent: ["driver", "maxVirtualFunctions"])
        {
            selector.pciAddresses = reader.text("pciAddress", of: which).map { [$0] } ?? []
            selector.vendors =
                which["vendorID"].flatMap {
                    reader.identifier($0, at: "spec.acceleratorSelector.vendorID")
                }.map { [$0] } ?? []
            selector.devices =
                which["deviceID"].flatMap {
                    reader.identifier($0, at: "spec.acceleratorSelector.deviceID")
                }.map { [$0] } ?? []
        }
        pool.selectors = [selector]
        pool.priority = Int(reader.integer("priority", of: own, as: Int32.self) ?? 0)
        pool.nodeSelector = reader.texts("nodeSelector", of: own)
            .map { Label(key: $0.key, value: $0.value) }
        pool.numaHint = numaHint(in: [metadata.name])
        report.guessed(
            place.subject,
            "its resource is `\(resource)`, as the accelerator's own device plugin calls a `\(model)`",
            file: place.file, line: place.line)
        return pool
    }
}
