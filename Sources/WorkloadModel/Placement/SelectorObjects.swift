/// The objects beside nodes and pods that the scheduler looks up: which namespaces there are, and who selects pods.
public struct SelectorObjects: Hashable, Sendable {
    public var namespaces: [NamespaceObject]
    public var services: [SelectorObject]
    /// ReplicaSets and StatefulSets, found through a pod's controller reference.
    public var controllers: [SelectorObject]

    public init(
        namespaces: [NamespaceObject] = [], services: [SelectorObject] = [],
        controllers: [SelectorObject] = []
    ) {
        self.namespaces = namespaces
        self.services = services
        self.controllers = controllers
    }
}

public struct NamespaceObject: Hashable, Sendable {
    public var name: String
    public var labels: [Label]

    public init(name: String, labels: [Label] = []) {
        self.name = name
        self.labels = labels
    }
}

/// A Service, ReplicaSet or StatefulSet as the scheduler sees it.
public struct SelectorObject: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case service = "Service"
        case replicationController = "ReplicationController"
        case replicaSet = "ReplicaSet"
        case statefulSet = "StatefulSet"
    }

    public var kind: Kind
    public var namespace: String
    public var name: String
    public var selector: LabelSelector

    public init(kind: Kind, namespace: String = "default", name: String, selector: LabelSelector) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.selector = selector
    }
}
