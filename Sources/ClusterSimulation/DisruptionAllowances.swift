import ClusterScheduler
import Primitives
import WorkloadModel

/// What the disruption controller keeps: how many pods of each PodDisruptionBudget may end now.
///
/// Source: k/k pkg/controller/disruption/disruption.go: the pods that are healthy beyond those that must be. Pods expected
/// are as many as ReplicaSets, Deployments and StatefulSets want; of all others, those that exist. It is worked out when a
/// pod changes, without the delay of the controller's own watch and write, and an eviction counts at once (`disruptedPods`).
struct DisruptionAllowances {
    private let budgets: [PodDisruptionBudget]
    private var total: [Int64]
    private var healthy: [Int64]
    private var ofShape: [[Int]?] = []

    init(_ budgets: [PodDisruptionBudget]) {
        self.budgets = budgets
        total = Array(repeating: 0, count: budgets.count)
        healthy = total
    }

    var isEmpty: Bool { budgets.isEmpty }

    /// The budgets as the scheduler sees them before any pod comes.
    var asSeen: [DisruptionBudget] {
        budgets.map {
            DisruptionBudget(namespace: $0.namespace, selector: $0.selector, allowed: 0)
        }
    }

    /// Counts pods of a shape; gives the budgets that this changes.
    mutating func change(
        _ index: PodShapeIndex, _ shape: PodShape, total: Int64, healthy: Int64
    ) -> [Int] {
        while ofShape.count <= index.position { ofShape.append(nil) }
        let covering: [Int]
        if let known = ofShape[index.position] {
            covering = known
        } else {
            let seen = asSeen
            covering = budgets.indices.filter { seen[$0].covers(shape) }
            ofShape[index.position] = covering
        }
        for budget in covering {
            self.total[budget] += total
            self.healthy[budget] += healthy
        }
        return covering
    }

    /// The budgets that cover pods of a shape.
    mutating func covering(_ index: PodShapeIndex, _ shape: PodShape) -> [Int] {
        change(index, shape, total: 0, healthy: 0)
    }

    func name(_ budget: Int) -> String { budgets[budget].name }

    /// What a pod that is not ready passes by: the budget has all the healthy pods that it wants. (IfHealthyBudget)
    func isHealthy(_ budget: Int) -> Bool {
        let wanted = budgets[budget].wantedHealthy(of: total[budget])
        return wanted > 0 && healthy[budget] >= wanted
    }

    func wanted(_ budget: Int) -> Int64 { budgets[budget].wantedHealthy(of: total[budget]) }

    func healthyCount(_ budget: Int) -> Int64 { healthy[budget] }

    func allowed(_ budget: Int) -> Int64 {
        guard total[budget] > 0 else { return 0 }
        let wanted = budgets[budget].wantedHealthy(of: total[budget])
        return max(0, healthy[budget] - wanted)
    }
}

extension ControllerKind {
    /// Its owners have `spec.replicas`, which the disruption controller reads.
    var hasScale: Bool {
        switch self {
        case .replicaSet, .deployment, .statefulSet: true
        case .none, .daemonSet, .job: false
        }
    }
}
