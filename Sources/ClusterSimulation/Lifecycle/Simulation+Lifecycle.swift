import ClusterScheduler
import DiscreteEvents
import NodeManagers
import Primitives
import Records
import WorkloadModel

/// Timed actions: when they begin, which nodes they are about, and when they are over.
extension Simulation {
    mutating func planLifecycle() {
        guard hasLifecycle else { return }
        for (index, action) in scenario.lifecycle.actions.enumerated() {
            plan(.action(index), at: action.time)
        }
        for (index, change) in scenario.workloadChanges.enumerated() {
            // A write by someone; controllers see it a watch later.
            plan(.workloadChange(index), at: change.time + scenario.timings.watch)
        }
        for index in lifecycle.templates.indices {
            lifecycle.idleTimers += 1
            plan(.template(index), at: time + lifecycle.templates[index].template.period)
        }
    }

    mutating func plan(
        _ timer: LifecycleTimer, at time: SimTime, phase: EventPhase = .nodeChange
    ) {
        events.push(.lifecycle(lifecycle.timers.add(timer)), at: max(self.time, time), phase: phase)
    }

    mutating func lifecycleDue(_ position: UInt32) {
        guard let timer = lifecycle.timers.take(position) else { return }
        switch timer {
        case .action(let index): begin(index)
        case .workloadChange(let index): changeWorkload(scenario.workloadChanges[index])
        case .registered(let order): nodeRegistered(order)
        case .ready(let node, let epoch): nodeReady(node, epoch)
        case .plugin(let node, let change): pluginChanged(change, on: node)
        case .evict(let drain, let pod): evict(pod, for: drain)
        case .gone(let drain): podIsNoted(by: drain)
        case .drainTimeout(let drain): drainTimedOut(drain)
        case .upgraded(let run, let node): upgradeInstalled(on: node, run)
        case .recovery(let node, let epoch): if isCurrent(node, epoch) { recover(node) }
        case .noticed(let node, let epoch): silenceNoticed(of: node, epoch)
        case .tainted(let node, let epoch): taintNoExecute(node, epoch)
        case .taintedAgain(let node, let epoch):
            lifecycle.idleTimers -= 1
            taintNoExecute(node, epoch)
        case .taintEviction(let pod, let node, let epoch): taintEvicts(pod, on: node, epoch)
        case .orphans(let node): collectOrphans(of: node)
        case .orphan(let pod, let node): orphanDeleted(pod, of: node)
        case .template(let index): keepCount(of: index)
        case .rollout(let owner): syncRollout(owner)
        case .replicaSet(let owner, let revision): syncReplicas(owner, revision)
        case .replicaSetStatus(let owner, let revision, let status):
            replicaSetStatusSeen(owner, revision, status)
        case .daemonPod(let owner, let pod): daemonPodDue(owner, pod)
        }
        wakeScheduler()
    }

    func isCurrent(_ node: NodeIndex, _ epoch: UInt32) -> Bool {
        !nodes.isGone(node) && lifecycle.nodes[node.position].epoch == epoch
    }

    // MARK: Choosing nodes

    /// Nodes that exist and fit, in order of their numbers.
    func chosen(_ choice: NodeChoice) -> [NodeIndex] {
        var found: [NodeIndex] = []
        let group = choice.group.flatMap { name in
            scenario.nodeGroups.firstIndex { $0.name == name }
        }
        if choice.group != nil, group == nil { return [] }
        for position in 0..<nodes.count where found.count < choice.count ?? Int.max {
            let node = NodeIndex(position)
            if nodes.isGone(node) { continue }
            if let group, nodes.groupOfNode[position] != group { continue }
            if !choice.names.isEmpty, !choice.names.contains(nodes.names[position]) { continue }
            let labels = nodes.labels(of: node)
            if choice.labels.allSatisfy({ labels.contains($0) }) { found.append(node) }
        }
        return found
    }

    /// `worker-0`, or `worker-0 and 3 more`.
    func said(_ chosen: [NodeIndex]) -> String {
        guard let first = chosen.first else { return "no node" }
        let name = nodes.names[first.position]
        return chosen.count == 1 ? name : "\(name) and \(chosen.count - 1) more"
    }

    // MARK: Beginning and end

    mutating func beginRun(_ kind: String, _ target: String, planned: Int? = nil) -> Int {
        lifecycle.runs.append(
            ActionRun(
                number: lifecycle.actionCount, planned: planned, kind: kind, target: target,
                began: time))
        lifecycle.actionCount += 1
        return lifecycle.runs.count - 1
    }

    private mutating func begin(_ index: Int) {
        let action = scenario.lifecycle.actions[index]
        if case .setCount(let template, let count) = action.kind {
            let run = beginRun("setCount", template, planned: index)
            setCount(count, ofTemplate: template, run)
            return
        }
        if case .add(let added) = action.kind {
            let run = beginRun("addNodes", "\(added.count) of \(added.group)", planned: index)
            return orderNodes(added, for: run)
        }
        let chosen = chosen(action.nodes)
        let run = beginRun(action.kind.name, said(chosen), planned: index)
        if chosen.isEmpty {
            lifecycle.runs[run].problems.append("no such node exists at that time")
        }
        lifecycle.runs[run].waiting = chosen
        switch action.kind {
        case .cordon: for node in chosen { cordon(node) }
        case .uncordon: for node in chosen { uncordon(node) }
        case .fail(let recovery): for node in chosen { fail(node, recovery: recovery) }
        case .recover: for node in chosen { recover(node) }
        case .drain(let settings):
            // One command cordons all of its nodes before it drains the first.
            for node in chosen { cordon(node) }
            lifecycle.runs[run].atOnce = settings.isParallel ? chosen.count : 1
            return goOn(run)
        case .remove(let drain):
            if let drain {
                for node in chosen { cordon(node) }
                lifecycle.runs[run].atOnce = drain.isParallel ? chosen.count : 1
                return goOn(run)
            }
            for node in chosen { remove(node) }
        case .upgrade(let upgrade):
            lifecycle.runs[run].atOnce = upgrade.maxUnavailable
            return goOn(run)
        case .add, .setCount: break
        }
        lifecycle.runs[run].doneCount = chosen.count
        finish(run)
    }

    /// Takes the next nodes of an action, or ends it.
    mutating func goOn(_ run: Int) {
        while lifecycle.runs[run].underWay < lifecycle.runs[run].atOnce,
            !lifecycle.runs[run].waiting.isEmpty
        {
            let node = lifecycle.runs[run].waiting.removeFirst()
            if nodes.isGone(node) {
                lifecycle.runs[run].problems.append(
                    "\(nodes.names[node.position]): the node was gone before its turn")
                continue
            }
            lifecycle.runs[run].underWay += 1
            startDrain(of: node, drainSettings(of: run), for: run)
        }
        if lifecycle.runs[run].underWay == 0, lifecycle.runs[run].waiting.isEmpty { finish(run) }
    }

    private func drainSettings(of run: Int) -> DrainSettings {
        guard let planned = lifecycle.runs[run].planned else { return DrainSettings() }
        switch scenario.lifecycle.actions[planned].kind {
        case .drain(let settings): return settings
        case .remove(let settings): return settings ?? DrainSettings()
        case .upgrade(let upgrade): return upgrade.drain
        case .cordon, .uncordon, .add, .fail, .recover, .setCount: return DrainSettings()
        }
    }

    /// A node's part of an action is over; `problem` says why it could not be done.
    mutating func nodeIsDone(_ run: Int, _ node: NodeIndex, problem: String? = nil) {
        lifecycle.runs[run].underWay -= 1
        if let problem {
            lifecycle.runs[run].problems.append("\(nodes.names[node.position]): \(problem)")
        } else {
            lifecycle.runs[run].doneCount += 1
        }
        goOn(run)
    }

    mutating func finish(_ run: Int) {
        guard !lifecycle.runs[run].isOver else { return }
        lifecycle.runs[run].isOver = true
        let state = lifecycle.runs[run]
        report(state, as: state.problems.isEmpty ? .done : .failed)
    }

    private func report(_ run: ActionRun, as outcome: ActionRecord.Outcome) {
        var message = "\(run.doneCount) done"
        if !run.problems.isEmpty { message += "; " + run.problems.joined(separator: "; ") }
        sink.acted(
            ActionRecord(
                action: run.number, kind: run.kind, target: run.target, began: run.began,
                ended: time, outcome: outcome, message: message))
    }

    /// The run's end finds actions under way.
    mutating func finishLifecycle() {
        for run in lifecycle.runs where !run.isOver { report(run, as: .unfinished) }
        settleMissing()
        if lifecycle.rollouts.missing > 0 { sink.missed(lifecycle.rollouts.missing) }
    }
}

extension NodeAction.Kind {
    /// As a scenario writes it.
    package var name: String {
        switch self {
        case .cordon: "cordon"
        case .uncordon: "uncordon"
        case .drain: "drain"
        case .add: "addNodes"
        case .remove: "removeNodes"
        case .upgrade: "upgradeNodes"
        case .fail: "fail"
        case .recover: "recover"
        case .setCount: "setCount"
        }
    }
}
