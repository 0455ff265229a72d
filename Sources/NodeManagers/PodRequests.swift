import Primitives
package import WorkloadModel

/// Sums over a pod's containers as Kubernetes counts them: sidecars run on, init containers one after another.
/// (component-helpers/resource/helpers.go, PodRequests)
package enum PodRequests {
    package enum Part: Sendable {
        case requests, limits
    }

    /// The larger of what runs to the end and the peak during init; pod-level values win where they are given.
    ///
    /// - Parameter podLevel: nil where the gate is off or the pod has none.
    /// - Returns: amounts by `ResourceIndex.position`.
    package static func total(
        of shape: PodShape, _ part: Part, podLevel: ContainerResources?, overhead: Bool,
        resourceCount: Int
    ) -> [Int64] {
        func amounts(_ resources: ContainerResources) -> [ResourceAmount] {
            part == .requests ? resources.requests : resources.limits
        }
        var running = Array(repeating: Int64(0), count: resourceCount)
        var sidecars = running
        var peak = running
        for container in shape.containers {
            for item in amounts(container.resources) {
                let position = item.resource.position
                switch container.kind {
                case .app: running[position] += item.amount
                case .sidecar:
                    running[position] += item.amount
                    sidecars[position] += item.amount
                    peak[position] = max(peak[position], sidecars[position])
                case .initContainer:
                    peak[position] = max(peak[position], sidecars[position] + item.amount)
                }
            }
        }
        for position in running.indices {
            running[position] = max(running[position], peak[position])
        }
        if let podLevel {
            for item in amounts(podLevel) { running[item.resource.position] = item.amount }
        }
        if overhead {
            for item in shape.overhead { running[item.resource.position] += item.amount }
        }
        return running
    }

    /// The QoS class by the containers alone, or by pod-level cpu and memory where those decide.
    /// (component-helpers, pkg/apis/core/v1/helper/qos)
    package static func qosClass(of shape: PodShape, podLevel: ContainerResources?) -> QoSClass {
        let judged = podLevel.map { [$0] } ?? shape.containers.map(\.resources)
        var isGuaranteed = true
        var isBestEffort = true
        for resources in judged {
            for resource in [ResourceTable.cpu, ResourceTable.memory] {
                let request = resources.request(resource) ?? 0
                let limit = resources.limit(resource) ?? 0
                if request > 0 || limit > 0 { isBestEffort = false }
                if limit <= 0 || request != limit { isGuaranteed = false }
            }
        }
        if isBestEffort { return .bestEffort }
        return isGuaranteed ? .guaranteed : .burstable
    }
}
