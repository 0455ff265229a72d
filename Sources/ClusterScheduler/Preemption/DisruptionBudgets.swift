import Primitives
package import WorkloadModel

/// A PodDisruptionBudget as the scheduler reads it.
package struct DisruptionBudget: Hashable, Sendable {
    package var namespace: String
    /// An empty one protects no pod here.
    package var selector: LabelSelector
    /// `status.disruptionsAllowed`.
    package var allowed: Int64
    /// `status.disruptedPods`: their end is counted already.
    package var disrupted: Set<UInt32>

    package init(
        namespace: String = "default", selector: LabelSelector, allowed: Int64,
        disrupted: Set<UInt32> = []
    ) {
        self.namespace = namespace
        self.selector = selector
        self.allowed = allowed
        self.disrupted = disrupted
    }

    /// Pods without labels are in no budget.
    package func covers(_ shape: PodShape) -> Bool {
        namespace == shape.namespace && !shape.labels.isEmpty && !selector.isEmpty
            && selector.matches(shape.labels)
    }
}

/// All budgets, and which of them cover the pods of each shape.
struct DisruptionBudgets: Sendable {
    private(set) var budgets: [DisruptionBudget] = []
    private var ofShape: [[Int]?] = []

    mutating func set(_ budgets: [DisruptionBudget]) {
        self.budgets = budgets
        ofShape = []
    }

    mutating func setAllowed(_ allowed: Int64, of budget: Int) {
        budgets[budget].allowed = allowed
    }

    private mutating func covering(_ pod: PodRequest) -> [Int] {
        while ofShape.count <= pod.index { ofShape.append(nil) }
        if let known = ofShape[pod.index] { return known }
        let covering = budgets.indices.filter { budgets[$0].covers(pod.shape) }
        ofShape[pod.index] = covering
        return covering
    }

    /// For each pod, in this order, whether its end would break a budget, those before it counted. Every budget of a pod
    /// is charged, also one that is overdrawn.
    ///
    /// (k/k pkg/scheduler/framework/plugins/defaultpreemption, filterPodsWithPDBViolation)
    mutating func violations(_ pods: [NodePod], _ shapes: [PodRequest]) -> [Bool] {
        guard !budgets.isEmpty else { return Array(repeating: false, count: pods.count) }
        var left = budgets.map(\.allowed)
        return pods.map { pod in
            var isViolated = false
            for budget in covering(shapes[pod.shape.position])
            where !budgets[budget].disrupted.contains(pod.pod) {
                left[budget] -= 1
                if left[budget] < 0 { isViolated = true }
            }
            return isViolated
        }
    }
}
