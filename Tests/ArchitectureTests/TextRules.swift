import Foundation

/// A text that must not stand in a source file, and why.
struct ForbiddenText: Sendable {
    var text: String
    var reason: String
}

/// What a reader of a release should never meet. Assembled from pieces, so that this file passes its own rule.
let forbiddenEverywhere: [ForbiddenText] = [
    ForbiddenText(text: "TO" + "DO", reason: "finish it, or file it as an issue"),
    ForbiddenText(text: "FIX" + "ME", reason: "finish it, or file it as an issue"),
    ForbiddenText(text: "fatal" + "Error()", reason: "say what is broken with `precondition`"),
    ForbiddenText(text: "/wo" + "rk/", reason: "a path of one computer"),
    ForbiddenText(text: "/ho" + "me/", reason: "a path of one computer"),
    ForbiddenText(text: "/ro" + "ot/", reason: "a path of one computer"),
]

/// What would let a run depend on more than its scenario and its seed.
let forbiddenInPureModules: [ForbiddenText] = [
    ForbiddenText(text: "Date()", reason: "time is SimTime"),
    ForbiddenText(text: "ContinuousClock", reason: "time is SimTime"),
    ForbiddenText(text: ".hashValue", reason: "hashes differ in each process"),
    ForbiddenText(text: "SystemRandomNumberGenerator", reason: "use a RandomStream"),
    ForbiddenText(text: ".shuffled()", reason: "use a RandomStream"),
    ForbiddenText(text: ".randomElement()", reason: "use a RandomStream"),
    ForbiddenText(text: "@unchecked Sendable", reason: "models are values"),
]

/// Findings for forbidden texts, each with the number of the first line that holds it.
func forbiddenTexts(in file: ProjectFile) -> [String] {
    let rules =
        forbiddenEverywhere + (pureModules.contains(file.module) ? forbiddenInPureModules : [])
    return rules.compactMap { rule in
        guard let found = file.text.range(of: rule.text, options: .literal) else { return nil }
        let line = 1 + file.text[..<found.lowerBound].count { $0.isNewline }
        return "\(file.path):\(line): `\(rule.text)`: \(rule.reason)"
    }
}
