/// The virtual machines of a node group as they lie on their hosts: checked, so that whoever has one may trust it.
public struct VirtualMachineLayout: Hashable, Sendable {
    public let settings: VirtualMachineSettings
    /// One for each virtual machine of a host, in order.
    public let mappings: [GuestMapping]

    /// - Throws: Every way in which the host is too small for its guests, or the settings do not fit the guest.
    public init(
        _ settings: VirtualMachineSettings, guest: Machine
    ) throws(GuestMappingError) {
        self.settings = settings
        mappings = try settings.makeMappings(guest: guest)
    }
}
