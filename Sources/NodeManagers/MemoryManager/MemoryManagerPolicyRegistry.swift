/// Every Memory Manager policy, in the order in which `topsim policies` lists them.
package enum MemoryManagerPolicyRegistry {
    package static let all: [Entry] = [
        Entry(NoneMemoryPolicy.self),
        Entry(StaticMemoryPolicy.self),
    ]

    package struct Entry: Sendable, CustomStringConvertible {
        package let name: String
        package let summary: String
        private let build:
            @Sendable (MemoryManagerSetup) -> Result<any MemoryManagerPolicy, PolicyError>

        package init<Policy: MemoryManagerPolicy>(_ policy: Policy.Type) {
            name = Policy.name
            summary = Policy.summary
            build = { setup in
                do throws(PolicyError) {
                    return .success(try Policy(setup))
                } catch {
                    return .failure(error)
                }
            }
        }

        package func make(_ setup: MemoryManagerSetup) throws(PolicyError)
            -> any MemoryManagerPolicy
        {
            try build(setup).get()
        }

        package var description: String { name }
    }

    package static func entry(named name: String) -> Entry? { all.first { $0.name == name } }
}
