/// `max-allowable-numa-nodes`: how many NUMA nodes a machine may have for the kubelet to start; 8 without it.
package enum MaxAllowableNUMANodesOption: TopologyManagerOption {
    package static let name = "max-allowable-numa-nodes"
    package static let isAlpha = false
    package static let summary = "how many NUMA nodes a machine may have for the kubelet to start"

    package static func read(
        _ value: String, into options: inout TopologyManagerOptions
    ) throws(PolicyError) {
        guard let number = Int(value) else {
            throw PolicyError(
                "unable to convert policy option to integer \"\(name)\": strconv.Atoi:"
                    + " parsing \"\(value)\": invalid syntax")
        }
        guard number >= 8 else {
            throw PolicyError("the minimum value of \"\(name)\" should not be less than 8")
        }
        options.maximumNUMANodes = number
    }
}
