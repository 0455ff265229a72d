/// The fields of a KubeletConfiguration with their types: the kubelet reads it strictly.
///
/// (k/k staging kubelet/config/v1beta1/types.go, component-base logs and tracing api/v1)
enum KubeletFieldType: Sendable {
    case text, boolean, int32, int64, number, duration, quantities
    /// A duration, or nanoseconds as a number.
    case durationOrNumber
    case texts, textsByName, booleansByName
    case textListsByName
    case object([KubeletField])
    case objects([KubeletField])
    /// What no one here looks into.
    case anything
}

struct KubeletField: Sendable {
    var name: String
    var type: KubeletFieldType

    init(_ name: String, _ type: KubeletFieldType) {
        self.name = name
        self.type = type
    }
}

enum KubeletFields {
    static let all: [KubeletField] =
        named(.text, "apiVersion kind")
        + named(
            .text,
            """
            staticPodPath staticPodURL address tlsCertFile tlsPrivateKeyFile tlsMinVersion \
            healthzBindAddress clusterDomain kubeletCgroups systemCgroups cgroupRoot cgroupDriver \
            cpuManagerPolicy memoryManagerPolicy topologyManagerPolicy topologyManagerScope \
            hairpinMode podCIDR resolvConf contentType containerLogMaxSize \
            configMapAndSecretChangeDetectionStrategy reservedSystemCPUs \
            showHiddenMetricsForVersion systemReservedCgroup kubeReservedCgroup volumePluginDir \
            providerID containerRuntimeEndpoint imageServiceEndpoint podLogsDir \
            imagePullCredentialsVerificationPolicy memoryReservationPolicy
            """)
        + named(
            .boolean,
            """
            enableServer rotateCertificates serverTLSBootstrap enableDebuggingHandlers \
            enableContentionProfiling cgroupsPerQOS runOnce cpuCFSQuota serializeImagePulls \
            enableControllerAttachDetach protectKernelDefaults makeIPTablesUtilChains failSwapOn \
            kernelMemcgNotification enableSystemLogHandler enableSystemLogQuery \
            enableProfilingHandler enableDebugFlagsHandler seccompDefault registerNode \
            localStorageCapacityIsolation failCgroupV1 singleProcessOOMKill \
            mergeDefaultEvictionSettings
            """)
        + named(
            .int32,
            """
            port readOnlyPort registryPullQPS registryBurst eventRecordQPS eventBurst healthzPort \
            oomScoreAdj nodeLeaseDurationSeconds imageGCHighThresholdPercent \
            imageGCLowThresholdPercent maxPods nodeStatusMaxImages kubeAPIQPS kubeAPIBurst \
            maxParallelImagePulls evictionMaxPodGracePeriod podsPerCore iptablesMasqueradeBit \
            iptablesDropBit containerLogMaxFiles containerLogMaxWorkers
            """)
        + named(.int64, "podPidsLimit maxOpenFiles") + named(.number, "memoryThrottlingFactor")
        + named(
            .duration,
            """
            syncFrequency fileCheckFrequency httpCheckFrequency streamingConnectionIdleTimeout \
            nodeStatusUpdateFrequency nodeStatusReportFrequency imageMinimumGCAge \
            imageMaximumGCAge volumeStatsAggPeriod cpuManagerReconcilePeriod \
            runtimeRequestTimeout cpuCFSQuotaPeriod evictionPressureTransitionPeriod \
            shutdownGracePeriod shutdownGracePeriodCriticalPods containerLogMonitorInterval
            """)
        + named(
            .texts,
            """
            tlsCipherSuites clusterDNS enforceNodeAllocatable allowedUnsafeSysctls \
            preloadedImagesVerificationAllowlist
            """)
        + named(
            .textsByName,
            """
            cpuManagerPolicyOptions topologyManagerPolicyOptions qosReserved evictionHard \
            evictionSoft evictionSoftGracePeriod evictionMinimumReclaim kubeReserved \
            systemReserved
            """)
        + named(.booleansByName, "featureGates") + named(.textListsByName, "staticPodURLHeader")
        + objects

    private static let objects: [KubeletField] = [
        KubeletField(
            "authentication",
            .object([
                KubeletField("x509", .object(named(.text, "clientCAFile"))),
                KubeletField(
                    "webhook", .object(named(.boolean, "enabled") + named(.duration, "cacheTTL"))),
                KubeletField("anonymous", .object(named(.boolean, "enabled"))),
            ])),
        KubeletField(
            "authorization",
            .object([
                KubeletField("mode", .text),
                KubeletField(
                    "webhook",
                    .object(named(.duration, "cacheAuthorizedTTL cacheUnauthorizedTTL"))),
            ])),
        KubeletField("memorySwap", .object(named(.text, "swapBehavior"))),
        KubeletField("crashLoopBackOff", .object(named(.duration, "maxContainerRestartPeriod"))),
        KubeletField("userNamespaces", .object(named(.int64, "idsPerPod"))),
        KubeletField(
            "tracing",
            .object(named(.text, "endpoint") + named(.int32, "samplingRatePerMillion"))),
        KubeletField(
            "logging",
            .object(
                named(.text, "format") + named(.durationOrNumber, "flushFrequency")
                    + named(.int64, "verbosity") + named(.anything, "vmodule options"))),
        KubeletField(
            "shutdownGracePeriodByPodPriority",
            .objects(named(.int32, "priority") + named(.int64, "shutdownGracePeriodSeconds"))),
        KubeletField("registerWithTaints", .objects(named(.text, "key value effect timeAdded"))),
        KubeletField(
            "reservedMemory",
            .objects(named(.int32, "numaNode") + named(.quantities, "limits"))),
    ]

    private static func named(
        _ type: KubeletFieldType, _ names: String
    ) -> [KubeletField] {
        names.split(separator: " ").map { KubeletField(String($0), type) }
    }
}

extension ManifestReader {
    /// Tells what in `node` is not of `type`.
    mutating func check(_ node: SourceNode, at path: String, is type: KubeletFieldType) {
        switch type {
        case .text: _ = text(node, at: path)
        case .boolean: _ = boolean(node, at: path)
        case .int32: _ = integer(node, at: path, as: Int32.self)
        case .int64: _ = integer(node, at: path, as: Int64.self)
        case .number:
            if case .scalar(let text, false) = node.value, PlainScalar(text) == .number { return }
            wrongType(node, at: path, expected: "a number")
        case .duration: _ = duration(node, at: path)
        case .durationOrNumber:
            if case .scalar(let text, false) = node.value, PlainScalar(text) == .number { return }
            _ = duration(node, at: path)
        case .quantities: _ = quantities(node, at: path)
        case .texts: checkElements(of: node, at: path, are: .text)
        case .textsByName: checkValues(of: node, at: path, are: .text)
        case .booleansByName: checkValues(of: node, at: path, are: .boolean)
        case .textListsByName: checkValues(of: node, at: path, are: .texts)
        case .object(let members): checkMembers(of: node, at: path, are: members)
        case .objects(let members): checkElements(of: node, at: path, are: .object(members))
        case .anything: break
        }
    }

    mutating func checkMembers(
        of node: SourceNode, at path: String, are members: [KubeletField]
    ) {
        guard let fields = fields(of: node, at: path, known: members.map(\.name)) else { return }
        for member in members {
            if let value = fields[member.name] {
                check(value, at: fields.path(member.name), is: member.type)
            }
        }
    }

    private mutating func checkElements(
        of node: SourceNode, at path: String, are type: KubeletFieldType
    ) {
        guard let elements = node.elements else {
            wrongType(node, at: path, expected: "a list")
            return
        }
        for (index, element) in elements.enumerated() where !element.isNull {
            check(element, at: "\(path)[\(index)]", is: type)
        }
    }

    private mutating func checkValues(
        of node: SourceNode, at path: String, are type: KubeletFieldType
    ) {
        for entry in entries(of: node, at: path) ?? [] where !entry.value.isNull {
            check(entry.value, at: "\(path)[\(entry.key)]", is: type)
        }
    }

    mutating func duration(_ node: SourceNode, at path: String) -> GoDuration? {
        if case .scalar(let text, let isQuoted) = node.value,
            isQuoted || PlainScalar(text) == .text
        {
            if let duration = GoDuration(text) { return duration }
        }
        wrongType(node, at: path, expected: "a duration such as `10s` or `1h30m`")
        return nil
    }
}
