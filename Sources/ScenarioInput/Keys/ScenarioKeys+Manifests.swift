extension ScenarioKeys {
    static let manifest = KeyTable(
        name: "a manifest", summary: "Kubernetes objects as tools print them",
        details: """
            YAML with several documents, JSON, lists of any kind, the output of `helm template` and of
            `kubectl get pods,deployments -A -o json`. Every object that makes pods becomes a workload, in the order of the
            file; PriorityClasses, RuntimeClasses, PodDisruptionBudgets, LimitRanges, ResourceQuotas, volumes and
            Namespaces decide about them as they do in a cluster. Pods of a listing that run on nodes come first, each
            tied to its node where the scenario has a node of that name; what their owners want besides comes when they
            are in their places. `topsim validate` says what was taken, guessed and dropped.
            """,
        keys: [
            Key("file", .path, "The file; `-` is standard input", isRequired: true),
            Key(
                "templates", .choice(ManifestTemplates.allCases.map(\.rawValue)),
                "What becomes of Jinja marks: refused as no YAML, or left out with every branch taken",
                default: "refused"),
            Key(
                "jobLifetime",
                .either([
                    .choice(["forever"]), .duration, .variants(by: "distribution", distributions),
                ]),
                "How long pods of Jobs run, which no manifest says", default: "forever"),
        ])
}
