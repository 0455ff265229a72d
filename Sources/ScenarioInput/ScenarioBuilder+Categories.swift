import WorkloadModel

extension ScenarioBuilder {
    /// The class of a workload: its key, or else what its pods' template says.
    mutating func workloadClass(of node: SourceNode) -> WorkloadClass? {
        if let chosen = node.choice("class", as: WorkloadClass.self) { return chosen }
        let metadata = node.present("template")?["metadata"]
        let key = WorkloadClass.labelKey
        guard let said = metadata?["labels"]?[key] ?? metadata?["annotations"]?[key],
            let text = said.text
        else { return nil }
        let chosen = WorkloadClass(rawValue: text)
        if chosen == nil {
            diagnostics.note(
                at: said, "`\(text)` is no workload class, and counts as none",
                hint: "classes are `c1` to `c5`")
        }
        return chosen
    }
}
