import ClusterScheduler
import DiscreteEvents
import Primitives

/// What happens between kubelets, exporters and NodeResourceTopologyMatch.
extension Simulation {
    /// Gives the scheduler the objects of empty nodes, before any pod is known.
    mutating func startTopologyMatch() {
        guard let objects = topologies?.initialObjects(nodes), let topologies else { return }
        let kinds = scheduler.cluster.roster.kinds
        scheduler.matchTopologies(
            topologies.settings, objects, kinds: kinds, kindOfNode: nodes.kindOfNode,
            resources: scenario.resources)
        planResync()
    }

    private mutating func planResync() {
        guard let settings = topologies?.settings, settings.cache.kind == .overReserve else {
            return
        }
        resyncsPlanned += 1
        events.push(.topologyResync, at: time + settings.resyncPeriod, phase: .nodeChange)
    }

    /// What a node's kubelet holds has changed: its exporter will tell at its next look.
    mutating func planTopologyScan(of node: NodeIndex) {
        guard !nodes.isGone(node), let next = topologies?.planScan(of: node, after: time) else {
            return
        }
        events.push(.topologyScan(node), at: next, phase: .nodeChange)
    }

    mutating func scanTopology(of node: NodeIndex) {
        guard !nodes.isGone(node), let delay = topologies?.scan(node, nodes) else { return }
        events.push(.topologyPublished(node), at: time + delay, phase: .nodeChange)
    }

    mutating func topologyPublished(by node: NodeIndex) {
        guard let object = topologies?.takeWritten(by: node), !nodes.isGone(node) else { return }
        mayResyncHelp = true
        guard scheduler.topologyPublished(object, of: node) else { return }
        scheduler.note(.topologyChange(node), at: time)
        wakeScheduler()
    }

    mutating func resyncTopologies() {
        resyncsPlanned -= 1
        mayResyncHelp = false
        for node in scheduler.resyncTopologies() {
            scheduler.note(.topologyChange(node), at: time)
        }
        planResync()
        wakeScheduler()
    }

    /// PostBind follows the binding's write; only one of the caches waits for it.
    mutating func planPostBind(_ handle: PodHandle, at time: SimTime) {
        guard topologies?.settings.cache.kind == .discardReserved else { return }
        events.push(.postBind(handle), at: time, phase: .nodeChange)
    }

    mutating func bindingWritten(_ handle: PodHandle) {
        guard pods.isCurrent(handle) else { return }
        let node = NodeIndex(rawValue: pods[handle.slot].node)
        guard scheduler.topologyBound(pods[handle.slot].pod, on: node) else { return }
        scheduler.note(.topologyChange(node), at: time)
        wakeScheduler()
    }

    /// A pod was admitted: the plugin's informer will show that it runs, and the exporter what it holds.
    mutating func topologyPodRuns(_ pod: PodState) {
        guard let topologies else { return }
        let node = NodeIndex(rawValue: pod.node)
        scheduler.topologyPodRuns(
            pod.pod, shape: pod.shape,
            hash: PodFingerprint.hash(of: pod.pod, namespaceHash: topologies.namespaceHash),
            on: node)
        mayResyncHelp = true
        planTopologyScan(of: node)
    }
}
