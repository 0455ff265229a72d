/// What is taken of one node's devices. (cm/devicemanager/pod_devices.go, manager.go)
package struct DeviceManagerState: Sendable {
    package enum Registration: UInt8, Sendable {
        /// The kubelet has never heard of the resource.
        case unknown
        /// Known from the checkpoint; its plugin has not come back since the restart.
        case awaited
        case registered
    }

    let rowWords: Int
    /// By kind.
    package var registrations: [Registration]
    /// Bits of devices, one word after another, as in a container's row.
    package var healthy: [UInt64]
    package var allocated: [UInt64]
    /// Devices of finished init containers of the pod being admitted that its later containers may use again.
    package var reusable: [UInt64]
    package var hasReusable = false
    private var rows: [UInt64] = []
    private var slotCount = 0
    /// Goes up with every device that is given out.
    private(set) var givenCount = 0

    package init(_ catalog: DeviceCatalog) {
        rowWords = catalog.rowWords
        registrations = Array(repeating: .registered, count: catalog.kinds.count)
        healthy = Array(repeating: 0, count: catalog.rowWords)
        allocated = healthy
        reusable = healthy
        for kind in catalog.kinds {
            for (index, isHealthy) in kind.isHealthy.enumerated() where isHealthy {
                healthy[kind.words.lowerBound + index / 64] |= 1 << UInt64(index % 64)
            }
        }
    }

    mutating func grow(to count: Int) {
        guard slotCount < count else { return }
        slotCount = count
        rows.append(contentsOf: repeatElement(0, count: count * rowWords - rows.count))
    }

    mutating func beginAdmission() {
        guard hasReusable else { return }
        for word in 0..<rowWords { reusable[word] = 0 }
        hasReusable = false
    }

    /// Word `word` of the container's row.
    package func devices(of container: ContainerSlot, word: Int) -> UInt64 {
        rows[container.index &* rowWords &+ word]
    }

    mutating func give(_ bits: UInt64, word: Int, to container: ContainerSlot) {
        rows[container.index &* rowWords &+ word] |= bits
        allocated[word] |= bits
        givenCount &+= 1
    }

    package func count(of container: ContainerSlot, in words: Range<Int>) -> Int {
        var total = 0
        for word in words { total &+= devices(of: container, word: word).nonzeroBitCount }
        return total
    }

    mutating func updateReuse(of container: ContainerSlot, isReusable: Bool) {
        if isReusable {
            for word in 0..<rowWords {
                let bits = devices(of: container, word: word)
                reusable[word] |= bits
                if bits != 0 { hasReusable = true }
            }
        } else if hasReusable {
            for word in 0..<rowWords { reusable[word] &= ~devices(of: container, word: word) }
        }
    }

    mutating func release(_ pod: ContainerRange) {
        guard rowWords > 0 else { return }
        for index in Int(pod.first) * rowWords..<(Int(pod.first) + Int(pod.count)) * rowWords
        where rows[index] != 0 {
            allocated[index % rowWords] &= ~rows[index]
            rows[index] = 0
        }
    }
}
