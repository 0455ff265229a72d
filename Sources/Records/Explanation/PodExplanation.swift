public import Primitives

/// A pod's way from arrival to the kubelet's answer.
public struct PodExplanation: Sendable, Hashable {
    /// As results name it.
    public var name: String
    public var workload: String
    public var namespace: String
    public var qos: String
    public var arrival: SimTime
    public var attempts: [SchedulingAttempt] = []
    /// The node that it was bound to.
    public var node: String?
    /// When the kubelet decided; nil when it never did.
    public var decided: SimTime?
    public var admission: AdmissionExplanation?
    /// False when the explanation, which decides again, came to another answer than the run: a defect.
    public var agreesWithRun = true

    public init(
        name: String, workload: String, namespace: String, qos: String, arrival: SimTime
    ) {
        self.name = name
        self.workload = workload
        self.namespace = namespace
        self.qos = qos
        self.arrival = arrival
    }
}

/// One scheduling cycle of a pod.
public struct SchedulingAttempt: Sendable, Hashable {
    public var time: SimTime
    /// Nodes that pass every filter, of how many.
    public var feasible: Int
    public var nodes: Int
    /// The chosen node; nil when none passed.
    public var node: String?
    /// Why none passed, in kube-scheduler's words.
    public var message: String?

    public init(time: SimTime, feasible: Int, nodes: Int, node: String?, message: String?) {
        self.time = time
        self.feasible = feasible
        self.nodes = nodes
        self.node = node
        self.message = message
    }
}
