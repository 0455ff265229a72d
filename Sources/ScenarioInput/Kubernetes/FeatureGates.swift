/// The feature gates of Kubernetes 1.36: names, stage, default, and whether the default is final.
///
/// Grouped, since most gates of a stage are alike. (k/k pkg/features and staging component-base, 1.36)
package struct KubernetesFeatureGate: Hashable, Sendable {
    package enum Stage: String, Sendable {
        case alpha = "ALPHA"
        case beta = "BETA"
        case general = "GA"
        case deprecated = "DEPRECATED"
    }

    package var name: String
    package var stage: Stage
    package var isOnByDefault: Bool
    /// Whether setting it to anything but the default is an error.
    package var isLocked: Bool
}

extension KubernetesFeatureGate {
    /// Every gate, ascending by name.
    package static let all: [KubernetesFeatureGate] = groups.flatMap { group in
        group.names.split(separator: " ").map { name in
            KubernetesFeatureGate(
                name: String(name), stage: group.stage, isOnByDefault: group.isOn,
                isLocked: group.isLocked)
        }
    }
    .sorted { $0.name < $1.name }

    static func named(_ name: String) -> KubernetesFeatureGate? { byName[name] }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    private struct Group: Sendable {
        var stage: Stage
        var isOn: Bool
        var isLocked: Bool
        /// Between blanks.
        var names: String
    }

    private static let groups: [Group] = [
        Group(
            stage: .alpha, isOn: false, isLocked: false,
            names: """
                APIServingWithRoutine AllAlpha AllowUnsafeMalformedObjectDeletion \
                CBORServingAndStorage CPUManagerPolicyAlphaOptions CRIListStreaming \
                CSIVolumeHealth ClientsAllowCBOR ClientsPreferCBOR \
                CloudControllerManagerWatchBasedRoutesReconciliation \
                CloudControllerManagerWebhook ContainerStopSignals \
                ControllerManagerReleaseLeaderElectionLockOnExit \
                CrossNamespaceVolumeDataSource DRAListTypeAttributes \
                DRANodeAllocatableResources DRAResourcePoolStatus DRAWorkloadResourceClaims \
                EventedPLEG GangScheduling GenericWorkload HPAScaleToZero \
                ImageVolumeWithDigest InPlacePodVerticalScalingExclusiveCPUs \
                InPlacePodVerticalScalingExclusiveMemory KubeletInUserNamespace \
                ManifestBasedAdmissionControlConfig MemoryQoS MutablePVNodeAffinity \
                NativeHistograms PersistentVolumeClaimUnusedSinceTime \
                PodAndContainerStatsFromCRI PodLevelResourceManagers PodLogsQuerySplitStreams \
                PodsAPI QOSReserved ReduceDefaultCrashLoopBackOffDecay \
                RuntimeClassInImageCriApi ShardedListAndWatch StorageCapacityScoring \
                StorageVersionAPI TaintTolerationComparisonOperators \
                TopologyAwareWorkloadScheduling TopologyManagerPolicyAlphaOptions \
                UserNamespacesHostNetworkSupport VolumeLimitScaling \
                WindowsCPUAndMemoryAffinity WorkloadAwarePreemption WorkloadWithJob
                """),
        Group(
            stage: .beta, isOn: false, isLocked: false,
            names: """
                AllBeta ClusterTrustBundle ClusterTrustBundleProjection \
                ConcurrentWatchObjectDecode CoordinatedLeaderElection DRADeviceTaintRules \
                LocalStorageCapacityIsolationFSQuotaMonitoring MaxUnavailableStatefulSet \
                PodCertificateRequest SELinuxMount SchedulerAsyncAPICalls \
                StorageVersionMigrator
                """),
        Group(
            stage: .beta, isOn: true, isLocked: false,
            names: """
                APIResponseCompression APIServerIdentity AllowParsingUserUIDFromCertAuth \
                AtomicFIFO AuthorizePodWebsocketUpgradeCreatePermission \
                CPUManagerPolicyBetaOptions CRDObservedGenerationTracking \
                ClearingNominatedNodeNameAfterBinding ClientsAllowCARotation \
                ClientsAllowTLSCacheGC ComponentFlagz ComponentStatusz \
                ConstrainedImpersonation ContainerCheckpoint ContainerRestartRules \
                DRAConsumableCapacity DRADeviceBindingConditions DRADeviceTaints \
                DRAExtendedResource DRAPartitionableDevices DRAResourceClaimDeviceStatus \
                DRAResourceClaimGranularStatusAuthorization DRASchedulerFilterTimeout \
                DeclarativeValidationBeta DeploymentReplicaSetTerminatingReplicas \
                DetectCacheInconsistency EnvFiles ExtendWebSocketsToKubelet \
                GracefulNodeShutdown GracefulNodeShutdownBasedOnPodPriority \
                HPAConfigurableTolerance HostnameOverride InOrderInformersBatchProcess \
                InPlacePodLevelResourcesVerticalScaling \
                InPlacePodVerticalScalingInitContainers KubeletCrashLoopBackOffMax \
                KubeletEnsureSecretPulledImages KubeletSeparateDiskGC \
                KubeletServiceAccountTokenForCredentialProviders ListFromCacheSnapshot \
                MatchLabelKeysInPodTopologySpread \
                MatchLabelKeysInPodTopologySpreadSelectorMerge \
                MutablePodResourcesForSuspendedJobs \
                MutableSchedulingDirectivesForSuspendedJobs NodeDeclaredFeatures \
                NominatedNodeNameForExpectation OpenAPIEnums OpportunisticBatching \
                PLEGOnDemandRelist PodDeletionCost PodLevelResources \
                PodReadyToStartContainersCondition PodTopologyLabelsAdmission \
                PortForwardWebsockets PreventStaticPodAPIReferences \
                RelaxedServiceNameValidation ReloadKubeletClientCAFile \
                ReloadKubeletServerCertificateFile RemoteRequestHeaderUID ResourceHealthStatus \
                ResourceHealthStatusMessage RestartAllContainersOnContainerExits \
                RotateKubeletServerCertificate SchedulerAsyncPreemption \
                SchedulerPopFromBackoffQ ServiceAccountNodeAudienceRestriction \
                SizeBasedListCostEstimate StaleControllerConsistencyDaemonSet \
                StaleControllerConsistencyJob StaleControllerConsistencyReplicaSet \
                StaleControllerConsistencyStatefulSet StatefulSetSemanticRevisionComparison \
                StorageVersionHash StrictIPCIDRValidation \
                StructuredAuthenticationConfigurationEgressSelector \
                StructuredAuthenticationConfigurationJWKSMetrics \
                TokenRequestServiceAccountUIDValidation TopologyManagerPolicyBetaOptions \
                TranslateStreamCloseWebsocketRequests UnauthenticatedHTTP2DOSMitigation \
                UnknownVersionInteroperabilityProxy UnlockWhileProcessingFIFO \
                WatchCacheInitializationPostStartHook WatchList WatchListClient \
                WindowsGracefulNodeShutdown
                """),
        Group(
            stage: .general, isOn: true, isLocked: false,
            names: """
                AllowServiceExternalIPs CustomCPUCFSQuotaPeriod DRAPrioritizedList \
                InformerResourceVersion MutatingAdmissionPolicy
                """),
        Group(
            stage: .general, isOn: true, isLocked: true,
            names: """
                APIServerTracing AnonymousAuthConfigurableEndpoints AnyVolumeDataSource \
                AuthorizeNodeWithSelectors AuthorizeWithSelectors BtreeWatchCache \
                CPUManagerPolicyOptions CRDValidationRatcheting CSIServiceAccountTokenSecrets \
                ConsistentListFromCache CustomResourceFieldSelectors DRAAdminAccess \
                DeclarativeValidation DisableAllocatorDualWrite DynamicResourceAllocation \
                ExecProbeTimeout ExternalServiceAccountTokenSigner ImageMaximumGCAge \
                ImageVolume InOrderInformers InPlacePodVerticalScaling JobBackoffLimitPerIndex \
                JobManagedBy JobPodReplacementPolicy JobSuccessPolicy \
                KubeletCgroupDriverFromCRI KubeletFineGrainedAuthz KubeletPSI \
                KubeletPodResourcesDynamicResources KubeletPodResourcesGet KubeletTracing \
                LogarithmicScaleDown MatchLabelKeysInPodAffinity MultiCIDRServiceAllocator \
                MutableCSINodeAllocatableCount NFTablesProxyMode \
                NodeInclusionPolicyInPodTopologySpread NodeLogQuery NodeSwap \
                OrderedNamespaceDeletion PodLifecycleSleepAction \
                PodLifecycleSleepActionAllowZero PodObservedGenerationTracking \
                PodSchedulingReadiness PreferSameTrafficDistribution ProcMountType \
                RecoverVolumeExpansionFailure RecursiveReadOnlyMounts \
                RelaxedDNSSearchValidation RelaxedEnvironmentVariableValidation \
                ResilientWatchCacheInitialization RetryGenerateName SELinuxChangePolicy \
                SELinuxMountReadWriteOncePod SchedulerQueueingHints \
                SeparateTaintEvictionController ServiceAccountTokenJTI \
                ServiceAccountTokenNodeBinding ServiceAccountTokenNodeBindingValidation \
                ServiceAccountTokenPodNodeInfo SidecarContainers \
                StreamingCollectionEncodingToJSON StreamingCollectionEncodingToProtobuf \
                StructuredAuthenticationConfiguration SupplementalGroupsPolicy SystemdWatchdog \
                TopologyManagerPolicyOptions UserNamespacesSupport VolumeAttributesClass \
                WinDSR WinOverlay
                """),
        Group(
            stage: .deprecated, isOn: false, isLocked: false,
            names: """
                AllowDNSOnlyNodeCSR AllowInsecureKubeletCertificateSigningRequests \
                ChangeContainerStatusOnKubeletRestart DeclarativeValidationTakeover KMSv1 \
                KubeletRegistrationGetOnExistsOnly WindowsHostNetwork
                """),
        Group(
            stage: .deprecated, isOn: false, isLocked: true,
            names: """
                AllowOverwriteTerminationGracePeriodSeconds GitRepoVolumeDriver \
                SeparateCacheWatchRPC
                """),
        Group(
            stage: .deprecated, isOn: true, isLocked: false,
            names: """
                DisableCPUQuotaWithExclusiveCPUs KubeletPodResourcesListUseActivePods \
                ServiceCIDRStatusFieldWiping StorageNamespaceIndex
                """),
        Group(
            stage: .deprecated, isOn: true, isLocked: true,
            names: """
                AggregatedDiscoveryRemoveBetaType DisableNodeKubeProxyVersion
                """),
    ]
}
