/// docs/reference/scenario.md from the tables: every key, what it holds, what holds without it.
public func scenarioReference() -> String {
    var reference = ReferenceWriter()
    reference.add(ScenarioKeys.scenario)
    return """
        # The scenario file

        A scenario is one YAML (or JSON) document. This page is made from the tables that read it
        (`Sources/ScenarioInput/Keys`); a test keeps both the same. `topsim schema` prints the same as a JSON
        Schema, and `topsim validate --explain SCENARIO` prints a scenario with every default.

        - **Kubernetes' own words** wherever Kubernetes has one: what is under `kubelet` is a
          KubeletConfiguration, what is under `template` a pod template, what is under `scheduler` a
          KubeSchedulerConfiguration, so that pieces of production YAML can be pasted in.
        - **Durations** are `1h30m`, `1.5s`, `500ms`; units are d, h, m, s, ms, us and ns.
          **Rates** are `30/h`, `2/s`. **Sizes** are Kubernetes quantities: `96Gi`, `2M`.
        - **Paths** start at the scenario's folder. `${NAME}` is an environment variable and
          `${NAME:-default}` one with a default: `${TOPSIM_SHARED:-../../shared}/data/pods.csv`.
        - **Anchors, aliases and merge keys** (`<<: *base`) work; duplicate keys are refused.
        - **Overrides**: `--set nodes.worker.kubelet.topologyManagerPolicy=restricted` sets a key,
          `--set 'nodes.*.count=16'` one of every group, `--set workload.upf.template.spec.containers.0.image=x`
          one of a list's first element; a key with dots is quoted:
          `--set 'nodes.worker.labels."topology.kubernetes.io/zone"=a'`. A path that matches nothing is an error.
        - **Empty values** (`labels:` with nothing behind it) are absent ones.


        """ + reference.text
}

/// docs/reference/study.md from the tables.
public func studyReference() -> String {
    var reference = ReferenceWriter()
    reference.add(StudyKeys.study)
    return """
        # The study file

        A study runs one scenario many times: `topsim sweep STUDY`. This page is made from the tables that read it
        (`Sources/ScenarioInput/Studies`); a test keeps both the same. Paths of keys are written as after
        `--set` ([the scenario file](scenario.md)), values as in a scenario.

        Run `n` of a study is point `n / seeds` with seed `n % seeds`, both from 0. The last parameter of a grid
        changes first.


        """ + reference.text
}

private struct ReferenceWriter {
    private(set) var text = ""
    private var seen: Set<String> = []

    mutating func add(_ table: KeyTable) {
        guard seen.insert(table.name).inserted else { return }
        text += "## \(title(table))\n\n\(table.summary).\n\n"
        if !table.details.isEmpty { text += table.details + "\n\n" }
        for group in table.exactlyOneOf {
            text += "Exactly one of \(group.map { "`\($0)`" }.joined(separator: ", ")).\n\n"
        }
        text += "| key | holds | default | meaning |\n| --- | --- | --- | --- |\n"
        for key in table.keys {
            text +=
                "| `\(key.name)` | \(cell(form(of: key.type))) | \(cell(defaultOf(key))) | "
                + "\(cell(key.summary)) |\n"
        }
        text += "\n"
        for key in table.keys where !key.meanings.isEmpty {
            text += "Words of `\(key.name)`:\n\n"
            for (word, meaning) in key.meanings { text += "- `\(word)`: \(meaning).\n" }
            text += "\n"
        }
        for key in table.keys { for inner in tables(in: key.type) { add(inner) } }
    }

    /// `Node group` for `a node group`.
    private func title(_ table: KeyTable) -> String {
        var words = table.name.split(separator: " ")
        if let first = words.first, ["a", "an", "the"].contains(first), words.count > 1 {
            words.removeFirst()
        }
        let name = words.joined(separator: " ")
        return name.prefix(1).uppercased() + name.dropFirst()
    }

    private func link(_ table: KeyTable) -> String {
        let title = title(table)
        let anchor = title.lowercased().map { $0 == " " ? "-" : $0 }
        return "[\(title)](#\(String(anchor)))"
    }

    private func defaultOf(_ key: Key) -> String {
        if key.isRequired { return "required" }
        guard let text = key.defaultText else { return "" }
        guard let other = key.with ?? key.defaultWith else { return "`\(text)`" }
        return "`\(text)` with `\(other)`"
    }

    private func form(of type: ValueType) -> String {
        switch type {
        case .table(let table): link(table)
        case .list(let element): "list of \(form(of: element))"
        case .map(let element, let names): "by \(said(names)): \(form(of: element))"
        case .variants(let key, let tables):
            "by `\(key)`: "
                + tables.map { "[\($0.variant)](\(anchor($0)))" }.joined(separator: ", ")
        case .either(let types): types.map { form(of: $0) }.joined(separator: "; or ")
        case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .foreign(.kubeletConfiguration(let table)): link(table)
        case .withoutEffect: "anything; left aside with a note"
        case .anything: "what the path holds"
        default: type.expectation
        }
    }

    private func anchor(_ table: KeyTable) -> String {
        "#" + String(title(table).lowercased().map { $0 == " " ? "-" : $0 })
    }

    private func said(_ names: NameRule) -> String {
        let what = names.what
        return what.hasPrefix("a ") ? String(what.dropFirst(2)) : what
    }

    private func tables(in type: ValueType) -> [KeyTable] {
        switch type {
        case .table(let table), .foreign(.kubeletConfiguration(let table)): [table]
        case .list(let element), .map(let element, _): tables(in: element)
        case .variants(_, let tables): tables
        case .either(let types): types.flatMap { tables(in: $0) }
        default: []
        }
    }

    private func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
