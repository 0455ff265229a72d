import NodeManagers
import ScenarioInput
import Testing

/// Checksums that kubelets on real nodes wrote, as their owners have told in public, and the values they stand for.
///
/// They are the only oracle of the Device Manager's checksum.
@Suite struct PublishedCheckpointTests {
    @Test(
        arguments: [
            ("0-27", [:], 273_146_150),
            ("0,14-27", ["c0c5c4b3-3f63-4677-ba68-52da74012371": ["app": "1-13"]], 1_954_249_489),
            ("0-13", ["6c5f3038-adfc-485d-9943-3fd5e825300d": ["app": "14-27"]], 3_451_722_052),
            (
                "0,13",
                [
                    "55784671-0e4e-49e2-b4d6-c0377ca14c81": ["app": "1-12"],
                    "6c5f3038-adfc-485d-9943-3fd5e825300d": ["app": "14-27"],
                ], 3_558_029_577
            ),
        ] as [(String, [String: [String: String]], UInt32)])
    func `a CPU Manager's state has the checksum that a kubelet gave it`(
        _ shared: String, _ entries: [String: [String: String]], _ checksum: UInt32
    ) throws {
        var checkpoint = CPUManagerCheckpoint(policyName: "static", defaultCPUSet: shared)
        checkpoint.entries = entries
        #expect(checkpoint.checksum == checksum)
        let read = try CPUManagerCheckpoint(
            reading: checkpoint.text.utf8, file: "cpu_manager_state",
            podLevelResourceManagers: false)
        #expect(read == checkpoint)
    }

    @Test func `devices of which none is given out have the checksum that a kubelet gave them`()
        throws
    {
        var checkpoint = DeviceManagerCheckpoint()
        checkpoint.registeredDevices = [
            "nvidia.com/gpu": ["GPU-0650a168-e770-3ea8-8ac3-8a1d419763e0"]
        ]
        #expect(checkpoint.checksum == 3_952_659_280)
        let read = try DeviceManagerCheckpoint(
            reading: checkpoint.text.utf8, file: "kubelet_internal_checkpoint")
        #expect(read == checkpoint)
    }

    /// The plugin's answer sets one environment variable: a map entry of two strings in protobuf.
    @Test func `a device that a container has has the checksum that a kubelet gave it`() throws {
        func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
            [number << 3 | 2, UInt8(bytes.count)] + bytes
        }
        var entry = DeviceManagerCheckpoint.Entry(
            podUID: "bf52b2cd-b611-4e79-86b1-280b283185c3", containerName: "check",
            resourceName: "nvidia.com/gpu", deviceIDs: [-1: ["tegra"]])
        entry.allocationResponse = field(
            1,
            field(1, Array("NVIDIA_VISIBLE_DEVICES".utf8)) + field(2, Array("tegra".utf8)))
        var checkpoint = DeviceManagerCheckpoint()
        checkpoint.podDeviceEntries = [entry]
        checkpoint.registeredDevices = ["nvidia.com/gpu": ["tegra"]]
        #expect(checkpoint.checksum == 3_660_592_824)
        let read = try DeviceManagerCheckpoint(
            reading: checkpoint.text.utf8, file: "kubelet_internal_checkpoint")
        #expect(read == checkpoint)
    }
}
