import HardwareModel
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

struct DevicePoolTests {
    /// Two NUMA nodes with a card each, of which the second has four virtual functions, and an accelerator.
    private func machine() throws -> Machine {
        var machine = try MachineShape(parsing: "2s1n4c2t").makeMachine(
            memoryPerNUMANode: 8 << 30)
        machine.devices = [
            Device(
                name: "ens1f0", pciBusID: "0000:3b:00.0", pciClass: 0x0200, vendorID: 0x8086,
                deviceID: 0x1592, numaNodes: [0], osNames: ["ens1f0"]),
            Device(
                name: "ens3f0", pciBusID: "0000:af:00.0", pciClass: 0x0200, vendorID: 0x15b3,
                deviceID: 0x1017, numaNodes: [1], osNames: ["ens3f0", "mlx5_0"]),
            Device(
                name: "0000:b0:00.0", pciBusID: "0000:b0:00.0", pciClass: 0x1200,
                vendorID: 0x8086, deviceID: 0x0d5c, numaNodes: [1]),
        ]
        for number in 0..<4 {
            let address = "0000:af:00.\(number + 1)"
            machine.devices.append(
                Device(
                    name: address, pciBusID: address, pciClass: 0x0200, vendorID: 0x15b3,
                    deviceID: 0x1018, numaNodes: [1],
                    osKinds: number < 3 ? [.network, .openFabrics] : [.network],
                    physicalFunction: "0000:af:00.0", driver: number == 0 ? "vfio-pci" : "mlx5_core"
                ))
        }
        return machine
    }

    private func place(
        _ text: String, labels: [Label] = []
    ) throws -> (resources: [DeviceResource], report: ImportReport) {
        let (objects, _) = try NodeSideFiles.read(text: text)
        var report = ImportReport()
        let resources = placeDevicePools(
            objects.pools, on: try machine(), labels: labels, report: &report)
        return (resources, report)
    }

    private func policy(
        _ name: String, _ resource: String, _ nic: String, numVfs: Int = 4, more: String = ""
    ) -> String {
        """
        ---
        apiVersion: sriovnetwork.openshift.io/v1
        kind: SriovNetworkNodePolicy
        metadata: {name: \(name), namespace: sriov}
        spec:
          resourceName: \(resource)
          numVfs: \(numVfs)
          nicSelector: \(nic)
          \(more)

        """
    }

    private func places(_ resource: DeviceResource?) -> [[Int]?] {
        resource?.devices.map(\.numaNodes) ?? []
    }

    @Test func `a policy makes virtual functions where its card is`() throws {
        let (resources, report) = try place(
            policy("a", "fast", "{pfNames: [ens1f0]}")
                + policy("b", "far", "{vendor: '15b3', deviceID: '1017'}", more: "isRdma: true"))
        #expect(resources.map(\.name) == ["openshift.io/fast", "openshift.io/far"])
        #expect(places(resources.first) == [[0], [0], [0], [0]])
        #expect(resources[0].devices[3].id == "0000:3b:00.0-vf3")
        // Functions that are there already have their addresses.
        #expect(
            resources[1].devices.map(\.id) == (1...4).map { "0000:af:00.\($0)" })
        #expect(places(resources[1]) == [[1], [1], [1], [1]])
        #expect(report.count(of: .guessed) == 0)
    }

    @Test func `policies share a card by ranges, and the smaller priority goes first`() throws {
        let (resources, report) = try place(
            policy("a", "low", "{pfNames: ['ens1f0#0-2']}", numVfs: 8, more: "priority: 20")
                + policy(
                    "b", "high", "{rootDevices: ['0000:3b:00.0#2-5']}", numVfs: 8,
                    more: "priority: 10"))
        #expect(resources.map { $0.devices.count } == [2, 4])
        #expect(
            report.notes.contains {
                $0.outcome == .dropped && $0.reason.contains("1 of its virtual functions")
            })
        let (whole, told) = try place(
            policy("a", "x", "{pfNames: [ens1f0]}", more: "priority: 9")
                + policy("b", "y", "{pfNames: [ens1f0]}", more: "priority: 9"))
        // Of equal ones the later name has the card.
        #expect(whole.map(\.name) == ["openshift.io/x", "openshift.io/y"])
        #expect(whole.map { $0.devices.count } == [0, 4])
        #expect(told.count(of: .dropped) == 1)
    }

    @Test func `excludeTopology hides where devices are`() throws {
        let (resources, _) = try place(
            policy("a", "fast", "{pfNames: [ens1f0]}", more: "excludeTopology: true"))
        #expect(places(resources.first) == [nil, nil, nil, nil])
    }

    @Test func `a policy for other nodes gives nothing`() throws {
        let text = policy("a", "fast", "{pfNames: [ens1f0]}", more: "nodeSelector: {nic: 'yes'}")
        #expect(try place(text).resources.isEmpty)
        let labels = [Label(key: "nic", value: "yes")]
        #expect(try place(text, labels: labels).resources.first?.devices.count == 4)
    }

    @Test(arguments: [
        ("du-numa1", "x", 1), ("a", "fh_n1", 1), ("a", "du_fh_n0", 0), ("sriov-numa-1", "x", 1),
    ])
    func `a card that the machine does not tell is where names hint`(
        _ name: String, _ resource: String, _ node: Int
    ) throws {
        let (resources, report) = try place(
            policy(name, resource, "{pfNames: [eno99]}", numVfs: 2))
        #expect(places(resources.first) == [[node], [node]])
        #expect(report.count(of: .guessed) == 1)
    }

    @Test func `without a hint devices have no place`() throws {
        for (name, resource) in [("a", "x"), ("numa7", "x"), ("lan", "n"), ("worker-node-1", "x")] {
            let (resources, report) = try place(
                policy(name, resource, "{pfNames: [eno99]}", numVfs: 2))
            #expect(places(resources.first) == [nil, nil])
            #expect(report.count(of: .guessed) == 1)
        }
    }

    private func configuration(_ resources: String) -> String {
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: sriovdp-config}
        data:
          config.json: |
            {"resourceList": [\(resources)]}
        """
    }

    @Test func `pools of the device plugin take the devices that fit, each once`() throws {
        let (resources, report) = try place(
            configuration(
                #"{"resourceName": "dpdk", "selectors": {"vendors": ["15b3"], "drivers": ["vfio-pci"]}}, {"resourceName": "rdma", "resourcePrefix": "nv.com", "selectors": [{"devices": ["1018"], "isRdma": true}]}, {"resourceName": "rest", "selectors": [{"pfNames": ["ens3f0#1-3"]}, {"pfNames": ["ens1f0"]}]}, {"resourceName": "fec", "deviceType": "accelerator", "selectors": {"vendors": ["8086"], "devices": ["0d5c"]}}"#
            ))
        #expect(
            resources.map(\.name) == [
                "intel.com/dpdk", "nv.com/rdma", "intel.com/rest", "intel.com/fec",
            ])
        #expect(resources[0].devices.map(\.id) == ["0000:af:00.1"])
        #expect(resources[1].devices.map(\.id) == ["0000:af:00.2", "0000:af:00.3"])
        // The last function, and a card without functions; one that has some is no device.
        #expect(resources[2].devices.map(\.id) == ["0000:3b:00.0", "0000:af:00.4"])
        #expect(places(resources[2]) == [[0], [1]])
        #expect(places(resources[3]) == [[1]])
        #expect(report.count(of: .guessed) == 0)
    }

    @Test func `pools that no device fits are counted by what they name`() throws {
        let (resources, report) = try place(
            configuration(
                #"{"resourceName": "a_n1", "selectors": {"pfNames": ["eno7#0-3,6"]}}, {"resourceName": "b", "selectors": {"vendors": ["ffff"]}}"#
            ))
        #expect(resources[0].devices.count == 5)
        #expect(places(resources[0]).first == [1])
        #expect(resources[1].devices.isEmpty)
        #expect(report.count(of: .guessed) == 1 && report.count(of: .dropped) == 1)
    }

    @Test func `an accelerator's functions are where it is`() throws {
        let (resources, _) = try place(
            """
            apiVersion: sriovfec.intel.com/v2
            kind: SriovFecClusterConfig
            metadata: {name: config}
            spec:
              priority: 1
              acceleratorSelector: {pciAddress: '0000:b0:00.0'}
              physicalFunction: {vfAmount: 3, bbDevConfig: {acc100: {pfMode: false}}}
            """)
        #expect(resources.first?.name == "intel.com/intel_fec_acc100")
        #expect(places(resources.first) == [[1], [1], [1]])
    }

    /// Real policies of a site: cards by name, NUMA nodes in the names of policies and resources.
    @Test(.enabled(if: SharedFolder.isPresent))
    func `policies of a real site keep to the NUMA nodes in their names`() throws {
        var pools: [DevicePool] = []
        for name in try NodeSideFiles.names("sriov") where name.hasPrefix("cnf-features") {
            pools += try NodeSideFiles.read("sriov/\(name)").objects.pools
        }
        let host = try NodeSideFiles.machine("nto_bm_worker1")
        var report = ImportReport()
        let resources = placeDevicePools(pools, on: host, labels: [], report: &report)
        #expect(resources.count == 4)
        for resource in resources {
            let node = resource.name.hasSuffix("1") ? 1 : 0
            #expect(resource.devices.allSatisfy { $0.numaNodes == [node] }, "\(resource.name)")
        }
        // Two policies are for one card: one of them has it.
        #expect(resources.map { $0.devices.count }.sorted() == [0, 5, 5, 5])
    }

    /// A host with virtual functions: a pool has as many as its XML lists, on the NUMA nodes of their bridges.
    @Test(.enabled(if: SharedFolder.isPresent))
    func `a pool on a real host has the virtual functions of its file`() throws {
        let path = "data/hw/hwloc-xml/hwloc_16intel64-manyVFs.xml"
        let bytes = try SharedFolder.contents(path)
        let host = try readHwlocXML(bytes: Array(bytes), file: path)
        let listed = String(decoding: bytes, as: UTF8.self).split(separator: "pci_type=\"").count {
            $0.hasPrefix("0200 [1137:00cf]")
        }
        let (objects, _) = try NodeSideFiles.read(
            text: configuration(
                #"{"resourceName": "vf", "selectors": {"vendors": ["1137"], "devices": ["00cf"]}}"#
            ))
        var report = ImportReport()
        let resources = placeDevicePools(objects.pools, on: host, labels: [], report: &report)
        #expect(listed > 0 && resources.first?.devices.count == listed)
        for device in resources.first?.devices ?? [] {
            let own = host.devices.first { $0.pciBusID == device.id }
            #expect(device.numaNodes ?? [] == own?.numaNodes ?? [-1])
        }
    }
}
