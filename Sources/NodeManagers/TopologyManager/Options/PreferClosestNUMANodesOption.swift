/// `prefer-closest-numa-nodes`: among equally wide hints the one with the smallest distances.
package enum PreferClosestNUMANodesOption: TopologyManagerOption {
    package static let name = "prefer-closest-numa-nodes"
    package static let isAlpha = false
    package static let summary = "among equally wide hints the one with the smallest distances"

    package static func read(
        _ value: String, into options: inout TopologyManagerOptions
    ) throws(PolicyError) {
        guard let flag = goBoolean(value) else {
            throw PolicyError(
                "bad value for option \"\(name)\": strconv.ParseBool:"
                    + " parsing \"\(value)\": invalid syntax")
        }
        options.prefersClosestNUMANodes = flag
    }
}
