import WorkloadModel

/// A quantity as the API machinery reads, prints and rounds it.
enum QuantityVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        let text = try required(json["s"]?.text, "s")
        let expect = try required(json["expect"], "expect")
        let quantity: Quantity
        do throws(QuantityError) {
            quantity = try Quantity(text)
        } catch {
            // Upstream's three errors, told by what is constant in them.
            let reason =
                switch error {
                case .shape: "quantities must match"
                case .suffix: "quantity's suffix"
                case .number: "numeric part"
                case .size: "no such upstream error"
                }
            guard expect["error"]?.text?.contains(reason) == true else {
                throw .mismatch(
                    what: "expect", expected: "\(expect)",
                    got: "\(JSONValue.string("refused: \(error)"))")
            }
            return
        }
        try requireEqual("expect.error", expected: expect["error"]?.text, got: nil)
        try requireEqual(
            "expect.canonical", expected: expect["canonical"]?.text, got: quantity.description)
        try requireEqual(
            "expect.value", expected: expect["value"]?.text, got: "\(quantity.value)")
        try requireEqual(
            "expect.format", expected: expect["format"]?.text, got: quantity.format.rawValue)
        if let sign = expect["sign"] {
            try requireEqual("expect.sign", expected: sign.integer, got: Int(quantity.sign))
        }
        if let milli = expect["milli"] {
            try requireEqual("expect.milli", expected: milli.text, got: "\(quantity.milliValue)")
        }
    }
}
