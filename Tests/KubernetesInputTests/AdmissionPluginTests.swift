import Primitives
import ScenarioInput
import Testing
import WorkloadModel

/// What admission plugins make of pods. Every expectation is worked out by hand from the plugin's rules.
@Suite struct AdmissionPluginTests {
    private func read(_ texts: String...) throws(InputError) -> KubernetesWorkloads {
        try readKubernetesWorkloads([
            try readKubernetesObjects(
                Array(texts.joined(separator: "\n---\n").utf8), file: "all.yaml")
        ])
    }

    private static func pod(
        _ name: String = "a", resources: String = "", spec: String = "", namespace: String = "n"
    ) -> String {
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: \(name), namespace: \(namespace)}
        spec: {\(spec)containers: [{name: c, resources: {\(resources)}}]}
        """
    }

    private static func limitRange(_ item: String) -> String {
        """
        apiVersion: v1
        kind: LimitRange
        metadata: {name: range, namespace: n}
        spec: {limits: [{\(item)}]}
        """
    }

    private static func quota(_ hard: String, _ more: String = "") -> String {
        """
        apiVersion: v1
        kind: ResourceQuota
        metadata: {name: quota, namespace: n}
        spec: {hard: {\(hard)}\(more)}
        """
    }

    private static func deployment(_ replicas: Int, resources: String) -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: n}
        spec:
          replicas: \(replicas)
          template: {spec: {containers: [{name: c, resources: {\(resources)}}]}}
        """
    }

    private func text(_ amounts: [ResourceAmount], _ all: KubernetesWorkloads) -> String {
        amounts.map { "\(all.resources[$0.resource]) \($0.amount)" }.joined(separator: ", ")
    }

    private func refusals(_ all: KubernetesWorkloads) -> [String] {
        all.report.notes.filter { $0.outcome == .dropped }.map(\.reason)
    }

    // MARK: LimitRange

    /// Item, container's resources, requests and limits after admission.
    @Test(arguments: [
        ("default: {cpu: 2}, defaultRequest: {cpu: 1}", "", "cpu 1000", "cpu 2000"),
        // A default request that is not given is the default limit, and that is the maximum.
        ("default: {cpu: 2}", "", "cpu 2000", "cpu 2000"),
        ("max: {cpu: 4}", "", "cpu 4000", "cpu 4000"),
        ("min: {cpu: 500m}", "", "cpu 500", ""),
        // What is written stays; a limit makes the request before the plugin comes.
        ("default: {cpu: 2}, defaultRequest: {cpu: 1}", "limits: {cpu: 3}", "cpu 3000", "cpu 3000"),
        (
            "default: {cpu: 2}, defaultRequest: {cpu: 1}", "requests: {cpu: 1500m}", "cpu 1500",
            "cpu 2000"
        ),
        (
            "default: {memory: 1Ki}", "limits: {cpu: 3}", "cpu 3000, memory 1024",
            "cpu 3000, memory 1024"
        ),
    ])
    func `a range fills in what containers do not say`(
        _ item: String, _ resources: String, _ requests: String, _ limits: String
    ) throws {
        let all = try read(
            Self.limitRange("type: Container, \(item)"), Self.pod(resources: resources))
        let container = try #require(all.workloads.first?.shape.containers.first)
        #expect(text(container.resources.requests, all) == requests)
        #expect(text(container.resources.limits, all) == limits)
    }

    @Test(arguments: [
        (
            "Container, min: {cpu: 1}", "requests: {cpu: 500m}",
            "minimum cpu usage per Container is 1, but request is 500m"
        ),
        (
            "Container, max: {cpu: 1}", "limits: {cpu: 2}",
            "maximum cpu usage per Container is 1, but limit is 2"
        ),
        (
            "Container, maxLimitRequestRatio: {cpu: 2}", "requests: {cpu: 1}, limits: {cpu: 2001m}",
            "cpu max limit to request ratio per Container is 2, but provided ratio is above it (limit 2001m, request 1)"
        ),
        (
            "Container, maxLimitRequestRatio: {cpu: 2}", "limits: {memory: 1}",
            "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0"
        ),
        (
            "Pod, max: {memory: 1Gi}", "requests: {memory: 1}",
            "maximum memory usage per Pod is 1Gi.  No limit is specified"
        ),
        (
            "Pod, min: {memory: 1Gi}", "limits: {memory: 1Mi}",
            "minimum memory usage per Pod is 1Gi, but request is 1Mi"
        ),
        // A default below the request makes a pod that the API refuses.
        ("Container, default: {cpu: 1}", "requests: {cpu: 2}", "after admission"),
    ])
    func `a range keeps pods out`(_ item: String, _ resources: String, _ message: String) throws {
        let all = try read(Self.limitRange("type: \(item)"), Self.pod(resources: resources))
        #expect(all.workloads.isEmpty)
        #expect(refusals(all).count == 1)
        #expect(refusals(all).first?.contains(message) == true, "\(refusals(all))")
    }

    @Test(arguments: [
        ("Container, maxLimitRequestRatio: {cpu: 2}", "requests: {cpu: 1}, limits: {cpu: 2}"),
        ("Container, min: {cpu: 1}, max: {cpu: 1}", "limits: {cpu: 1}"),
        ("Pod, max: {cpu: 1}", "limits: {cpu: 1}"),
        ("PersistentVolumeClaim, min: {storage: 1Gi}", ""),
    ])
    func `a range lets in what is within it`(_ item: String, _ resources: String) throws {
        let all = try read(Self.limitRange("type: \(item)"), Self.pod(resources: resources))
        #expect(all.workloads.count == 1 && refusals(all).isEmpty)
    }

    @Test func `a range holds in its own namespace`() throws {
        let all = try read(
            Self.limitRange("type: Container, max: {cpu: 1}"),
            Self.pod(resources: "limits: {cpu: 2}", namespace: "other"))
        #expect(all.workloads.count == 1)
    }

    // MARK: ResourceQuota

    /// Hard limits, container's resources, how many of five replicas are let in.
    @Test(arguments: [
        ("pods: 3", "", 3), ("count/pods: 2", "", 2), ("cpu: 4", "limits: {cpu: 1}", 4),
        ("requests.cpu: 2500m", "requests: {cpu: 500m}", 5),
        ("requests.cpu: 2499m", "requests: {cpu: 500m}", 4),
        ("limits.memory: 3Gi", "limits: {memory: 1Gi}", 3),
        ("hugepages-1Gi: 4Gi", "limits: {cpu: 1, hugepages-1Gi: 2Gi}", 2),
        ("requests.example.com/nic: 3", "limits: {example.com/nic: 1}", 3),
        ("requests.ephemeral-storage: 1Gi", "requests: {ephemeral-storage: 300Mi}", 3),
        ("services: 0, persistentvolumeclaims: 0, requests.storage: 0", "", 5),
        ("cpu: 100, memory: 1Gi", "requests: {cpu: 1, memory: 512Mi}", 2),
    ])
    func `a quota lets in as many pods as fit`(
        _ hard: String, _ resources: String, _ replicas: Int
    ) throws {
        let all = try read(Self.quota(hard), Self.deployment(5, resources: resources))
        #expect(all.workloads.map(\.replicas) == [replicas])
        #expect(refusals(all).count == (replicas < 5 ? 1 : 0))
    }

    @Test(arguments: [
        ("BestEffort", "", 1), ("BestEffort", "requests: {cpu: 1}", 5),
        ("NotBestEffort", "", 5), ("NotBestEffort", "requests: {cpu: 1}", 1),
        ("Terminating", "", 5), ("NotTerminating", "", 1), ("PriorityClass", "", 5),
    ])
    func `a quota counts the pods of its scope`(
        _ scope: String, _ resources: String, _ replicas: Int
    ) throws {
        let all = try read(
            Self.quota("pods: 1", ", scopes: [\(scope)]"), Self.deployment(5, resources: resources))
        #expect(all.workloads.map(\.replicas) == [replicas])
    }

    @Test(arguments: [("In", "high", 2), ("In", "low", 0), ("NotIn", "low", 2), ("Exists", "", 2)])
    func `a quota selects priority classes`(
        _ operation: String, _ value: String, _ refused: Int
    ) throws {
        let values = value.isEmpty ? "" : ", values: [\(value)]"
        let all = try read(
            Self.quota(
                "pods: 0",
                ", scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: \(operation)\(values)}]}"
            ),
            "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}, value: 5}",
            Self.pod("a", spec: "priorityClassName: high, "),
            Self.pod("b", spec: "priorityClassName: high, "))
        #expect(refusals(all).count == refused)
        #expect(all.workloads.allSatisfy { $0.shape.priority == 5 })
    }

    @Test func `a quota of cpu wants every container to speak of it`() throws {
        let all = try read(Self.quota("limits.cpu: 10"), Self.pod(resources: "requests: {cpu: 1}"))
        #expect(all.workloads.isEmpty)
        #expect(refusals(all).first?.contains("must specify limits.cpu for: c") == true)
    }

    @Test func `pods that run are counted before others come`() throws {
        let all = try read(
            Self.quota("requests.cpu: 3"),
            Self.deployment(5, resources: "requests: {cpu: 1}"),
            Self.pod("r", resources: "requests: {cpu: 2}", spec: "nodeName: x, "))
        #expect(all.workloads.filter { $0.kind == "Deployment" }.map(\.replicas) == [1])
        #expect(all.standing.map(\.name) == ["r"])
    }

    // MARK: RuntimeClass

    private static let runtime = """
        apiVersion: node.k8s.io/v1
        kind: RuntimeClass
        metadata: {name: kata}
        handler: kata
        overhead: {podFixed: {cpu: 250m, memory: 160Mi}}
        scheduling: {nodeSelector: {vm: "yes"}, tolerations: [{key: vm, operator: Exists}]}
        """

    @Test func `a runtime class adds overhead, selector and tolerations`() throws {
        let all = try read(
            Self.pod(
                resources: "limits: {cpu: 1, memory: 64Mi}",
                spec: "runtimeClassName: kata, nodeSelector: {a: b}, "), Self.runtime)
        let shape = try #require(all.workloads.first?.shape)
        #expect(text(shape.requests, all) == "cpu 1250, memory \(224 << 20)")
        #expect(text(shape.limits, all) == "cpu 1250, memory \(224 << 20)")
        #expect(text(shape.overhead, all) == "cpu 250, memory \(160 << 20)")
        #expect(shape.qos == .guaranteed)
        #expect(
            shape.nodeSelector == [Label(key: "a", value: "b"), Label(key: "vm", value: "yes")])
        #expect(shape.tolerations == [Toleration(key: "vm", value: nil, effect: nil)])
    }

    @Test(arguments: [
        ("nodeSelector: {vm: \"no\"}, ", "conflict: runtimeClass.scheduling.nodeSelector[vm]"),
        ("overhead: {cpu: 1}, ", "doesn't match RuntimeClass's defined Overhead"),
    ])
    func `a pod that contradicts its runtime class is refused`(
        _ spec: String, _ message: String
    ) throws {
        let all = try read(Self.pod(spec: "runtimeClassName: kata, \(spec)"), Self.runtime)
        #expect(all.workloads.isEmpty)
        #expect(refusals(all).first?.contains(message) == true)
    }

    @Test func `a runtime class that is not there is told`() throws {
        let all = try read(Self.pod(spec: "runtimeClassName: gvisor, "))
        #expect(all.workloads.count == 1)
        #expect(refusals(all).first?.contains("`gvisor` is not among the objects") == true)
    }

    // MARK: Volumes

    private static func localVolume(_ name: String, node: String, claim: String = "") -> String {
        """
        apiVersion: v1
        kind: PersistentVolume
        metadata: {name: \(name)}
        spec:
          capacity: {storage: 100Gi}
          accessModes: [ReadWriteOnce]
          storageClassName: local
          local: {path: /mnt/\(name)}
          \(claim)
          nodeAffinity:
            required:
              nodeSelectorTerms:
              - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [\(node)]}]
        """
    }

    private static func claim(_ spec: String) -> String {
        """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: data, namespace: n}
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}, \(spec)}
        """
    }

    private static let localClass = """
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: local}
        provisioner: kubernetes.io/no-provisioner
        volumeBindingMode: WaitForFirstConsumer
        """

    private static let volume =
        "volumes: [{name: v, persistentVolumeClaim: {claimName: data}}], "

    private func hosts(_ all: KubernetesWorkloads) -> [[String]]? {
        all.workloads.first?.shape.placement?.requiredNodeTerms?.map { term in
            term.matchExpressions.flatMap(\.values)
        }
    }

    @Test func `a bound claim ties the pod to its volume's nodes`() throws {
        let all = try read(
            Self.pod(spec: Self.volume), Self.localVolume("one", node: "node-1"),
            Self.localVolume("two", node: "node-2"), Self.claim("volumeName: two"))
        #expect(hosts(all) == [["node-2"]])
    }

    @Test func `a claim that waits is tied to the volumes that would do`() throws {
        let all = try read(
            Self.localClass, Self.localVolume("one", node: "node-1"),
            Self.localVolume(
                "two", node: "node-2", claim: "claimRef: {namespace: n, name: other}"),
            Self.localVolume("three", node: "node-3"), Self.claim("storageClassName: local"),
            Self.pod(spec: Self.volume))
        #expect(hosts(all) == [["node-1"], ["node-3"]])
    }

    @Test func `terms of the pod and of its volumes hold together`() throws {
        let affinity = """
            affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [
            {matchExpressions: [{key: zone, operator: In, values: [a]}]},
            {matchExpressions: [{key: zone, operator: In, values: [b]}]}]}}},\u{20}
            """
        let all = try read(
            Self.localClass, Self.localVolume("one", node: "node-1"),
            Self.claim("storageClassName: local"), Self.pod(spec: affinity + Self.volume))
        #expect(hosts(all) == [["a", "node-1"], ["b", "node-1"]])
    }

    @Test func `a class that provisions allows its topologies`() throws {
        let all = try read(
            """
            apiVersion: storage.k8s.io/v1
            kind: StorageClass
            metadata: {name: ssd, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
            provisioner: example.com/ssd
            volumeBindingMode: WaitForFirstConsumer
            allowedTopologies:
            - matchLabelExpressions: [{key: topology.kubernetes.io/zone, values: [a, b]}]
            """, Self.claim("volumeMode: Block"), Self.pod(spec: Self.volume))
        #expect(hosts(all) == [["a", "b"]])
    }

    @Test(arguments: [
        ("", "the claim `data` is not among the objects"),
        (claim("volumeName: gone"), "the volume `gone` is not among the objects"),
        (claim("storageClassName: local"), "the storage class `local` is not among the objects"),
    ])
    func `what cannot be told of a volume is told`(_ objects: String, _ message: String) throws {
        let all = try read(Self.pod(spec: Self.volume), objects)
        #expect(all.workloads.first?.shape.placement == nil)
        #expect(refusals(all).first?.contains(message) == true, "\(refusals(all))")
    }
}
