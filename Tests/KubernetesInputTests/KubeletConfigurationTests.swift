import NodeManagers
import Primitives
import ScenarioInput
import Testing

struct KubeletConfigurationTests {
    private func read(_ text: String) throws -> (settings: KubeletSettings?, told: [Diagnostic]) {
        var diagnostics = Diagnostics()
        let node = try readJSONSource(text.utf8, file: "kubelet.json")
        let settings = readKubeletConfiguration(node, diagnostics: &diagnostics)
        return (settings, diagnostics.all)
    }

    @Test func `nothing given is the kubelet's own defaults`() throws {
        var diagnostics = Diagnostics()
        #expect(readKubeletConfiguration(nil, diagnostics: &diagnostics) == KubeletSettings())
        #expect(try read("{}").settings == KubeletSettings())
        #expect(try read(#"{"evictionHard": null, "maxPods": 0}"#).settings == KubeletSettings())
    }

    @Test func `a production configuration becomes settings`() throws {
        let (settings, told) = try read(
            #"""
            {"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
             "cpuManagerPolicy": "static", "cpuManagerPolicyOptions": {"full-pcpus-only": "true"},
             "memoryManagerPolicy": "Static", "topologyManagerPolicy": "single-numa-node",
             "topologyManagerScope": "pod", "topologyManagerPolicyOptions": {"max-allowable-numa-nodes": "16"},
             "reservedMemory": [{"numaNode": 1, "limits": {"memory": "1100Mi"}}],
             "kubeReserved": {"cpu": "500m", "memory": "500Mi", "pid": "100"},
             "systemReserved": {"cpu": "1", "memory": "500Mi"},
             "evictionHard": {"memory.available": "7.5%", "nodefs.available": "10%"},
             "reservedSystemCPUs": "0,32", "maxPods": 250, "clusterDNS": ["10.0.0.10"],
             "logging": {"flushFrequency": 0}, "memorySwap": {}, "cgroupDriver": "systemd"}
            """#)
        #expect(told.isEmpty, "\(told.map(\.message))")
        var want = KubeletSettings()
        want.cpuManagerPolicy = "static"
        want.cpuManagerPolicyOptions = ["full-pcpus-only": "true"]
        want.memoryManagerPolicy = "Static"
        want.topologyManagerPolicy = "single-numa-node"
        want.topologyManagerScope = "pod"
        want.topologyManagerPolicyOptions = ["max-allowable-numa-nodes": "16"]
        want.reservedMemory = [ReservedMemory(numaNode: 1, limits: ["memory": 1100 << 20])]
        want.kubeReserved = ["cpu": 500, "memory": 500 << 20, "pid": 100]
        want.systemReserved = ["cpu": 1000, "memory": 500 << 20]
        want.evictionHardMemory = .milliPercent(7500)
        want.reservedSystemCPUs = [0, 32]
        want.maxPods = 250
        #expect(settings == want)
    }

    @Test(arguments: [
        (#"{"memory.available": "0%"}"#, EvictionThreshold.bytes(0)),
        (#"{"memory.available": "100%"}"#, .bytes(0)),
        (#"{"memory.available": "1Gi"}"#, .bytes(1 << 30)),
        (#"{"memory.available": "12.5%"}"#, .milliPercent(12_500)),
        (#"{"nodefs.available": "10%"}"#, .bytes(0)),
    ])
    func `given eviction signals replace the kubelet's own`(
        _ signals: String, _ threshold: EvictionThreshold
    ) throws {
        let (settings, told) = try read(#"{"evictionHard": \#(signals)}"#)
        #expect(settings?.evictionHardMemory == threshold, "\(told.map(\.message))")
    }

    @Test func `given eviction signals are merged where that is asked for`() throws {
        let text =
            #"{"evictionHard": {"nodefs.available": "10%"}, "mergeDefaultEvictionSettings": true}"#
        #expect(try read(text).settings?.evictionHardMemory == .bytes(100 << 20))
    }

    @Test func `gates that differ from 1.36 are handed on`() throws {
        let (settings, told) = try read(
            #"{"featureGates": {"PodLevelResourceManagers": true, "PodLevelResources": true, "MemoryManager": false}}"#
        )
        #expect(settings?.featureGates == ["PodLevelResourceManagers": true])
        #expect(told.map(\.severity) == [.note])
        let alpha = try read(#"{"featureGates": {"AllAlpha": true, "QOSReserved": false}}"#)
            .settings
        #expect(alpha?.featureGates["CPUManagerPolicyAlphaOptions"] == true)
        #expect(alpha?.featureGates["QOSReserved"] == nil)
    }

    @Test(arguments: [
        (
            #"{"topologyManagerPolicy": "single-numa"}"#, "unknown Topology Manager policy",
            "did you mean"
        ),
        (#"{"topologyManagerScope": "node"}"#, "unknown Topology Manager scope", "scopes are"),
        (
            #"{"topologyManagerPolicies": "none"}"#, "unknown field",
            "did you mean `topologyManagerPolicy`?"
        ),
        (
            #"{"memorySwap": {"swapBehaviour": "NoSwap"}}"#,
            "unknown field `memorySwap.swapBehaviour`", "did you mean"
        ),
        (#"{"maxPods": "many"}"#, "`maxPods`: expected a whole number, found `many`", ""),
        (#"{"maxPods": "110"}"#, "expected a whole number", "without quotes"),
        (#"{"maxPods": 1.5}"#, "expected a whole number", ""),
        (#"{"maxPods": 2147483648}"#, "expected at most 2147483647", ""),
        (#"{"maxPods": -1}"#, "`maxPods` is -1, less than 0", ""),
        (
            #"{"cpuManagerPolicyOptions": {"full-pcpus-only": true}}"#, "expected text",
            "write it in quotes"
        ),
        (#"{"kubeReserved": {"cpu": 1}}"#, "expected text", "write it in quotes"),
        (#"{"kubeReserved": {"gpu": "1"}}"#, "cannot reserve `gpu`", ""),
        (#"{"kubeReserved": {"memory": "-1"}}"#, "less than nothing", ""),
        (#"{"systemReserved": {"memory": "1x"}}"#, "`1x` is not a quantity", ""),
        (#"{"reservedSystemCPUs": "x"}"#, "is no CPU list", "0,32"),
        (#"{"reservedSystemCPUs": "0-4294967295"}"#, "past the last one", ""),
        (#"{"reservedSystemCPUs": 0}"#, "expected text", "write it in quotes"),
        (
            #"{"reservedMemory": [{"numaNode": 0, "limits": {"cpu": "1"}}]}"#, "cannot be reserved",
            ""
        ),
        (#"{"reservedMemory": [{"numaNode": 0, "limits": {"memory": "0"}}]}"#, "is zero", ""),
        (#"{"reservedMemory": {"numaNode": 0}}"#, "expected a list", ""),
        (#"{"evictionHard": {"memory.avail": "1Mi"}}"#, "unknown eviction signal", "did you mean"),
        (#"{"evictionHard": {"memory.available": "-5%"}}"#, "is no eviction threshold", ""),
        (#"{"evictionHard": {"memory.available": "0"}}"#, "is not above 0", ""),
        (#"{"evictionHard": {"memory.available": "8Ei"}}"#, "too much", ""),
        (#"{"featureGates": {"APIServerTracing": false}}"#, "is locked to true", ""),
        (
            #"{"featureGates": {"PodLevelResources": "false"}}"#, "expected `true` or `false`",
            "without quotes"
        ),
        (#"{"cpuManagerReconcilePeriod": "5 minutes"}"#, "expected a duration", ""),
        (#"{"cpuManagerReconcilePeriod": 10}"#, "expected a duration", ""),
        (#"{"kind": "Pod"}"#, "`kind`: expected `KubeletConfiguration`", ""),
        (#"[]"#, "expected a mapping, found a list", ""),
        (#"{"reservedSystemCPUs": "0", "kubeReservedCgroup": "/k"}"#, "cannot be used with", ""),
        (#"{"enforceNodeAllocatable": ["pods", "podz"]}"#, "does not know `podz`", ""),
    ])
    func `a mistake is told with a hint`(_ text: String, _ message: String, _ hint: String) throws {
        let (settings, told) = try read(text)
        #expect(settings == nil)
        let errors = told.filter { $0.severity == .error }
        let found = errors.first { $0.message.contains(message) }
        #expect(found != nil, "\(errors.map(\.message))")
        #expect(hint.isEmpty || found?.hint?.contains(hint) == true, "\(found?.hint ?? "no hint")")
    }

    @Test func `an OpenShift KubeletConfig is looked into`() throws {
        let (settings, _) = try read(
            #"""
            {"apiVersion": "machineconfiguration.openshift.io/v1", "kind": "KubeletConfig",
             "spec": {"kubeletConfig": {"cpuManagerPolicy": "static"}}}
            """#)
        #expect(settings?.cpuManagerPolicy == "static")
    }

    @Test(arguments: [
        ("10s", "10s"), ("5m", "5m0s"), ("1h30m", "1h30m0s"), ("-1s", "-1s"), ("0", "0s"),
        ("1.5s", "1.5s"), ("100ms", "100ms"), (".5m", "30s"), ("1500us", "1.5ms"), ("7ns", "7ns"),
        ("2h0m0.25s", "2h0m0.25s"), ("+3s", "3s"),
    ])
    func `durations read and print as Go's do`(_ text: String, _ printed: String) {
        #expect(GoDuration(text)?.description == printed)
    }

    @Test(arguments: ["", "5", "s", "1x", "1 s", "-", "1.2.3s", "9999999999h", "--1s", "1d"])
    func `what is no Go duration is refused`(_ text: String) {
        #expect(GoDuration(text) == nil)
    }
}
