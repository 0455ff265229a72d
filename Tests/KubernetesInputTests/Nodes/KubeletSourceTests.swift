import NodeManagers
import Primitives
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

struct KubeletSourceTests {
    private func read(_ text: String) throws -> (sources: [KubeletSource], report: ImportReport) {
        try readKubeletSources(Array(text.utf8), file: "kubelet.yaml")
    }

    @Test func `a bare configuration is for all nodes`() throws {
        let (sources, _) = try read(
            "{apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration, cpuManagerPolicy: static, reservedSystemCPUs: '0'}"
        )
        #expect(sources.map(\.nodes) == [.all])
        #expect(sources[0].role == nil && sources[0].settings.cpuManagerPolicy == "static")
    }

    @Test(arguments: [
        ("machineconfiguration.openshift.io/role: worker-cnf", "worker-cnf"),
        ("pools.operator.machineconfiguration.openshift.io/master: ''", "master"),
        ("tuning: enabled", nil),
    ])
    func `a KubeletConfig is for the pools that it selects`(
        _ label: String, _ role: String?
    ) throws {
        let (sources, report) = try read(
            """
            apiVersion: machineconfiguration.openshift.io/v1
            kind: KubeletConfig
            metadata: {name: k}
            spec:
              logLevel: 3
              machineConfigPoolSelector: {matchLabels: {\(label)}}
              kubeletConfig: {topologyManagerPolicy: restricted}
            """)
        #expect(sources[0].role == role)
        #expect(sources[0].nodes != .all)
        #expect(sources[0].settings.topologyManagerPolicy == "restricted")
        #expect(report.notes.contains { $0.reason.contains("logLevel") })
    }

    @Test func `a kind cluster's patches and flags reach the nodes that they are for`() throws {
        let (sources, report) = try read(
            """
            kind: Cluster
            apiVersion: kind.x-k8s.io/v1alpha4
            featureGates: {CPUManagerPolicyAlphaOptions: true}
            kubeadmConfigPatches:
            - |
              kind: KubeletConfiguration
              cpuManagerPolicy: static
              kubeReserved: {cpu: 500m}
            - |
              kind: ClusterConfiguration
            nodes:
            - role: control-plane
              kubeadmConfigPatches:
              - |
                kind: InitConfiguration
                nodeRegistration:
                  kubeletExtraArgs:
                    node-labels: "a=b,c="
                    max-pods: "50"
            - role: worker
            - role: worker
              labels: {tier: fast}
              kubeadmConfigPatches:
              - |
                kind: JoinConfiguration
                nodeRegistration:
                  kubeletExtraArgs:
                  - {name: topology-manager-policy, value: single-numa-node}
                  - {name: system-reserved, value: "memory=1Gi,cpu=1"}
                  - {name: kube-reserved, value: "cpu=250m"}
                  - {name: eviction-hard, value: "memory.available<200Mi"}
                  - {name: reserved-memory, value: "0:memory=1Gi;1:memory=212Mi"}
                  - {name: memory-manager-policy, value: Static}
                  - {name: feature-gates, value: "CPUManagerPolicyAlphaOptions=false"}
                  - {name: register-with-taints, value: "dedicated=fast:NoSchedule"}
                  - {name: v, value: "5"}
            - role: worker
            """)
        #expect(sources.map(\.role) == ["control-plane", "worker", "worker"])
        #expect(sources.map(\.nodeCount) == [1, 2, 1])
        let (control, plain, fast) = (sources[0], sources[1], sources[2])
        #expect(control.labels.map(\.key) == ["a", "c"] && control.settings.maxPods == 50)
        #expect(plain.settings.maxPods == 110 && plain.settings.cpuManagerPolicy == "static")
        #expect(plain.settings.kubeReserved == ["cpu": 500])
        #expect(plain.settings.featureGates["CPUManagerPolicyAlphaOptions"] == true)
        #expect(fast.settings.topologyManagerPolicy == "single-numa-node")
        // A flag is a mapping of its own: it joins the file's.
        #expect(fast.settings.kubeReserved == ["cpu": 250])
        #expect(fast.settings.systemReserved == ["memory": 1 << 30, "cpu": 1000])
        #expect(fast.settings.evictionHardMemory == .bytes(200 << 20))
        #expect(
            fast.settings.reservedMemory == [
                ReservedMemory(numaNode: 0, limits: ["memory": 1 << 30]),
                ReservedMemory(numaNode: 1, limits: ["memory": 212 << 20]),
            ])
        #expect(fast.settings.featureGates["CPUManagerPolicyAlphaOptions"] == nil)
        #expect(fast.labels == [Label(key: "tier", value: "fast")])
        #expect(
            fast.taints == [Taint(key: "dedicated", value: "fast", effect: .noSchedule)])
        #expect(report.notes.contains { $0.reason.contains("`v` decides nothing") })
        #expect(report.notes.contains { $0.reason.contains("ClusterConfiguration") })
    }

    @Test func `kubeadm's documents are one configuration with flags by role`() throws {
        let (sources, _) = try read(
            """
            apiVersion: kubeadm.k8s.io/v1beta3
            kind: InitConfiguration
            nodeRegistration: {kubeletExtraArgs: {reserved-cpus: "0-1"}}
            ---
            apiVersion: kubeadm.k8s.io/v1beta3
            kind: ClusterConfiguration
            ---
            apiVersion: kubelet.config.k8s.io/v1beta1
            kind: KubeletConfiguration
            cpuManagerPolicy: static
            reservedSystemCPUs: "0"
            """)
        #expect(sources.map(\.role) == ["control-plane", "worker"])
        #expect(sources.map { "\($0.settings.reservedSystemCPUs)" } == ["0-1", "0"])
        #expect(sources.allSatisfy { $0.settings.cpuManagerPolicy == "static" })
    }

    /// The configuration that comes out can be written under a node group's `kubelet`.
    @Test func `a source's configuration is one that a scenario takes`() throws {
        let (sources, _) = try read(
            "{kind: KubeletConfiguration, apiVersion: kubelet.config.k8s.io/v1beta1, maxPods: 20}")
        var diagnostics = Diagnostics()
        let settings = readKubeletConfiguration(
            sources[0].configuration, diagnostics: &diagnostics)
        #expect(settings == sources[0].settings)
    }
}
