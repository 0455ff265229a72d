import ClusterScheduler
import DiscreteEvents
import NodeManagers
import Primitives
import Records
import WorkloadModel

/// What a desired-state loop remembers between two looks.
struct TemplateState {
    let template: ClusterTemplate
    /// Position of its group.
    let group: Int
    var count: Int
    /// Machines that were asked for and are not Ready, with the action that asked.
    var ordered = 0
    var runs: [Int] = []
    var lastAdded = SimTime(nanoseconds: .min / 2)
    /// By node: since when it is not needed.
    var unneeded: [Int: SimTime] = [:]

    init(_ template: ClusterTemplate, _ scenario: Scenario) {
        self.template = template
        group = scenario.nodeGroups.firstIndex { $0.name == template.group } ?? 0
        count = template.count
    }
}

/// Keeps the nodes of a cluster template at its count, which an autoscaler may move.
///
/// The autoscaler is an approximation: it follows the cluster autoscaler's principles (a pod that no node takes and that
/// an empty node of the template would take asks for one; a node that is used below a share for a while, and whose pods
/// fit elsewhere, goes), by requests, `nodeSelector` and taints alone.
extension Simulation {
    /// One look.
    mutating func keepCount(of index: Int) {
        let template = lifecycle.templates[index].template
        plan(.template(index), at: time + template.period)
        lifecycle.templates[index].runs.removeAll { lifecycle.runs[$0].isOver }
        let members = chosen(ofGroup: lifecycle.templates[index].group)
        let ordered = lifecycle.templates[index].runs.reduce(0) { sum, run in
            lifecycle.runs[run].kind == "scale-up" ? sum + lifecycle.runs[run].underWay : sum
        }
        let leaving = lifecycle.templates[index].runs.reduce(0) { sum, run in
            lifecycle.runs[run].kind == "scale-down"
                ? sum + lifecycle.runs[run].underWay + lifecycle.runs[run].waiting.count : sum
        }
        // A machine that has registered and is not Ready is both a member and ordered.
        let starting = members.count { lifecycle.nodes[$0.position].isStarting }
        let present = members.count - leaving + max(0, ordered - starting)
        if let autoscaler = template.autoscaler {
            let hasReleased = autoscale(
                index, autoscaler, members, present: present,
                upcoming: max(ordered, starting))
            if hasReleased { return }
        }
        let wanted = lifecycle.templates[index].count
        if present < wanted {
            order(wanted - present, for: index)
        } else if present > wanted, leaving == 0 {
            release(present - wanted, of: members, for: index)
        }
    }

    mutating func setCount(_ count: Int, ofTemplate name: String, _ run: Int) {
        guard let index = lifecycle.templates.firstIndex(where: { $0.template.group == name })
        else {
            lifecycle.runs[run].problems.append("no cluster template keeps \(name)")
            return finish(run)
        }
        let template = lifecycle.templates[index].template
        lifecycle.templates[index].count = min(max(count, template.min), template.max)
        lifecycle.runs[run].doneCount = 1
        finish(run)
    }

    private func chosen(ofGroup group: Int) -> [NodeIndex] {
        (0..<nodes.count).map { NodeIndex($0) }.filter {
            !nodes.isGone($0) && nodes.groupOfNode[$0.position] == group
        }
    }

    private mutating func order(_ count: Int, for index: Int) {
        let template = lifecycle.templates[index].template
        let run = beginRun("scale-up", "\(count) of \(template.group)")
        lifecycle.templates[index].runs.append(run)
        lifecycle.templates[index].lastAdded = time
        lastProgress = time
        orderNodes(
            AddedNodes(group: template.group, count: count, bootTime: template.bootTime), for: run)
    }

    /// Drains and removes the nodes with the fewest pods, of equals the newest; those that are cordoned first.
    private mutating func release(_ count: Int, of members: [NodeIndex], for index: Int) {
        let chosen = members.sorted { left, right in
            let (one, other) = (lifecycle.nodes[left.position], lifecycle.nodes[right.position])
            if one.isCordoned != other.isCordoned { return one.isCordoned }
            let pods = (nodes.runningPods[left.position], nodes.runningPods[right.position])
            return pods.0 != pods.1 ? pods.0 < pods.1 : left > right
        }.prefix(count)
        remove(Array(chosen), for: index)
    }

    private mutating func remove(_ chosen: [NodeIndex], for index: Int) {
        let run = beginRun("scale-down", said(chosen))
        lifecycle.templates[index].runs.append(run)
        lifecycle.runs[run].waiting = chosen
        lifecycle.runs[run].atOnce = chosen.count
        lastProgress = time
        goOn(run)
    }

    // MARK: The autoscaler

    /// Moves the count, or releases one node; true when it did that.
    private mutating func autoscale(
        _ index: Int, _ settings: AutoscalerSettings, _ members: [NodeIndex], present: Int,
        upcoming: Int
    ) -> Bool {
        let template = lifecycle.templates[index].template
        let needed = nodesNeeded(for: index, upcoming: upcoming)
        if needed > 0 {
            lifecycle.templates[index].unneeded = [:]
            lifecycle.templates[index].count = min(
                template.max, max(lifecycle.templates[index].count, present + needed))
            return false
        }
        var unneeded: [Int: SimTime] = [:]
        for node in members where isUnneeded(node, settings) {
            unneeded[node.position] = lifecycle.templates[index].unneeded[node.position] ?? time
        }
        lifecycle.templates[index].unneeded = unneeded
        guard lifecycle.templates[index].runs.isEmpty,
            time >= lifecycle.templates[index].lastAdded + settings.delayAfterAdd,
            present > template.min
        else { return false }
        // One at a time: what it leaves behind changes what the others are needed for.
        let due = members.first {
            unneeded[$0.position].map { since in time >= since + settings.unneededTime } ?? false
        }
        guard let due else { return false }
        lifecycle.templates[index].count = max(template.min, present - 1)
        remove([due], for: index)
        return true
    }

    /// Empty nodes that the pods which wait would fill: first fit, in order of the pods' numbers.
    private func nodesNeeded(for index: Int, upcoming: Int) -> Int {
        let state = lifecycle.templates[index]
        let group = scenario.nodeGroups[state.group]
        let model = nodes.models[state.group]
        // Room on nodes that are there comes first: a pod may be about to be tried again.
        var room: [(node: NodeIndex, free: [Int64])] = []
        for position in 0..<nodes.count {
            let node = NodeIndex(position)
            let life = lifecycle.nodes[position]
            guard !nodes.isGone(node), !nodes.isDown(node), !life.isCordoned, !life.isStarting
            else { continue }
            room.append((node, freeAmounts(of: node)))
        }
        var bins: [[Int64]] = Array(repeating: model.allocatable, count: upcoming)
        var waiting: [UInt32] = []
        for slot in pods.pendingSlots where pods[slot].attempts > 0 {
            waiting.append(slot)
        }
        waiting.sort { pods[$0].pod < pods[$1].pod }
        for slot in waiting {
            let shape = shapes.shapes[pods[slot].shape.position]
            let place = room.firstIndex { entry in
                fits(shape, entry.free)
                    && accepts(shape, nodes.labels(of: entry.node), nodes.taints(of: entry.node))
            }
            if let place {
                take(shape, from: &room[place].free)
                continue
            }
            guard pods[slot].pinnedNode == PodState.none,
                accepts(shape, group.labels, group.taints), fits(shape, model.allocatable)
            else { continue }
            if let bin = bins.indices.first(where: { fits(shape, bins[$0]) }) {
                take(shape, from: &bins[bin])
            } else {
                bins.append(model.allocatable)
                take(shape, from: &bins[bins.count - 1])
            }
        }
        return bins.count - upcoming
    }

    private func accepts(_ shape: PodShape, _ labels: [Label], _ taints: [Taint]) -> Bool {
        shape.nodeSelector.allSatisfy { labels.contains($0) }
            && taints.allSatisfy { taint in
                taint.effect == .preferNoSchedule
                    || shape.tolerations.contains { $0.tolerates(taint) }
            }
    }

    private func freeAmounts(of node: NodeIndex) -> [Int64] {
        (0..<nodes.resourceCount).map {
            nodes.allocatable($0, of: node) - nodes.requested($0, on: node)
        }
    }

    private func fits(_ shape: PodShape, _ free: [Int64]) -> Bool {
        shape.requests.allSatisfy {
            $0.resource.position < free.count && free[$0.resource.position] >= $0.amount
        }
    }

    private func take(_ shape: PodShape, from free: inout [Int64]) {
        for request in shape.requests { free[request.resource.position] -= request.amount }
    }

    /// Used below the share, and its pods fit on other nodes.
    private func isUnneeded(_ node: NodeIndex, _ settings: AutoscalerSettings) -> Bool {
        let life = lifecycle.nodes[node.position]
        guard !life.isStarting, !life.isCordoned, !nodes.isDown(node) else { return false }
        for resource in [ResourceTable.cpu, ResourceTable.memory] {
            let allocatable = nodes.allocatable(resource.position, of: node)
            let used = nodes.requested(resource.position, on: node)
            guard used * 100 < allocatable * Int64(settings.utilizationPercent) else {
                return false
            }
        }
        var free: [[Int64]] = []
        for position in 0..<nodes.count {
            let other = NodeIndex(position)
            guard other != node, !nodes.isGone(other), !nodes.isDown(other),
                !lifecycle.nodes[position].isCordoned, !lifecycle.nodes[position].isStarting
            else { continue }
            free.append(freeAmounts(of: other))
        }
        for slot in lifecycle.residents[node] where pods[slot].phase == .running {
            let workload = scenario.workloads[pods[slot].workload.position]
            if workload.controller == .daemonSet { continue }
            // Nobody would make a bare pod again.
            if workload.controller == .none { return false }
            let shape = shapes.shapes[pods[slot].shape.position]
            guard let place = free.indices.first(where: { fits(shape, free[$0]) }) else {
                return false
            }
            take(shape, from: &free[place])
        }
        return true
    }
}
