import ScenarioInput

/// Nil for a refusal as a user can read it; otherwise what is wrong with it.
func judge(_ error: any Error) -> String? {
    guard let refusal = error as? InputError else {
        return "an error that is no InputError: \(error)"
    }
    if refusal.diagnostics.isEmpty { return "a refusal without a word" }
    if refusal.diagnostics.count > 2 * Diagnostics.limit {
        return "a refusal of \(refusal.diagnostics.count) messages"
    }
    for diagnostic in refusal.diagnostics {
        if diagnostic.message.isEmpty { return "an empty message" }
        if diagnostic.line < 0 || diagnostic.column < 0 {
            return "a place before the start of the file: \(diagnostic)"
        }
    }
    return nil
}
