import WorkloadModel

// What Anuket's RA2 sorts workloads by. (chapter 3)

extension ScenarioKeys {
    static let workloadCategories: [Key] = [
        Key(
            "class", .choice(WorkloadClass.allCases.map(\.rawValue)),
            "RA2's category of non-resilient applications, for `topsim lint` and reports; else the pods' label or "
                + "annotation `\(WorkloadClass.labelKey)`"),
        Key(
            "traffic", .choice(TrafficKind.allCases.map(\.rawValue)),
            "What the pods' networks carry, for `topsim lint`; else the pods' label or annotation "
                + "`\(TrafficKind.labelKey)`", with: "template"),
    ]
}
