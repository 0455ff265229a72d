import Primitives
import WorkloadModel

/// Limits of cpu and memory that a recording does not tell.
enum RecordedLimits: String, Sendable, CaseIterable {
    /// Requests only: the pods are Burstable.
    case none
    /// Limits equal requests: the pods are Guaranteed, and those of whole CPUs may get exclusive ones.
    case equal
}

extension PodShape {
    /// A pod of app containers with these requests (ascending by resource, zeros left out).
    ///
    /// An extended resource's limit is its request (k/k validation). A container without a request for cpu or memory
    /// counts as 100m and 200Mi (k/k pkg/scheduler/util/pod_resources.go).
    init(recorded containers: [(name: String, requests: [ResourceAmount])], limits: RecordedLimits) {
        var made: [ContainerShape] = []
        var requests: [ResourceAmount] = []
        var sumOfLimits: [ResourceAmount] = []
        var isGuaranteed = limits == .equal
        var isBestEffort = true
        var nonZero = (milliCPU: Int64(0), memory: Int64(0))
        for container in containers {
            let asked = container.requests.filter { $0.amount > 0 }
            let compute = asked.filter { $0.resource <= ResourceTable.memory }
            if compute.count < 2 { isGuaranteed = false }
            if !compute.isEmpty { isBestEffort = false }
            let limited =
                limits == .equal ? asked : asked.filter { $0.resource > ResourceTable.memory }
            nonZero.milliCPU += compute.first { $0.resource == ResourceTable.cpu }?.amount ?? 100
            nonZero.memory +=
                compute.first { $0.resource == ResourceTable.memory }?.amount ?? 200 << 20
            PodShape.add(asked, to: &requests)
            PodShape.add(limited, to: &sumOfLimits)
            made.append(
                ContainerShape(
                    name: container.name, kind: .app,
                    resources: ContainerResources(requests: asked, limits: limited)))
        }
        self.init(
            qos: isGuaranteed ? .guaranteed : isBestEffort ? .bestEffort : .burstable,
            containers: made)
        self.requests = requests
        self.limits = sumOfLimits
        nonZeroMilliCPU = nonZero.milliCPU
        nonZeroMemory = nonZero.memory
    }

    private static func add(_ amounts: [ResourceAmount], to sum: inout [ResourceAmount]) {
        for amount in amounts {
            if let place = sum.firstIndex(where: { $0.resource == amount.resource }) {
                sum[place].amount += amount.amount
            } else {
                sum.append(amount)
            }
        }
        sum.sort { $0.resource < $1.resource }
    }
}
