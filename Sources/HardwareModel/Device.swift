/// A PCI or other I/O device where the hardware has it.
///
/// Physical devices and virtual functions alike: network cards, GPUs, accelerators, disks. What of them a device
/// plugin offers is a `DeviceResource`.
public struct Device: Hashable, Sendable {
    /// What the OS calls it (`eth0`, `nvme0n1`), or the PCI address.
    public var name: String
    /// `0000:51:00.0`, or nil for a device that is not on PCI.
    public var pciBusID: String?
    /// PCI class code such as 0x0200 (network), or nil.
    public var pciClass: Int?
    public var vendorID: Int?
    public var deviceID: Int?
    /// OS indices of the NUMA nodes it is local to; empty when unknown or the whole machine.
    public var numaNodes: [Int]
    /// Every name that the OS has for it: a network card may be both `ib0` and `mlx5_0`.
    public var osNames: [String]
    /// By position in `osNames`: what the name stands for. A name past the end is of no known kind.
    public var osKinds: [OSDeviceKind]
    /// PCI address of the physical function whose virtual function this is; nil for a device of its own.
    public var physicalFunction: String?
    /// The kernel driver it is bound to, such as `iavf` or `vfio-pci`; empty when unknown or none.
    public var driver: String
    /// Speed of its PCI link in kB/s (10^3 bytes); 0 when unknown.
    public var linkSpeed: Int

    public init(
        name: String, pciBusID: String? = nil, pciClass: Int? = nil, vendorID: Int? = nil,
        deviceID: Int? = nil, numaNodes: [Int] = [], osNames: [String] = [],
        osKinds: [OSDeviceKind] = [], physicalFunction: String? = nil, driver: String = "",
        linkSpeed: Int = 0
    ) {
        self.name = name
        self.pciBusID = pciBusID
        self.pciClass = pciClass
        self.vendorID = vendorID
        self.deviceID = deviceID
        self.numaNodes = numaNodes
        self.osNames = osNames
        self.osKinds = osKinds
        self.physicalFunction = physicalFunction
        self.driver = driver
        self.linkSpeed = linkSpeed
    }
}

/// What a device is to the OS, in hwloc's classes.
public enum OSDeviceKind: String, Hashable, Sendable, CaseIterable {
    /// Nothing said, or a class that is not known here.
    case unknown
    /// A disk or another block device.
    case storage
    /// A GPU as a display or graphics library sees it.
    case gpu
    case network
    /// What RDMA libraries open, such as `mlx5_0`.
    case openFabrics
    case dma
    /// What a compute library opens: CUDA, OpenCL, ROCm, Level Zero, a vector engine.
    case coProcessor
    /// Memory that is not a NUMA node, such as a DAX device.
    case memory
}
