/// Room for a few entries, and a link to the next chunk of a bucket or of the free list.
@usableFromInline
struct EventChunk<Payload: BitwiseCopyable>: BitwiseCopyable {
    /// A power of two.
    @inlinable
    static var capacity: Int { 8 }

    @usableFromInline let address: UnsafeMutableRawPointer

    @inlinable
    init(address: UnsafeMutableRawPointer) { self.address = address }

    @inlinable
    static var headerSize: Int { 16 }

    @inlinable
    static var size: Int { headerSize &+ capacity &* MemoryLayout<EventEntry<Payload>>.stride }

    /// Valid only in a chain that goes on.
    @inlinable
    var next: EventChunk? {
        address.load(as: UnsafeMutableRawPointer?.self).map { EventChunk(address: $0) }
    }

    @inlinable
    func setNext(_ next: EventChunk?) {
        address.storeBytes(of: next?.address, as: UnsafeMutableRawPointer?.self)
    }

    @inlinable
    var entries: UnsafeMutablePointer<EventEntry<Payload>> {
        (address + EventChunk.headerSize).assumingMemoryBound(to: EventEntry<Payload>.self)
    }
}

/// Hands out chunks and takes them back. It grows in slabs, and gives them up only when it goes.
@usableFromInline
struct EventChunkPool<Payload: BitwiseCopyable>: ~Copyable {
    @usableFromInline var free: EventChunk<Payload>?
    @usableFromInline var slabs: [UnsafeMutableRawPointer] = []
    /// The part of the newest slab that was never used.
    @usableFromInline var fresh: UnsafeMutableRawPointer?
    @usableFromInline var freshCount = 0
    @usableFromInline var nextSlabCount = 16

    @inlinable
    init() {}

    @inlinable
    deinit {
        for slab in slabs { slab.deallocate() }
    }

    @inlinable
    mutating func take() -> EventChunk<Payload> {
        if let chunk = free {
            free = chunk.next
            return chunk
        }
        if freshCount == 0 { addSlab() }
        freshCount &-= 1
        let chunk = EventChunk<Payload>(address: fresh.unsafelyUnwrapped)
        fresh = fresh.unsafelyUnwrapped + EventChunk<Payload>.size
        chunk.setNext(nil)
        return chunk
    }

    @inlinable
    mutating func free(_ chunk: EventChunk<Payload>) {
        chunk.setNext(free)
        free = chunk
    }

    @inlinable
    mutating func addSlab() {
        let slab = UnsafeMutableRawPointer.allocate(
            byteCount: nextSlabCount &* EventChunk<Payload>.size, alignment: 64)
        slabs.append(slab)
        fresh = slab
        freshCount = nextSlabCount
        nextSlabCount = Swift.min(2 &* nextSlabCount, 4096)
    }
}
