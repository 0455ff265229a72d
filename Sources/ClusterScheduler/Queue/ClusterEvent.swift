package import Primitives
package import WorkloadModel

/// Something that happened in the cluster and may let a waiting pod fit.
///
/// Source: k/k pkg/scheduler/framework/events.go. Small, since events are logged while a pod is in a cycle: objects are named
/// by number, `kind` by position in `NodeRoster.kinds`.
package enum ClusterEvent: Hashable, Sendable, BitwiseCopyable {
    /// A pod was bound.
    case assignedPodAdd(shape: Int32)
    case assignedPodDelete(shape: Int32)
    case nodeAdd(NodeIndex, kind: Int32)
    case nodeUpdate(NodeIndex, NodeChange, old: Int32, new: Int32)
    /// A node's NodeResourceTopology object, or what the scheduler's cache makes of it, is another.
    case topologyChange(NodeIndex)
    /// Some pod waited longer than it should: nobody is asked for a hint.
    case unschedulableTimeout
}

/// Which part of a node object changed; one update can be several events.
package enum NodeChange: UInt8, Sendable, BitwiseCopyable {
    case allocatable, labels
    /// Any change of taints, or a node that is no longer cordoned.
    case taints

    /// The events of an update, in the order in which they are handled; none for an equal object.
    ///
    /// (k/k pkg/scheduler/framework/events.go, NodeSchedulingPropertiesChange)
    package static func changes(
        from old: NodeDescription, to new: NodeDescription
    ) -> [NodeChange] {
        var changes: [NodeChange] = []
        if old.allocatable != new.allocatable || old.allowedPods != new.allowedPods {
            changes.append(.allocatable)
        }
        if old.labels != new.labels { changes.append(.labels) }
        if old.taints != new.taints || old.isUnschedulable && !new.isUnschedulable {
            changes.append(.taints)
        }
        return changes
    }
}

/// An event with its objects, as plugins are asked about it.
package enum HintQuestion {
    case podAdded(PodShape)
    case podRemoved(PodShape)
    case nodeAdded(NodeObject)
    case nodeChanged(NodeChange, from: NodeObject, to: NodeObject)
    case topologyChanged(NodeIndex)
}

/// A node object with its name.
package struct NodeObject: Sendable {
    package var description: NodeDescription
    package var name: String
    /// It has the label `kubernetes.io/hostname` with its name, unless its description says otherwise.
    package var hasHostnameLabel: Bool

    func label(_ key: String) -> String? {
        description.label(key)
            ?? (hasHostnameLabel && key == LabelColumns.hostname ? name : nil)
    }

    /// Whether the pod's `nodeSelector` and required node affinity match.
    func matches(_ shape: PodShape) -> Bool {
        guard shape.nodeSelector.allSatisfy({ label($0.key) == $0.value }) else { return false }
        return shape.placement?.requiredNodeTerms.map(matches) ?? true
    }

    func matches(_ terms: [NodeSelectorTerm]) -> Bool {
        terms.contains { term in
            !(term.matchExpressions.isEmpty && term.matchFields.isEmpty)
                && term.matchExpressions.allSatisfy { $0.holds(for: label($0.key)) }
                && term.matchFields.allSatisfy { $0.holds(for: name) }
        }
    }
}
