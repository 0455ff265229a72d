import ClusterScheduler
import ClusterSimulation
import HardwareModel
import NodeManagers
import Primitives
import WorkloadModel

/// Actions, cluster templates and rollout strategies. After node groups and workloads, whose names they use.
extension ScenarioBuilder {
    mutating func buildLifecycle() {
        for entry in root.map("workload") {
            guard let node = entry.value.present("rollout"),
                let workload = scenario.workloads.first(where: { $0.name == entry.key })
            else { continue }
            if let strategy = rolloutStrategy(node, of: workload) {
                scenario.rolloutStrategies[entry.key] = strategy
            }
        }
        for entry in root.map("clusterTemplates") { buildTemplate(entry) }
        for item in root.list("actions") where !diagnostics.isFull { buildAction(item) }
        if scenario.lifecycle.changesNodes { checkSupportOfTopologies() }
    }

    // MARK: Strategies

    private mutating func rolloutStrategy(
        _ node: SourceNode, of workload: Workload
    ) -> RolloutStrategy? {
        guard workload.controller != .none, workload.controller != .job else {
            diagnostics.error(
                at: node, "a \(workload.controller.rawValue) has no rollout",
                hint: "`rollout` is for ReplicaSet, Deployment, StatefulSet and DaemonSet")
            return nil
        }
        var strategy = RolloutStrategy()
        strategy.kind = node.choice("type", as: RolloutStrategy.Kind.self) ?? .rollingUpdate
        strategy.minReadySeconds = Int64(node.integer("minReadySeconds") ?? 0)
        strategy.progressDeadlineSeconds = Int64(node.integer("progressDeadlineSeconds") ?? 600)
        strategy.partition = node.integer("partition") ?? 0
        strategy.podManagementPolicy =
            node.choice("podManagementPolicy", as: RolloutStrategy.PodManagementPolicy.self)
            ?? .orderedReady
        let kind = workload.controller
        func refuse(_ key: String, _ allowed: [ControllerKind]) {
            guard let place = node.present(key), !allowed.contains(kind) else { return }
            diagnostics.error(
                at: place, "`\(key)` has no meaning for a \(kind.rawValue)",
                hint: "it is for \(allowed.map(\.rawValue).joined(separator: " and "))")
        }
        if strategy.kind == .recreate { refuse("type", [.deployment]) }
        if strategy.kind == .onDelete { refuse("type", [.statefulSet, .daemonSet]) }
        if strategy.partition > 0 { refuse("partition", [.statefulSet]) }
        if strategy.podManagementPolicy == .parallel {
            refuse("podManagementPolicy", [.statefulSet])
        }
        refuse("maxSurge", [.deployment, .daemonSet])
        refuse("maxUnavailable", [.deployment, .daemonSet])
        if let place = node.present("maxSurge") {
            guard let amount = rolloutAmount(place) else { return nil }
            strategy.maxSurge = amount
        }
        if let place = node.present("maxUnavailable") {
            guard let amount = rolloutAmount(place) else { return nil }
            strategy.maxUnavailable = amount
            if amount.isZero, strategy.maxSurge?.isZero ?? (kind == .daemonSet) {
                diagnostics.error(
                    at: place, "`maxUnavailable` and `maxSurge` are both 0: nothing could move",
                    hint: "one of them must be above 0")
            }
        }
        return strategy
    }

    private mutating func rolloutAmount(_ node: SourceNode) -> RolloutStrategy.Amount? {
        let text = node.text ?? ""
        if let count = Int32(text), count >= 0 { return .count(Int(count)) }
        if text.hasSuffix("%"), let share = Int32(text.dropLast()), (0...100).contains(share) {
            return .percent(Int(share))
        }
        diagnostics.error(
            at: node, "`\(text)` is no number of pods", hint: "for example `2`, or `25%`")
        return nil
    }

    // MARK: Cluster templates

    private mutating func buildTemplate(_ entry: SourceNode.Entry) {
        guard let group = scenario.nodeGroups.first(where: { $0.name == entry.key }) else {
            return tellUnknownGroup(entry.key, at: entry.value)
        }
        let node = entry.value
        var template = ClusterTemplate(
            group: group.name, count: node.integer("count") ?? group.count)
        template.min = node.integer("min") ?? 0
        template.max = node.integer("max") ?? max(template.count, template.min)
        template.period = node.duration("period") ?? template.period
        template.bootTime = node.duration("bootTime") ?? template.bootTime
        if template.period < ScenarioBuilder.shortestPeriod, let place = node.present("period") {
            diagnostics.error(
                at: place, "a loop that looks more often than once a second",
                hint: "write `1s` or more")
            return
        }
        if template.min > template.max || !(template.min...template.max).contains(template.count) {
            diagnostics.error(
                at: entry,
                "cluster template `\(entry.key)` wants \(template.count) nodes, and allows "
                    + "\(template.min) to \(template.max)",
                hint: "`min` ≤ `count` ≤ `max`")
            return
        }
        if let given = node.present("autoscaler") {
            var autoscaler = AutoscalerSettings()
            autoscaler.utilizationPercent =
                given.integer("utilizationPercent") ?? autoscaler.utilizationPercent
            autoscaler.unneededTime = given.duration("unneededTime") ?? autoscaler.unneededTime
            autoscaler.delayAfterAdd = given.duration("delayAfterAdd") ?? autoscaler.delayAfterAdd
            template.autoscaler = autoscaler
        }
        scenario.lifecycle.templates.append(template)
    }

    private mutating func tellUnknownGroup(_ name: String, at node: SourceNode) {
        // One that has mistakes of its own is not missing.
        let written = root.map("nodes").map(\.key)
        guard !written.contains(name) else { return }
        diagnostics.error(
            at: node, "no node group is called `\(name)`",
            hint: suggestion(
                for: name, among: scenario.nodeGroups.map(\.name), called: "node groups"))
    }

    // MARK: Actions

    private mutating func buildAction(_ item: SourceNode) {
        guard let word = item.string("do"), let at = item.duration("at") else { return }
        let time = SimTime.zero + at
        if case .time(let end) = scenario.until, time >= end, let place = item.present("at") {
            diagnostics.note(at: place, "an action after the run's end, which never happens")
        }
        switch word {
        case "scale", "update", "delete": buildWorkloadChange(item, word, time)
        default:
            guard let kind = nodeAction(item, word), let choice = nodeChoice(item) else { return }
            scenario.lifecycle.actions.append(NodeAction(time: time, kind: kind, nodes: choice))
        }
    }

    private mutating func nodeAction(_ item: SourceNode, _ word: String) -> NodeAction.Kind? {
        switch word {
        case "cordon": return .cordon
        case "uncordon": return .uncordon
        case "recover": return .recover
        case "fail": return .fail(recovery: item.duration("for"))
        case "drain": return drainSettings(item).map { .drain($0) }
        case "removeNodes":
            guard item.boolean("drain") == true else { return .remove(drain: nil) }
            return drainSettings(item).map { .remove(drain: $0) }
        case "upgradeNodes": return nodeUpgrade(item).map { .upgrade($0) }
        case "addNodes":
            guard let name = item.present("group"), let group = name.text else { return nil }
            guard scenario.nodeGroups.contains(where: { $0.name == group }) else {
                tellUnknownGroup(group, at: name)
                return nil
            }
            return .add(
                AddedNodes(
                    group: group, count: item.integer("count") ?? 1,
                    bootTime: item.duration("bootTime") ?? .seconds(180)))
        case "setCount":
            guard let name = item.present("template"), let template = name.text,
                let count = item.integer("count")
            else { return nil }
            guard let known = scenario.lifecycle.templates.first(where: { $0.group == template })
            else {
                if !root.map("clusterTemplates").map(\.key).contains(template) {
                    diagnostics.error(
                        at: name, "no cluster template is called `\(template)`",
                        hint: suggestion(
                            for: template, among: root.map("clusterTemplates").map(\.key),
                            called: "cluster templates"))
                }
                return nil
            }
            guard (known.min...known.max).contains(count) else {
                diagnostics.error(
                    at: item.present("count") ?? item,
                    "cluster template `\(template)` allows \(known.min) to \(known.max) nodes, "
                        + "not \(count)")
                return nil
            }
            return .setCount(template: template, count: count)
        default: return nil
        }
    }

    private mutating func drainSettings(_ item: SourceNode) -> DrainSettings? {
        var settings = DrainSettings()
        settings.isForced = item.boolean("force") ?? false
        settings.ignoresDaemonSets = item.boolean("ignoreDaemonSets") ?? true
        settings.isParallel = item.boolean("parallel") ?? false
        if let place = item.present("timeout"), let timeout = place.duration {
            guard timeout > .zero else {
                diagnostics.error(
                    at: place, "a drain that gives up at once",
                    hint: "leave `timeout` out for one that never does")
                return nil
            }
            settings.timeout = timeout
        }
        if let grace = item.duration("gracePeriod") {
            settings.gracePeriodSeconds = grace.nanoseconds / 1_000_000_000
        }
        return settings
    }

    private mutating func nodeUpgrade(_ item: SourceNode) -> NodeUpgrade? {
        guard let drain = drainSettings(item) else { return nil }
        var upgrade = NodeUpgrade()
        upgrade.drain = drain
        upgrade.maxUnavailable = item.integer("maxUnavailable") ?? 1
        upgrade.down = item.duration("down") ?? upgrade.down
        upgrade.labels = item.map("labels").compactMap { label in
            label.value.text.map { Label(key: label.key, value: $0) }
        }
        let name = item["nodes"]?.string("group")
        let group = scenario.nodeGroups.first { $0.name == name }
        if let place = item.present("kubelet") ?? item.present("machine"), group == nil {
            if name == nil {
                diagnostics.error(
                    at: place, "another kubelet or machine for nodes of any group",
                    hint: "say `nodes: {group: …}`: it is built on that group's")
                return nil
            }
            return upgrade
        }
        if let changes = item.present("kubelet"), let group {
            let own = root["nodes"]?[group.name]?.present("kubelet")
            guard let settings = buildKubelet(own, changes: changes) else { return nil }
            upgrade.settings = settings
        }
        if let place = item.present("machine") {
            guard let built = machine(named: place) else { return nil }
            for node in built.machine.numaNodes {
                for pool in node.hugePages {
                    _ = scenario.resources.intern(
                        ResourceTable.hugePageResource(ofSize: pool.pageSize))
                }
            }
            for device in built.devices { _ = scenario.resources.intern(device.name) }
            upgrade.machine = NewMachine(machine: built.machine, devices: built.devices)
        }
        if let group, upgrade.settings != nil || upgrade.machine != nil {
            do throws(KubeletStartError) {
                _ = try NodeModel(
                    machine: upgrade.machine?.machine ?? group.machine,
                    settings: upgrade.settings ?? group.kubelet,
                    devices: upgrade.machine?.devices ?? group.devices,
                    resources: scenario.resources)
            } catch {
                diagnostics.note(
                    at: item, "upgraded kubelets will not start: \(error.message)")
            }
        }
        return upgrade
    }

    private mutating func nodeChoice(_ item: SourceNode) -> NodeChoice? {
        var choice = NodeChoice()
        guard let node = item.present("nodes") else { return choice }
        if let name = node.present("group"), let group = name.text {
            guard scenario.nodeGroups.contains(where: { $0.name == group }) else {
                tellUnknownGroup(group, at: name)
                return nil
            }
            choice.group = group
        }
        choice.labels = node.map("labels").compactMap { label in
            label.value.text.map { Label(key: label.key, value: $0) }
        }
        choice.count = node.integer("count")
        for name in node.list("names") {
            guard let text = name.text else { continue }
            guard mayExist(text) else {
                diagnostics.error(
                    at: name, "no node is called `\(text)`",
                    hint: "nodes are called `<group>-0`, `<group>-1` and so on")
                return nil
            }
            choice.names.append(text)
        }
        return choice
    }

    /// Whether a node of this name is there at the beginning, or may come later.
    private func mayExist(_ name: String) -> Bool {
        scenario.nodeGroups.contains { group in
            if !group.nodeNames.isEmpty, group.nodeNames.contains(name) { return true }
            guard name.hasPrefix("\(group.name)-"),
                let number = Int(name.dropFirst(group.name.count + 1))
            else { return false }
            if number < group.count { return group.nodeNames.isEmpty }
            let grows =
                scenario.lifecycle.templates.contains { $0.group == group.name }
                || root.list("actions").contains {
                    $0.string("do") == "addNodes" && $0.string("group") == group.name
                }
            return grows
        }
    }

    // MARK: Owners

    private mutating func buildWorkloadChange(
        _ item: SourceNode, _ word: String, _ time: SimTime
    ) {
        guard let place = item.present("workload"), let name = place.text else { return }
        guard let workload = scenario.workloads.first(where: { $0.name == name }) else {
            let names = root.map("workload").map(\.key)
            if !names.contains(name) {
                diagnostics.error(
                    at: place, "no workload is called `\(name)`",
                    hint: suggestion(for: name, among: names, called: "workloads"))
            }
            return
        }
        let kind: WorkloadChange.Kind
        let allowed: [ControllerKind]
        switch word {
        case "scale":
            guard let replicas = item.integer("replicas") else { return }
            kind = .scale(replicas: replicas)
            allowed = [.replicaSet, .deployment, .statefulSet]
        case "update":
            guard let template = item.present("template"), template.entries != nil,
                var shape = readPodTemplate(
                    template, classes: priorityClasses, resources: &scenario.resources,
                    diagnostics: &diagnostics)
            else { return }
            introduce(&shape, as: workload)
            kind = .template(shape)
            allowed = [.replicaSet, .deployment, .statefulSet, .daemonSet]
        default:
            kind = .delete
            allowed = ControllerKind.allCases
        }
        guard allowed.contains(workload.controller) else {
            diagnostics.error(
                at: place,
                "`\(name)` is a \(workload.controller.rawValue), which `\(word)` cannot change",
                hint: "it can change \(allowed.map(\.rawValue).joined(separator: ", "))")
            return
        }
        if case .trace = workload.source, word != "delete" {
            diagnostics.error(
                at: place, "`\(name)` is a trace: its pods have no owner that could change")
            return
        }
        scenario.workloadChanges.append(
            WorkloadChange(time: time, workload: name, owner: item.integer("owner"), kind: kind))
    }

    /// Gives a new template what the workload's first one has of its owner.
    private func introduce(_ shape: inout PodShape, as workload: Workload) {
        shape.namespace = workload.namespace
        guard case .generated(let first, _, _) = workload.source,
            let controller = first.placement?.controller
        else { return }
        var placement = shape.placement ?? PlacementRules()
        placement.controller = controller
        shape.placement = placement
    }

    /// What of NUMA-aware scheduling is told about nodes that come.
    private mutating func checkSupportOfTopologies() {
        guard scenario.scheduler.topologyMatch?.cache.kind == .overReserve,
            let node = root["actions"]
        else { return }
        let adds = scenario.lifecycle.actions.contains {
            if case .add = $0.kind { true } else { false }
        }
        if adds {
            diagnostics.note(
                at: node,
                "NodeResourceTopologyMatch's over-reserve cache does not know nodes that come later: "
                    + "they pass its filter as nodes without an object do, as upstream")
        }
    }
}

extension RolloutStrategy.Amount {
    fileprivate var isZero: Bool { self == .count(0) || self == .percent(0) }
}
