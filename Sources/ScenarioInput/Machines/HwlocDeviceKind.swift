import HardwareModel

extension OSDeviceKind {
    /// The kind by hwloc's `osdev_type`: a number in formats 1.x and 2.x, a set of bits in 3.0.
    ///
    /// Of several bits the one that 2.0 has for such a device counts. Memory devices were block devices before 3.0, told by
    /// their subtype alone.
    init(hwloc type: Int?, subtype: String, version: Int) {
        guard let type else {
            self = .unknown
            return
        }
        if version >= 3 {
            let bits: [(Int, OSDeviceKind)] = [
                (2, .memory), (8, .coProcessor), (4, .gpu), (16, .network), (32, .openFabrics),
                (64, .dma), (1, .storage),
            ]
            self = bits.first { type & $0.0 != 0 }?.1 ?? .unknown
            return
        }
        switch type {
        case 0: self = ["CXLMem", "SPM"].contains(subtype) ? .memory : .storage
        case 1: self = .gpu
        case 2: self = .network
        case 3: self = .openFabrics
        case 4: self = .dma
        case 5: self = .coProcessor
        case 6: self = .memory
        default: self = .unknown
        }
    }

    /// hwloc's `osdev_type` in format 2.0; nil for an unknown kind.
    var hwlocType: Int? {
        switch self {
        case .unknown: nil
        case .storage: 0
        case .gpu: 1
        case .network: 2
        case .openFabrics: 3
        case .dma: 4
        case .coProcessor: 5
        case .memory: 6
        }
    }
}
