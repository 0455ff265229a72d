/// `cpuManagerPolicyOptions` of the static policy, checked as the kubelet checks them.
/// (cm/cpumanager/policy_options.go)
package struct StaticCPUPolicyOptions: Hashable, Sendable {
    package var fullPCPUsOnly = false
    package var distributesAcrossNUMA = false
    package var alignsBySocket = false
    package var distributesAcrossCores = false
    package var reservesStrictly = false
    package var prefersUncores = false
    /// Not an option of the kubelet's: its bugs that are to be without.
    package var fixes: UpstreamFixes = []

    package init() {}

    private enum Stage {
        case alpha, beta, stable
    }

    private struct Option: Sendable {
        let name: String
        let stage: Stage
        let field: @Sendable (inout StaticCPUPolicyOptions, Bool) -> Void
    }

    private static let known: [Option] = [
        Option(name: "full-pcpus-only", stage: .stable) { $0.fullPCPUsOnly = $1 },
        Option(name: "distribute-cpus-across-numa", stage: .beta) {
            $0.distributesAcrossNUMA = $1
        },
        Option(name: "align-by-socket", stage: .alpha) { $0.alignsBySocket = $1 },
        Option(name: "distribute-cpus-across-cores", stage: .alpha) {
            $0.distributesAcrossCores = $1
        },
        Option(name: "strict-cpu-reservation", stage: .stable) { $0.reservesStrictly = $1 },
        Option(name: "prefer-align-cpus-by-uncorecache", stage: .stable) {
            $0.prefersUncores = $1
        },
    ]

    package init(_ options: [String: String], gates: FeatureGates) throws(PolicyError) {
        for name in options.keys.sorted() {
            guard let option = StaticCPUPolicyOptions.known.first(where: { $0.name == name })
            else {
                throw PolicyError("unknown CPU Manager Policy option: \"\(name)\"")
            }
            if option.stage == .alpha, !gates.cpuManagerPolicyAlphaOptions {
                throw PolicyError(
                    "CPU Manager Policy Alpha-level Options not enabled,"
                        + " but option \"\(name)\" provided")
            }
            if option.stage == .beta, !gates.cpuManagerPolicyBetaOptions {
                throw PolicyError(
                    "CPU Manager Policy Beta-level Options not enabled,"
                        + " but option \"\(name)\" provided")
            }
            let value = options[name]!
            guard let flag = goBoolean(value) else {
                throw PolicyError(
                    "bad value for option \"\(name)\": strconv.ParseBool:"
                        + " parsing \"\(value)\": invalid syntax")
            }
            option.field(&self, flag)
        }
        let exclusions: [(Bool, Bool, String, String)] = [
            (
                fullPCPUsOnly, distributesAcrossCores, "full-pcpus-only",
                "distribute-cpus-across-cores"
            ),
            (
                distributesAcrossNUMA, distributesAcrossCores, "distribute-cpus-across-numa",
                "distribute-cpus-across-cores"
            ),
            (
                prefersUncores, distributesAcrossCores, "prefer-align-cpus-by-uncorecache",
                "distribute-cpus-across-cores"
            ),
            (
                prefersUncores, distributesAcrossNUMA, "prefer-align-cpus-by-uncorecache",
                "distribute-cpus-across-numa"
            ),
        ]
        for (first, second, firstName, secondName) in exclusions where first && second {
            throw PolicyError(
                "static policy options \(firstName) and \(secondName)"
                    + " can not be used at the same time")
        }
    }
}
