import Primitives
import ScenarioInput
import Testing

/// Objects with bytes changed at random: whatever comes in, it is read or refused, and never both.
struct HostileManifestTests {
    private static let pod = #"""
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"a": "b"}},
         "spec": {"containers": [{"name": "c", "ports": [{"containerPort": 80}], "resources":
          {"requests": {"cpu": "1.5e0"}, "limits": {"cpu": "1500m", "memory": "0.5Gi",
           "hugepages-2Mi": "4Mi", "example.com/nic": "2"}}}],
          "initContainers": [{"name": "i", "restartPolicy": "Always"}], "priority": 3,
          "resources": {"limits": {"cpu": "4", "memory": "10Gi"}}, "overhead": {"cpu": "250m"},
          "tolerations": [{"key": "k", "operator": "Exists", "effect": "NoExecute"}]}}
        """#

    private static let kubelet = #"""
        {"cpuManagerPolicyOptions": {"full-pcpus-only": "true"}, "cpuManagerReconcilePeriod": "5m",
         "reservedMemory": [{"numaNode": 0, "limits": {"memory": "1100Mi"}}], "maxPods": 250,
         "kubeReserved": {"cpu": "500m"}, "evictionHard": {"memory.available": "5%"},
         "reservedSystemCPUs": "0-1,32", "featureGates": {"PodLevelResources": false}}
        """#

    private func changed(_ text: String, by stream: inout RandomStream) -> [UInt8] {
        let letters = Array(#"{}[]",:0123456789.-+eEKMGTimnun% \u"#.utf8) + [0xC3, 0x00, 0xFF]
        var bytes = Array(text.utf8)
        for _ in 0...stream.below(4) {
            let position = Int(stream.below(UInt64(bytes.count)))
            let letter = letters[Int(stream.below(UInt64(letters.count)))]
            switch stream.below(3) {
            case 0: bytes[position] = letter
            case 1: bytes.insert(letter, at: position)
            default: bytes.remove(at: position)
            }
        }
        return bytes
    }

    @Test(arguments: 0..<8)
    func `objects with changed bytes are read or refused`(_ seed: UInt64) {
        var stream = RandomStream(seed: seed, name: "hostile manifests")
        var read = 0
        for _ in 0..<150 {
            var diagnostics = Diagnostics()
            var resources = ResourceTable()
            let pod = changed(HostileManifestTests.pod, by: &stream)
            if let node = try? readJSONSource(pod, file: "p") {
                let owner = readOwnerManifest(
                    node, resources: &resources, diagnostics: &diagnostics)
                #expect((owner == nil) == diagnostics.hasErrors, "seed \(seed)")
                if owner != nil { read += 1 }
            }
            diagnostics = Diagnostics()
            let kubelet = changed(HostileManifestTests.kubelet, by: &stream)
            if let node = try? readJSONSource(kubelet, file: "k") {
                let settings = readKubeletConfiguration(node, diagnostics: &diagnostics)
                #expect((settings == nil) == diagnostics.hasErrors, "seed \(seed)")
                if settings != nil { read += 1 }
            }
        }
        #expect(read > 0 && read < 300)
    }
}
