import Foundation

/// The relative links of a Markdown text, without their fragments; code is not read.
func relativeLinks(in markdown: String) -> [String] {
    let prose = markdown.replacing(/(?ms)^```.*?^```/, with: "").replacing(/`[^`\n]*`/, with: "")
    return prose.matches(of: /\]\((?<target>[^)\s]+)(?:\s+"[^"]*")?\)/)
        .map { String($0.target.prefix { $0 != "#" }) }
        .filter { !$0.isEmpty && !$0.contains(":") }
        .map { $0.removingPercentEncoding ?? $0 }
}

/// A link's path from the checkout's folder, or nil when it leads out of it.
func target(of link: String, in document: String) -> String? {
    var parts = document.split(separator: "/").dropLast().map(String.init)
    for part in link.split(separator: "/") where part != "." {
        if part != ".." {
            parts.append(String(part))
        } else if parts.popLast() == nil {
            return nil
        }
    }
    return parts.joined(separator: "/")
}

/// Findings for links of a document that lead nowhere.
func brokenLinks(in document: ProjectFile, exists: (String) -> Bool) -> [String] {
    relativeLinks(in: document.text)
        .filter { link in !(target(of: link, in: document.path).map(exists) ?? false) }
        .map { "\(document.path) links to `\($0)`, which is not there" }
}
