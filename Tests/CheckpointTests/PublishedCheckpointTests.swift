import NodeManagers
import ScenarioInput
import Testing

/// Files of kubelets on real nodes, as their owners have shown them in public.
///
/// They are the only oracle of the Device Manager's checksum, and of the bytes of any of these files.
@Suite struct PublishedCheckpointTests {
    @Test(arguments: [
        #"{"policyName":"static","defaultCpuSet":"0-27","checksum":273146150}"#,
        #"{"policyName":"static","defaultCpuSet":"0,14-27","entries":"#
            + #"{"c0c5c4b3-3f63-4677-ba68-52da74012371":{"app":"1-13"}},"checksum":1954249489}"#,
        #"{"policyName":"static","defaultCpuSet":"0-13","entries":"#
            + #"{"6c5f3038-adfc-485d-9943-3fd5e825300d":{"app":"14-27"}},"checksum":3451722052}"#,
        #"{"policyName":"static","defaultCpuSet":"0,13","entries":"#
            + #"{"55784671-0e4e-49e2-b4d6-c0377ca14c81":{"app":"1-12"},"#
            + #""6c5f3038-adfc-485d-9943-3fd5e825300d":{"app":"14-27"}},"checksum":3558029577}"#,
    ])
    func `a CPU Manager's file is read, its checksum is right, and ours has the same bytes`(
        _ text: String
    ) throws {
        let checkpoint = try CPUManagerCheckpoint(
            reading: text.utf8, file: "cpu_manager_state", podLevelResourceManagers: false)
        #expect(checkpoint.text == text)
    }

    @Test(arguments: [
        #"{"Data":{"PodDeviceEntries":null,"RegisteredDevices":{"nvidia.com/gpu":"#
            + #"["GPU-0650a168-e770-3ea8-8ac3-8a1d419763e0"]}},"Checksum":3952659280}"#,
        #"{"Data":{"PodDeviceEntries":[{"PodUID":"bf52b2cd-b611-4e79-86b1-280b283185c3","#
            + #""ContainerName":"check","ResourceName":"nvidia.com/gpu","#
            + #""DeviceIDs":{"-1":["tegra"]},"#
            + #""AllocResp":"Ch8KFk5WSURJQV9WSVNJQkxFX0RFVklDRVMSBXRlZ3Jh"}],"#
            + #""RegisteredDevices":{"nvidia.com/gpu":["tegra"]}},"Checksum":3660592824}"#,
        #"{"Data":{"PodDeviceEntries":[{"PodUID":"9a15d2b5-c152-46b9-96e0-d57032629e1f","#
            + #""ContainerName":"app","ResourceName":"nvidia.com/gpu","DeviceIDs":{"1":["#
            + #""GPU-9b341c59-f96b-ba85-c137-78c3652fea65","#
            + #""GPU-c1e9f249-b37b-81c2-a8d9-ba5ca0294841"]},"AllocResp":""#
            + "CmsKFk5WSURJQV9WSVNJQkxFX0RFVklDRVMSUUdQVS1jMWU5ZjI0OS1iMzdiLTgxYzItYThkOS1iYTVj"
            + "YTAyOTQ4NDEsR1BVLTliMzQxYzU5LWY5NmItYmE4NS1jMTM3LTc4YzM2NTJmZWE2NRokCg4vZGV2L252"
            + "aWRpYWN0bBIOL2Rldi9udmlkaWFjdGwaAnJ3GiYKDy9kZXYvbnZpZGlhLXV2bRIPL2Rldi9udmlkaWEt"
            + "dXZtGgJydxoyChUvZGV2L252aWRpYS11dm0tdG9vbHMSFS9kZXYvbnZpZGlhLXV2bS10b29scxoCcnca"
            + "LgoTL2Rldi9udmlkaWEtbW9kZXNldBITL2Rldi9udmlkaWEtbW9kZXNldBoCcncaIAoML2Rldi9udmlk"
            + "aWExEgwvZGV2L252aWRpYTEaAnJ3GiAKDC9kZXYvbnZpZGlhMhIML2Rldi9udmlkaWEyGgJydw=="
            + #""}],"RegisteredDevices":{"nvidia.com/gpu":["#
            + #""GPU-77a702db-e37f-3a74-d46d-c5713f66058c","#
            + #""GPU-9b341c59-f96b-ba85-c137-78c3652fea65","#
            + #""GPU-c1e9f249-b37b-81c2-a8d9-ba5ca0294841"]}},"Checksum":2530956716}"#,
    ])
    func `a Device Manager's file is read, its checksum is right, and ours has the same bytes`(
        _ text: String
    ) throws {
        let checkpoint = try DeviceManagerCheckpoint(
            reading: text.utf8, file: "kubelet_internal_checkpoint")
        #expect(checkpoint.text == text)
    }
}
