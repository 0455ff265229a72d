// Anuket RA2, chapter 3. The texts of the codes are the first paragraphs of their docs pages.

/// The checks of pods and nodes against Anuket's Kubernetes reference architecture.
public enum RA2Codes {
    public static let registry = LintCodeRegistry([
        hugePagesMissing, notGuaranteed, cpusNotWhole, initContainerSpoilsQoS, oddCPUs,
        smtAlignmentRefused, memoryOnlyInRequests, requestsDiffer, hugePagesAlone,
        hugePageSizeNotOffered, largerThanNUMANode, pagesOvercommitted, virtualFunctionMissing,
        singleInterface, unknownNetwork, networkWithoutResource, parentInterfaceAnywhere,
        signallingWithVirtualFunction, topologyExcluded, featureNotLabelled,
        instructionsNotSelected, acceleratorMissing, deviceNotOffered, replicasNotApart,
        tiedToANode, hostPath, cpuManagerNone, topologyPolicyTooWeak, memoryManagerNone,
        reservedMemorySum, reservedSplitsCores, isolatedNotTheRest, nothingReserved,
        topologyWithoutHints, coresShared, unknownClass, classTooLow, pagesNotWhole, nodesOpen,
    ])

    static let hugePagesMissing = LintCode(
        "R0001", "huge-pages-missing", .error, "a dataplane pod asks for no huge pages",
        clause: clause(
            "Management of Memory and Huge Pages Resources; table of categories, 4 and 5"),
        summary: """
            User space networking keeps its packet buffers in huge pages. A pod of class c4 or \
            c5 that asks for none either fails to start its DPDK application or takes pages that \
            nobody counted for it. Ask for `hugepages-1Gi` or `hugepages-2Mi`.
            """)

    static let notGuaranteed = LintCode(
        "R0002", "not-guaranteed", .error,
        "a pod that needs CPUs or memory of its own is not Guaranteed",
        clause: clause(
            "Hardware Topology Management; Management of Memory and Huge Pages Resources"),
        summary: """
            CPU Manager and Memory Manager serve only pods whose QoS class is Guaranteed. Any \
            other pod runs in the shared pool, whatever the node is configured for. Give every \
            container limits for cpu and memory, and requests that equal them.
            """)

    static let cpusNotWhole = LintCode(
        "R0003", "cpus-not-whole", .error,
        "a container that needs CPUs of its own asks for a part of one",
        clause: clause("Hardware Topology Management"),
        summary: """
            The static CPU Manager policy gives exclusive CPUs, and hints about their NUMA node, \
            only for whole numbers of CPUs. A container that asks for 1500m shares CPUs with its \
            neighbours. Round the request to a whole number.
            """)

    static let initContainerSpoilsQoS = LintCode(
        "R0004", "init-container-spoils-qos", .error,
        "an init container without limits takes the pod's QoS class away",
        clause: clause("Hardware Topology Management"),
        summary: """
            Init containers count when Kubernetes works out a pod's QoS class, although they \
            have ended before the application starts. One without limits makes the pod \
            Burstable, and its containers get no exclusive CPUs. Give the init container limits \
            for cpu and memory.
            """)

    static let oddCPUs = LintCode(
        "R0005", "odd-cpus", .warning, "a dataplane container asks for an odd number of CPUs",
        clause: clause("CPU Management Policies"),
        summary: """
            On cores with two threads, an odd number leaves one thread of a core to somebody \
            else, who then competes for the core's units and caches. RA2 asks for even numbers \
            where physical cores and threads are told apart. Ask for an even number.
            """)

    static let smtAlignmentRefused = LintCode(
        "R0006", "smt-alignment-refused", .error,
        "a container's CPUs are no whole cores, and the node admits only those",
        clause: clause("CPU Management Policies"),
        summary: """
            With `full-pcpus-only` the kubelet refuses a container whose exclusive CPUs do not \
            fill cores: `SMTAlignmentError`. Ask for a multiple of the threads of a core, or \
            keep the pod away from these nodes.
            """)

    static let memoryOnlyInRequests = LintCode(
        "R0007", "memory-only-in-requests", .error, "memory is requested and not limited",
        clause: clause("Management of Memory and Huge Pages Resources"),
        summary: """
            A limit counts as a request where none is given, but not the other way round. A \
            container that requests memory and does not limit it makes the pod Burstable, so \
            that nothing is set aside for it on a NUMA node. Add the limit.
            """)

    static let requestsDiffer = LintCode(
        "R0008", "requests-differ-from-limits", .error,
        "a device or huge page request differs from its limit",
        clause: clause("Management of Memory and Huge Pages Resources; Device Plugin Framework"),
        summary: """
            Huge pages and devices cannot be overcommitted: the API server refuses a pod whose \
            request and limit of one differ, or that gives a request alone. Write the limit, and \
            the same request or none.
            """)

    static let hugePagesAlone = LintCode(
        "R0009", "huge-pages-alone", .error, "huge pages are asked for without cpu or memory",
        clause: clause("Management of Memory and Huge Pages Resources"),
        summary: """
            The API server refuses a pod that asks for huge pages and for neither cpu nor \
            memory. Add both: they are what makes the pod Guaranteed, too.
            """)

    static let hugePageSizeNotOffered = LintCode(
        "R0010", "huge-page-size-not-offered", .error,
        "no node offers huge pages of the size that a pod asks for",
        clause: clause("Management of Memory and Huge Pages Resources"),
        summary: """
            Sizes of huge pages are resources of their own, set up at boot and by the kubelet's \
            node. A pod that asks for 1 GiB pages never runs where only 2 MiB pages exist. \
            Configure the size on the nodes, or ask for one that they have.
            """)

    static let largerThanNUMANode = LintCode(
        "R0011", "larger-than-a-numa-node", .error, "a pod asks for more than any NUMA node holds",
        clause: clause("Hardware Topology Management"),
        summary: """
            Dataplane pods are placed on one NUMA node. One that asks for more CPUs or huge \
            pages than the largest NUMA node of the nodes it may land on is refused for ever \
            under `single-numa-node`, and spread under weaker policies. Make it smaller, or \
            split it.
            """)

    static let pagesOvercommitted = LintCode(
        "R0012", "pages-overcommitted", .warning,
        "pods ask for more huge pages together than the nodes have",
        clause: clause("Management of Memory and Huge Pages Resources"),
        summary: """
            Huge pages are never overcommitted. When all pods that stay ask for more pages of a \
            size than all nodes offer, some of them stay pending. Add pages or nodes, or lower \
            the number of replicas.
            """)

    static let virtualFunctionMissing = LintCode(
        "R0013", "virtual-function-missing", .error,
        "a user plane pod asks for no virtual function",
        clause: clause("Container Networking Services; table of categories, 4 and 5"),
        summary: """
            User plane traffic needs accelerated networking in user space, and the device plugin \
            is how a pod gets a device for it. A dataplane pod without one sends its packets \
            through the kernel. Ask for the device, or attach a network whose definition names \
            its resource.
            """)

    static let singleInterface = LintCode(
        "R0014", "single-interface", .warning, "a dataplane pod attaches no second network",
        clause: clause(
            "Multiple Networks and Advanced Configurations; table of categories, 4 and 5"),
        summary: """
            Kubernetes gives a pod one interface, on the cluster network. Classes c4 and c5 need \
            more of them, which Multus attaches from the annotation \
            `k8s.v1.cni.cncf.io/networks`. Name the networks there.
            """)

    static let unknownNetwork = LintCode(
        "R0015", "unknown-network", .error, "a pod attaches a network that is not defined",
        clause: clause("Multiple Networks and Advanced Configurations"),
        summary: """
            Every name in `k8s.v1.cni.cncf.io/networks` is a NetworkAttachmentDefinition in the \
            pod's namespace, or in the one before the slash. A pod that names another one never \
            gets its interfaces. Correct the name, or add the definition to the files that are \
            read.
            """)

    static let networkWithoutResource = LintCode(
        "R0016", "network-without-resource", .error,
        "a network of virtual functions names no resource",
        clause: clause("Device Plugin Framework; Multiple Networks and Advanced Configurations"),
        summary: """
            The resource of a NetworkAttachmentDefinition is what makes the scheduler count the \
            virtual functions that its pods take. Without the annotation \
            `k8s.v1.cni.cncf.io/resourceName` the pods are placed where none is free. Add it.
            """)

    static let parentInterfaceAnywhere = LintCode(
        "R0017", "parent-interface-anywhere", .warning,
        "a pod needs a node's interface and may land on any node",
        clause: clause("Container Networking Services"),
        summary: """
            MACVLAN and IPVLAN networks hang on an interface of the node, and nothing counts it. \
            A pod that selects no nodes may land on one that has no such interface. Label the \
            nodes that have it, and select them.
            """)

    static let signallingWithVirtualFunction = LintCode(
        "R0018", "signalling-with-virtual-function", .warning,
        "a signalling pod asks for a virtual function",
        clause: clause("Container Networking Services"),
        summary: """
            Signalling traffic needs a network without address translation, on MACVLAN or \
            IPVLAN, and no user space networking. A virtual function is a scarce device that \
            also ties the pod to a NUMA node. Attach a MACVLAN or IPVLAN network instead.
            """)

    static let topologyExcluded = LintCode(
        "R0019", "topology-excluded", .error, "the device of a dataplane pod hides its NUMA node",
        clause: clause("Container Networking Services; Hardware Topology Management"),
        summary: """
            With `excludeTopology: true` the device plugin tells the kubelet of no NUMA node, so \
            that the Topology Manager cannot bring the device and the CPUs together. Dataplane \
            pods need just that. Remove the key for pools that they use.
            """)

    static let featureNotLabelled = LintCode(
        "R0020", "feature-not-labelled", .error,
        "a pod selects a feature that no node is labelled with",
        clause: clause("Node Feature Discovery"),
        summary: """
            Node feature discovery labels nodes with what it finds. A pod that selects such a \
            label stays pending when no node has it: discovery does not run, or the hardware is \
            not there. Run it, or correct the label.
            """)

    static let instructionsNotSelected = LintCode(
        "R0021", "instructions-not-selected", .error,
        "a pod that needs CPU instructions selects none",
        clause: clause("Hardware Acceleration; table of categories, 2 and 5"),
        summary: """
            Classes c2 and c5 are accelerated by CPU instructions, which node feature discovery \
            tells by labels. A pod that selects no `feature.node.kubernetes.io/cpu-…` label may \
            land on a processor that lacks them. Select the label.
            """)

    static let acceleratorMissing = LintCode(
        "R0022", "accelerator-missing", .error, "a pod that needs an accelerator asks for none",
        clause: clause("Hardware Acceleration; table of categories, 3"),
        summary: """
            Class c3 computes with fixed-function accelerators, programmable adapters or \
            SmartNICs, which pods get from device plugins. A pod that asks for no device has \
            none. Add the device's resource to the limits.
            """)

    static let deviceNotOffered = LintCode(
        "R0023", "device-not-offered", .error, "no node offers a device that a pod asks for",
        clause: clause("Device Plugin Framework"),
        summary: """
            A device plugin names its resource when it registers, and a pod must use the same \
            name. A pod that asks for a resource of no node stays pending. Correct the name, or \
            deploy the plugin.
            """)

    static let replicasNotApart = LintCode(
        "R0024", "replicas-not-apart", .note, "replicas of a dataplane workload may share a node",
        clause: clause(
            "Container Runtime Services; Scheduling Pods with Non-resilient Applications"),
        summary: """
            Replicas are there so that enough of them run at any time. When nothing keeps those \
            of a non-resilient application apart, one node may hold all of them and take all of \
            them away. Add anti-affinity or a spread constraint.
            """)

    static let tiedToANode = LintCode(
        "R0025", "tied-to-a-node", .warning, "a pod is tied to one node by name",
        clause: clause("Scheduling Pods with Non-resilient Applications"),
        summary: """
            RA2 wants non-resilient applications decoupled from the details of the nodes that \
            they run on. `nodeName`, or a selector for `kubernetes.io/hostname`, passes over the \
            scheduler and fails when that node is away. Select a feature instead.
            """)

    static let hostPath = LintCode(
        "R0026", "host-path", .note, "a pod mounts a path of the node",
        clause: clause("Container Storage Services"),
        summary: """
            RA2 allows storage of the worker node's file system through `hostPath` and does not \
            recommend it: the pod depends on what lies on that node. Use an `emptyDir`, also \
            with `medium: HugePages`, or a claim.
            """)

    static let cpuManagerNone = LintCode(
        "R0027", "cpu-manager-none", .error,
        "a pod that needs exclusive CPUs may land on a node that gives none",
        clause: clause("CPU Management Policies; table of categories"),
        summary: """
            All five classes need the CPU Manager. With the policy `none` every container runs \
            in the shared pool and is moved and throttled with its neighbours. Set \
            `cpuManagerPolicy: static` on the nodes, or select nodes that have it.
            """)

    static let topologyPolicyTooWeak = LintCode(
        "R0028", "topology-policy-too-weak", .error,
        "a dataplane pod may land on a node that does not insist on alignment",
        clause: clause("Hardware Topology Management; table of categories, 4 and 5"),
        summary: """
            With the policies `none` and `best-effort` a kubelet starts a pod whose CPUs and \
            devices lie on different NUMA nodes. Classes c4 and c5 need them together. Set \
            `topologyManagerPolicy` to `single-numa-node` or `restricted`.
            """)

    static let memoryManagerNone = LintCode(
        "R0029", "memory-manager-none", .warning,
        "huge pages are asked for on a node that does not place them",
        clause: clause("Management of Memory and Huge Pages Resources"),
        summary: """
            With the Memory Manager's policy `None` huge pages come from wherever the kernel \
            finds them, and the Topology Manager does not know. For dataplane pods the policy \
            `Static` keeps them on the NUMA node of the CPUs.
            """)

    static let reservedMemorySum = LintCode(
        "R0030", "reserved-memory-sum", .error, "`reservedMemory` is not what the kubelet reserves",
        clause: clause("Management of Memory and Huge Pages Resources"),
        summary: """
            Under the policy `Static` the entries of `reservedMemory` must add up to \
            `kubeReserved`, `systemReserved` and `evictionHard` together; the kubelet does not \
            start otherwise. Correct the sum.
            """)

    static let reservedSplitsCores = LintCode(
        "R0031", "reserved-splits-cores", .warning, "reserved CPUs share a core with CPUs for pods",
        clause: clause("CPU Management Policies"),
        summary: """
            A core of which one thread is reserved for the system and the other one is given to \
            pods is exclusive to nobody, and under `full-pcpus-only` its second thread is never \
            given at all. Reserve whole cores.
            """)

    static let isolatedNotTheRest = LintCode(
        "R0032", "isolated-not-the-rest", .error,
        "isolated and reserved CPUs overlap or leave CPUs out",
        clause: clause("CPU Management Policies"),
        summary: """
            RA2 lets a kubelet give pods just the CPUs that the kernel isolates, so what is \
            isolated and what is reserved must be apart and be all CPUs together. An overlap \
            runs system processes on isolated CPUs; a gap is given to pods without isolation. \
            Correct the two lists.
            """)

    static let nothingReserved = LintCode(
        "R0033", "nothing-reserved", .error, "the static CPU Manager has no CPU for the system",
        clause: clause("CPU Management Policies"),
        summary: """
            The policy `static` needs CPUs that it never gives away; without any, the kubelet \
            does not start. Set `reservedSystemCPUs`, or cpu under `kubeReserved` or \
            `systemReserved`.
            """)

    static let topologyWithoutHints = LintCode(
        "R0034", "topology-without-hints", .warning,
        "the Topology Manager insists on alignment and hears nothing of CPUs",
        clause: clause("Hardware Topology Management"),
        summary: """
            The Topology Manager merges hints of the other managers. With `cpuManagerPolicy: \
            none` there are no hints about CPUs, and a policy such as `single-numa-node` aligns \
            devices alone. Set the static policy.
            """)

    static let coresShared = LintCode(
        "R0035", "cores-shared", .warning, "a dataplane pod may share cores on nodes with SMT",
        clause: clause("CPU Management Policies; table of categories, 4 and 5"),
        summary: """
            Classes c4 and c5 need the CPU Manager configured for SMT. Without the option `full-\
            pcpus-only` a pod with exclusive CPUs may share a core with another pod, whose load \
            it then feels. Set the option on nodes with more than one thread a core.
            """)

    static let unknownClass = LintCode(
        "R0036", "unknown-class", .error, "a class or kind of traffic that RA2 does not have",
        clause: clause("Scheduling Pods with Non-resilient Applications"),
        summary: """
            Classes are `c1` to `c5`, as the rows of RA2's table are numbered, and traffic is \
            `signalling` or `user-plane`. Any other word leaves the pod unchecked. Correct it.
            """)

    static let classTooLow = LintCode(
        "R0037", "class-too-low", .warning, "a pod asks for more than its class needs",
        clause: clause("Scheduling Pods with Non-resilient Applications"),
        summary: """
            Huge pages and devices for user space networking belong to classes c4 and c5. A pod \
            that says a lower class and asks for them is checked, and reported, too mildly. \
            Correct the class, or leave the resources away.
            """)

    static let pagesNotWhole = LintCode(
        "R0038", "pages-not-whole", .error, "huge pages are asked for in parts of a page",
        clause: clause("Management of Memory and Huge Pages Resources"),
        summary: """
            A huge page is given whole or not at all, so that the API server refuses an amount \
            that is no multiple of the page's size. Ask for whole pages, or for a smaller size.
            """)

    static let nodesOpen = LintCode(
        "R0039", "nodes-open", .note, "nodes of dataplane pods are open to all others",
        clause: clause("CPU Management Policies"),
        summary: """
            RA2 keeps nodes with isolated CPUs to the pods that need them by taints, tolerations \
            and node affinity. A resilient pod that lands there takes room that it could have \
            elsewhere, and disturbs its neighbours through caches and memory. Taint the nodes, \
            and let the dataplane pods tolerate it.
            """)

    private static func clause(_ parts: String) -> String { "RA2 chapter 3: \(parts)" }

    /// The codes that look after a demand of the table.
    static func checks(of feature: PlatformFeature) -> [LintCode] {
        switch feature {
        case .hugePages:
            [
                hugePagesMissing, requestsDiffer, hugePagesAlone, hugePageSizeNotOffered,
                pagesOvercommitted, memoryManagerNone, reservedMemorySum, pagesNotWhole,
            ]
        case .cpuManager:
            [
                notGuaranteed, cpusNotWhole, initContainerSpoilsQoS, memoryOnlyInRequests,
                cpuManagerNone, nothingReserved,
            ]
        case .isolatingCPUManager:
            [
                oddCPUs, smtAlignmentRefused, reservedSplitsCores, isolatedNotTheRest, coresShared,
                nodesOpen,
            ]
        case .multipleInterfaces:
            [
                singleInterface, unknownNetwork, networkWithoutResource, parentInterfaceAnywhere,
                signallingWithVirtualFunction,
            ]
        case .numaTopology:
            [largerThanNUMANode, topologyExcluded, topologyPolicyTooWeak, topologyWithoutHints]
        case .devicePlugin: [virtualFunctionMissing, acceleratorMissing, deviceNotOffered]
        case .nodeFeatureDiscovery: [featureNotLabelled, instructionsNotSelected]
        }
    }
}
