/// Every CPU Manager policy, in the order in which `topsim policies` lists them.
package enum CPUManagerPolicyRegistry {
    package static let all: [Entry] = [
        Entry(NoneCPUPolicy.self),
        Entry(StaticCPUPolicy.self),
    ]

    package struct Entry: Sendable, CustomStringConvertible {
        package let name: String
        package let summary: String
        private let build: @Sendable (CPUManagerSetup) -> Result<any CPUManagerPolicy, PolicyError>

        package init<Policy: CPUManagerPolicy>(_ policy: Policy.Type) {
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

        package func make(_ setup: CPUManagerSetup) throws(PolicyError) -> any CPUManagerPolicy {
            try build(setup).get()
        }

        package var description: String { name }
    }

    package static func entry(named name: String) -> Entry? { all.first { $0.name == name } }
}
