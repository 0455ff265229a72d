package import WorkloadModel

/// Reads a quantity, written bare (`cpu: 2`) or quoted (`cpu: "2"`); nil after a mistake was told.
///
/// Blanks around it are forgiven, as Kubernetes' decoder does. (Quantity.UnmarshalJSON)
package func readQuantity(_ node: SourceNode, diagnostics: inout Diagnostics) -> Quantity? {
    guard let text = node.text else {
        diagnostics.error(at: node, "expected a quantity such as `2` or `16Gi`, found \(node.said)")
        return nil
    }
    do throws(QuantityError) {
        return try Quantity(trimmingBlanks(text))
    } catch {
        diagnostics.error(at: node, "`\(text)` is not a quantity", hint: error.explanation)
        return nil
    }
}

private func trimmingBlanks(_ text: String) -> Substring {
    let front = text.drop { $0.isWhitespace }
    guard let last = front.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return front[...last]
}
