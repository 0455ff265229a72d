/// Who may make others leave, and whom budgets protect.
extension ScenarioKeys {
    static let priorityClass = KeyTable(
        name: "a priority class", summary: "As a PriorityClass of scheduling.k8s.io/v1",
        keys: [
            Key(
                "value", .integer(-2_147_483_648...1_000_000_000), "Higher goes first",
                isRequired: true),
            Key("globalDefault", .boolean, "It holds for pods that name none", default: "false"),
            Key(
                "preemptionPolicy", .choice(["PreemptLowerPriority", "Never"]),
                "Whether its pods make others leave", default: "PreemptLowerPriority"),
        ])

    static let disruptionBudget = KeyTable(
        name: "a budget", summary: "As the spec of a PodDisruptionBudget of policy/v1",
        keys: [
            Key("namespace", .text, "The namespace of the pods", default: "default"),
            Key("selector", .table(labelSelector), "Which pods it is about", isRequired: true),
            Key("minAvailable", .text, "How many must stay: a number, or `50%` rounded up"),
            Key("maxUnavailable", .text, "How many may be away: a number, or `50%` rounded up"),
        ],
        exactlyOneOf: [["minAvailable", "maxUnavailable"]])

    static let labelSelector = KeyTable(
        name: "a label selector", summary: "All of it must hold; an empty one protects nobody here",
        keys: [
            Key(
                "matchLabels", .map(.text, names: .free(what: "label")), "Labels with these values",
                default: "{}"),
            Key(
                "matchExpressions", .list(.table(labelRequirement)), "Expressions on labels",
                default: "[]"),
        ])

    static let labelRequirement = KeyTable(
        name: "a label selector requirement", summary: "One expression",
        keys: [
            Key("key", .text, "The label", isRequired: true),
            Key(
                "operator", .choice(["In", "NotIn", "Exists", "DoesNotExist"]),
                "How it is compared", isRequired: true),
            Key("values", .list(.text), "With what", default: "[]"),
        ])
}
