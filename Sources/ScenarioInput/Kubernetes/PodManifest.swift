package import WorkloadModel

/// A pod as it is written: the parts of its metadata and spec that placement depends on.
///
/// Read with `readPodManifest`, completed by `applyDefaults`, judged by `validate`.
package struct PodManifest: Sendable {
    package var name = ""
    package var namespace = ""
    package var labels: [Label] = []
    package var annotations: [Label] = []
    package var spec = PodSpecification()
}

/// Source: k/k staging api/core/v1/types.go PodSpec.
package struct PodSpecification: Sendable {
    package var initContainers: [ContainerManifest] = []
    package var containers: [ContainerManifest] = []
    /// `spec.resources`, when it is there, be it empty.
    package var resources: ResourceRequirements?
    package var overhead = ResourceQuantities()
    package var restartPolicy = ""
    package var priority: Int32?
    package var priorityClassName = ""
    package var nodeSelector: [Label] = []
    package var tolerations: [TolerationManifest] = []
    package var terminationGracePeriodSeconds: Int64?
    package var schedulerName = ""
    package var hostNetwork = false
    package var runtimeClassName = ""
    /// The node that it is bound to.
    package var nodeName = ""
    /// Affinity, spreading, gates; host ports are in the containers.
    package var placement = PlacementRules()
    var node = SourceNode(.null, at: SourceMark(file: "", line: 0, column: 0))
    /// The path of the spec from the object: `spec`, or `spec.template.spec` in an owner.
    var path = "spec"
}

package struct ContainerManifest: Sendable {
    package var name = ""
    package var restartPolicy: String?
    package var image = ""
    package var resources = ResourceRequirements()
    package var ports: [ContainerPort] = []
    var node: SourceNode

    init(node: SourceNode) { self.node = node }

    /// An init container that keeps running: a sidecar.
    package var isRestartable: Bool { restartPolicy == "Always" }
}

package struct ContainerPort: Hashable, Sendable {
    package var containerPort: Int32
    /// 0 is none.
    package var hostPort: Int32
    package var hostIP = ""
    package var transport = HostPort.TransportProtocol.tcp
}

package struct ResourceRequirements: Sendable {
    package var requests = ResourceQuantities()
    package var limits = ResourceQuantities()
    var node = SourceNode(.null, at: SourceMark(file: "", line: 0, column: 0))
}

package struct TolerationManifest: Sendable {
    package var key = ""
    package var operation = ""
    package var value = ""
    package var effect = ""
    package var seconds: Int64?
    var node: SourceNode
}

extension PodSpecification {
    /// Every container of a pod with its path.
    var pathsOfContainers: [(path: String, container: ContainerManifest)] {
        initContainers.enumerated().map { ("\(path).initContainers[\($0.offset)]", $0.element) }
            + containers.enumerated().map { ("\(path).containers[\($0.offset)]", $0.element) }
    }
}
