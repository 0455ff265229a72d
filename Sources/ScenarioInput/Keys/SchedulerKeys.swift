import ClusterScheduler

extension ScenarioKeys {
    static let scheduler = KeyTable(
        name: "a KubeSchedulerConfiguration", summary: "The scheduler, in Kubernetes' own words",
        keys: [
            Key(
                "apiVersion", .choice(["kubescheduler.config.k8s.io/v1"]),
                "Kubernetes' version of it"),
            Key("kind", .choice(["KubeSchedulerConfiguration"]), "What a pasted file says it is"),
            Key(
                "percentageOfNodesToScore", .integer(0...100),
                "0 is adaptive, as in kube-scheduler",
                default: "0"),
            Key(
                "profiles", .list(.table(profile)),
                "Profiles, each with its own plugins; a pod names one by its `schedulerName`",
                default: "[{}]"),
            Key(
                "ties", .choice(["heap", "random"]),
                "Who wins among equal nodes, as in 1.35 and later or as up to 1.34; a key of topsim's own",
                default: "heap"),
            Key(
                "queueDiscipline", .choice(QueueDiscipline.allCases.map(\.rawValue)),
                "Whose turn it is among pods that wait; a key of topsim's own",
                default: "priority",
                meanings: [
                    (
                        "priority",
                        "by priority, then by time; a pod that found no node keeps nobody waiting"
                    ),
                    (
                        "fcfs",
                        "strictly by time; the first pod keeps all others waiting until it found a node"
                    ),
                ]),
            Key(
                "podInitialBackoffSeconds", .integer(1...86_400),
                "How long a pod that found no node is kept from its next try; doubled each time",
                default: "1"),
            Key(
                "podMaxBackoffSeconds", .integer(1...86_400), "The longest of these times",
                default: "10"),
            Key("clientConnection", .withoutEffect, "How it reaches the API server"),
            Key("leaderElection", .withoutEffect, "Which of several schedulers works"),
            Key("parallelism", .withoutEffect, "Threads that look at nodes"),
            Key("enableProfiling", .withoutEffect, "Debugging"),
            Key("enableContentionProfiling", .withoutEffect, "Debugging"),
        ])

    static let profile = KeyTable(
        name: "a scheduler profile", summary: "How pods that name this scheduler are placed",
        keys: [
            Key("schedulerName", .text, "What pods call it", default: "default-scheduler"),
            Key(
                "percentageOfNodesToScore", .integer(0...100),
                "Goes before the value of the configuration"),
            Key(
                "plugins", .table(plugins), "Which plugins are asked, and their weights",
                default: "{}"),
            Key(
                "pluginConfig", .list(.variants(by: "name", pluginConfigs)),
                "Arguments of plugins", default: "[]"),
        ])

    // MARK: Which plugins

    static let plugins = KeyTable(
        name: "the plugins of a profile",
        summary: "What differs from the default profile of Kubernetes 1.36",
        keys: [
            Key(
                "multiPoint", .table(pluginSet), "For filters and scores alike", default: "{}"),
            Key("filter", .table(pluginSet), "For filters", default: "{}"),
            Key("score", .table(pluginSet), "For scores", default: "{}"),
            Key("postFilter", .table(pluginSet), "For DefaultPreemption", default: "{}"),
        ]
            + [
                "preEnqueue", "queueSort", "preFilter", "preScore", "reserve",
                "permit", "preBind", "bind", "postBind",
            ].map { Key($0, .withoutEffect, "Goes with the plugin itself") })

    static let pluginSet = KeyTable(
        name: "a plugin set", summary: "Plugins switched on and off",
        keys: [
            Key("enabled", .list(.table(enabledPlugin)), "Switched on", default: "[]"),
            Key(
                "disabled", .list(.table(disabledPlugin)), "Switched off; `*` is all",
                default: "[]"),
        ])

    static let enabledPlugin = KeyTable(
        name: "an enabled plugin", summary: "A plugin and its weight",
        keys: [
            Key("name", .text, "The plugin", isRequired: true),
            Key("weight", .integer(0...1_000_000), "Of its score; 0 counts as 1", default: "1"),
        ])

    static let disabledPlugin = KeyTable(
        name: "a disabled plugin", summary: "A plugin that is not asked",
        keys: [Key("name", .text, "The plugin, or `*`", isRequired: true)])

    // MARK: Arguments

    static let pluginConfigs: [KeyTable] =
        [
            pluginConfig("NodeResourcesFit", fitArguments),
            pluginConfig("NodeResourcesBalancedAllocation", balancedArguments),
            pluginConfig("InterPodAffinity", interPodAffinityArguments),
            pluginConfig("NodeAffinity", nodeAffinityArguments),
            pluginConfig("PodTopologySpread", spreadArguments),
            topologyMatchConfig,
        ]
        + ["DefaultPreemption", "VolumeBinding", "DynamicResources"].map { name in
            KeyTable(
                name: "the configuration of \(name)", summary: "Left aside with a note",
                keys: [
                    Key("name", .choice([name]), "The plugin", isRequired: true),
                    Key("args", .withoutEffect, "Its arguments"),
                ])
        }

    private static func pluginConfig(_ name: String, _ arguments: KeyTable) -> KeyTable {
        KeyTable(
            name: "the configuration of \(name)", summary: "Arguments of \(name)",
            keys: [
                Key("name", .choice([name]), "The plugin", isRequired: true),
                Key("args", .table(arguments), "\(name)Args", default: "{}"),
            ])
    }

    private static func arguments(
        _ plugin: String, _ summary: String, _ keys: [Key]
    ) -> KeyTable {
        KeyTable(
            name: "\(plugin)Args", summary: summary,
            keys: [
                Key(
                    "apiVersion", .choice(["kubescheduler.config.k8s.io/v1"]),
                    "Kubernetes' version of it"),
                Key("kind", .choice(["\(plugin)Args"]), "What a pasted file says it is"),
            ] + keys)
    }

    static let fitArguments = arguments(
        "NodeResourcesFit", "What NodeResourcesFit is told",
        [
            Key(
                "ignoredResources", .list(.text),
                "Extended resources that are not counted when a pod is fitted", default: "[]"),
            Key(
                "ignoredResourceGroups", .list(.text),
                "The same by the part of the name before the slash", default: "[]"),
            Key(
                "scoringStrategy", .table(scoringStrategy), "How free nodes are ranked",
                default: "{}"),
        ])

    static let scoringStrategy = KeyTable(
        name: "a scoring strategy", summary: "How NodeResourcesFit ranks nodes",
        keys: [
            Key(
                "type", .choice(RegisteredNames.scoringStrategies),
                "Spread pods out, pack them, or a line of your own", default: "LeastAllocated"),
            Key(
                "resources", .list(.table(scoredResource)),
                "What counts; an extended resource counts for pods that ask for it",
                default: "[{name: cpu, weight: 1}, {name: memory, weight: 1}]"),
            Key(
                "requestedToCapacityRatio", .table(capacityRatio),
                "The line of RequestedToCapacityRatio"),
        ])

    static let capacityRatio = KeyTable(
        name: "a line over utilization", summary: "Scores between its points are interpolated",
        keys: [
            Key("shape", .list(.table(shapePoint)), "Points, ascending", isRequired: true)
        ])

    static let shapePoint = KeyTable(
        name: "a point of the line", summary: "A score at a utilization",
        keys: [
            Key("utilization", .integer(0...100), "In per cent", isRequired: true),
            Key("score", .integer(0...10), "10 is best", isRequired: true),
        ])

    static let scoredResource = KeyTable(
        name: "a scored resource", summary: "How much a resource counts in a node's score",
        keys: [
            Key("name", .text, "The resource", isRequired: true),
            Key("weight", .integer(1...100), "Its weight", default: "1"),
        ])

    static let balancedArguments = arguments(
        "NodeResourcesBalancedAllocation", "What NodeResourcesBalancedAllocation is told",
        [
            Key(
                "resources", .list(.table(scoredResource)),
                "Whose shares are to be even",
                default: "[{name: cpu, weight: 1}, {name: memory, weight: 1}]")
        ])

    static let interPodAffinityArguments = arguments(
        "InterPodAffinity", "What InterPodAffinity is told",
        [
            Key(
                "hardPodAffinityWeight", .integer(0...100),
                "What a running pod's required affinity adds where it is met", default: "1"),
            Key(
                "ignorePreferredTermsOfExistingPods", .boolean,
                "Pods without preferences of their own are not scored", default: "false"),
        ])

    static let nodeAffinityArguments = arguments(
        "NodeAffinity", "What NodeAffinity is told",
        [
            Key(
                "addedAffinity", .table(addedAffinity),
                "Node affinity of every pod of the profile", default: "{}")
        ])

    static let addedAffinity = KeyTable(
        name: "a node affinity", summary: "As in a pod's spec",
        keys: [
            Key(
                "requiredDuringSchedulingIgnoredDuringExecution", .table(requiredNodeTerms),
                "What a node must match"),
            Key(
                "preferredDuringSchedulingIgnoredDuringExecution", .list(.table(preferredTerm)),
                "What makes a node better", default: "[]"),
        ])

    static let requiredNodeTerms = KeyTable(
        name: "required node terms", summary: "One of them must match",
        keys: [Key("nodeSelectorTerms", .list(.table(nodeTerm)), "Terms", isRequired: true)])

    static let preferredTerm = KeyTable(
        name: "a preferred node term", summary: "A term and what it is worth",
        keys: [
            Key("weight", .integer(1...100), "What it adds", isRequired: true),
            Key("preference", .table(nodeTerm), "The term", isRequired: true),
        ])

    static let nodeTerm = KeyTable(
        name: "a node selector term", summary: "All of it must hold",
        keys: [
            Key("matchExpressions", .list(.table(nodeRequirement)), "On labels", default: "[]"),
            Key(
                "matchFields", .list(.table(nodeRequirement)), "On `metadata.name`",
                default: "[]"),
        ])

    static let nodeRequirement = KeyTable(
        name: "a node selector requirement", summary: "One expression",
        keys: [
            Key("key", .text, "The label or field", isRequired: true),
            Key(
                "operator", .choice(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]),
                "How it is compared", isRequired: true),
            Key("values", .list(.text), "With what", default: "[]"),
        ])

    static let spreadArguments = arguments(
        "PodTopologySpread", "What PodTopologySpread is told",
        [
            Key(
                "defaultingType", .choice(["System", "List"]),
                "Kubernetes' own constraints for pods without any, or those of the list",
                default: "System"),
            Key(
                "defaultConstraints", .list(.table(defaultConstraint)),
                "For pods that a Service or controller selects", default: "[]"),
        ])

    static let defaultConstraint = KeyTable(
        name: "a default constraint", summary: "A spread constraint without a selector",
        keys: [
            Key("maxSkew", .integer(1...1_000_000), "How uneven it may be", isRequired: true),
            Key("topologyKey", .text, "The label that makes domains", isRequired: true),
            Key(
                "whenUnsatisfiable", .choice(["DoNotSchedule", "ScheduleAnyway"]),
                "A rule or a wish", isRequired: true),
        ])
}
