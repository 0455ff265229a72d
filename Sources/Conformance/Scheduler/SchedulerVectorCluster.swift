import ClusterScheduler
import Primitives
import WorkloadModel

/// The cluster of a scheduler case: nodes, pods and profile in the compact form of the vectors.
struct SchedulerVectorCluster {
    var resources = ResourceTable()
    var nodeNames: [String] = []
    var nodes: [NodeDescription] = []
    var settings = SchedulerSettings()
    var shapes = PodShapeTable()

    /// Pods that are on nodes from the start.
    struct BoundPod {
        var name: String
        var shape: PodShapeIndex
        var node: NodeIndex
        var isTerminating: Bool
        /// By the scheduler, for another pod.
        var isPreempted: Bool
        /// Seconds after the case's epoch.
        var startTime: Int?
    }

    private(set) var bound: [BoundPod] = []
    /// Pods that hold a nomination, with the node's position in `nodeNames`.
    private(set) var nominated: [(shape: PodShapeIndex, node: NodeIndex)] = []

    /// Reads `json.cluster`; the names of resources are looked for in all of `json`.
    init(_ json: JSONValue) throws(VectorStop) {
        let cluster = try required(json["cluster"], "cluster")
        SchedulerVectorCluster.internResources(json, into: &resources)
        settings.ignoresEphemeralStorage = false
        settings.profiles = [try SchedulerVectorProfile.profile(cluster["profile"])]
        settings.objects = try SchedulerVectorProfile.objects(cluster)
        for node in cluster["nodes"]?.elements ?? [] {
            nodeNames.append(try required(node["name"]?.text, "name"))
            nodes.append(try description(node))
        }
        for pod in cluster["pods"]?.elements ?? [] {
            guard let name = pod["node"]?.text, let node = node(name) else { continue }
            bound.append(
                BoundPod(
                    name: pod["name"]?.text ?? "", shape: try intern(pod), node: node,
                    isTerminating: pod["terminating"] != nil,
                    isPreempted: pod["terminating"]?.text == "preempted",
                    startTime: pod["startTime"]?.integer))
        }
        for pod in cluster["nominatedPods"]?.elements ?? [] {
            guard let name = pod["nominatedNodeName"]?.text, let node = node(name) else { continue }
            nominated.append((try intern(pod), node))
        }
    }

    func node(_ name: String) -> NodeIndex? { nodeNames.firstIndex(of: name).map { NodeIndex($0) } }

    mutating func intern(_ pod: JSONValue) throws(VectorStop) -> PodShapeIndex {
        shapes.intern(try SchedulerVectorPods.shape(pod, resources))
    }

    /// A scheduler with all that is there from the start.
    func makeScheduler() -> Scheduler {
        let roster = NodeRoster(
            kinds: nodes, kindOfNode: Array(nodes.indices), names: nodeNames)
        var scheduler = Scheduler(settings: settings, nodes: roster, resources: resources)
        scheduler.add(shapes: shapes)
        for pod in bound {
            scheduler.place(shape: pod.shape, on: pod.node)
            if pod.isTerminating { scheduler.beginTermination(shape: pod.shape, on: pod.node) }
        }
        for (number, pod) in nominated.enumerated() {
            scheduler.nominate(
                Nomination(pod: UInt32(number + 1), shape: pod.shape, node: pod.node))
        }
        return scheduler
    }

    func description(_ node: JSONValue) throws(VectorStop) -> NodeDescription {
        var allocatable = Array(repeating: Int64(0), count: resources.count)
        var pods: Int64 = 0
        for member in node["alloc"]?.members ?? [] {
            let text = try required(member.value.text, member.name)
            let value = try schedulerAmount(text, of: member.name)
            if member.name == "pods" {
                pods = value
            } else if let index = resources.index(of: member.name) {
                allocatable[index.position] = value
            }
        }
        let taints = try SchedulerVectorPods.taints(node["taints"])
        let images = (node["images"]?.elements ?? []).map { image in
            NodeImage(
                names: image["names"]?.elements.compactMap(\.text) ?? [],
                size: Int64(image["size"]?.integer ?? 0))
        }
        return NodeDescription(
            allocatable: allocatable, allowedPods: pods,
            labels: SchedulerVectorPods.labels(node["labels"]), taints: taints,
            isUnschedulable: node["unschedulable"]?.boolean ?? false, images: images)
    }

    /// Every key of a `req`, `alloc` or the like, wherever it stands.
    private static func internResources(_ json: JSONValue, into table: inout ResourceTable) {
        for member in json.members {
            switch member.name {
            case "req", "alloc", "overhead", "podRequests":
                for amount in member.value.members where amount.name != "pods" {
                    _ = table.intern(amount.name)
                }
            case "expect": continue
            default: internResources(member.value, into: &table)
            }
        }
        for element in json.elements { internResources(element, into: &table) }
    }
}
