/// Why a file of the kernel's is not what the kernel writes: one sentence without a full stop.
struct KernelFileProblem: Error {
    var path: String
    var message: String
}

/// The kernel's ways of writing sets of CPUs or NUMA nodes (lib/vsprintf.c, `%*pbl` and `%*pb`).
enum KernelLists {
    /// CPUs of the largest Linux: NR_CPUS is at most 8,192 on x86 and less elsewhere.
    static let cpuLimit = 8192
    /// NUMA nodes of the largest Linux: NODES_SHIFT is at most 10.
    static let numaNodeLimit = 1024

    /// `0-3,8` ascending, each once; empty text is an empty list.
    static func list(
        _ text: String, of what: String, below limit: Int, at path: String
    ) throws(KernelFileProblem) -> [Int] {
        var isMember: [Bool] = []
        for part in text.utf8.split(separator: UInt8(ascii: ",")) {
            let ends = part.split(
                separator: UInt8(ascii: "-"), omittingEmptySubsequences: false
            ).map { Substring($0) }
            guard ends.count <= 2, ends.allSatisfy({ isDigits($0) }) else {
                throw KernelFileProblem(
                    path: path, message: "`\(shown(text))` is no list of \(what) such as `0-3,8`")
            }
            guard let first = Int(ends[0]), let last = Int(ends[ends.count - 1]), last < limit
            else {
                throw KernelFileProblem(
                    path: path,
                    message: "`\(shown(text))` names \(what) past \(limit - 1), the last that "
                        + "Linux can have")
            }
            guard first <= last else {
                throw KernelFileProblem(
                    path: path, message: "`\(shown(text))` has a range that runs backwards")
            }
            if last >= isMember.count {
                isMember += [Bool](repeating: false, count: last + 1 - isMember.count)
            }
            for index in first...last { isMember[index] = true }
        }
        return isMember.indices.filter { isMember[$0] }
    }

    /// `00000000,0000ff00`: hexadecimal words of 32 bits, most significant first.
    static func mask(
        _ text: String, of what: String, below limit: Int, at path: String
    ) throws(KernelFileProblem) -> [Int] {
        var members: [Int] = []
        let words = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        for (position, word) in words.reversed().enumerated() {
            guard word.count <= 8, let bits = UInt32(Substring(word), radix: 16) else {
                throw KernelFileProblem(
                    path: path,
                    message: "`\(shown(text))` is no set of \(what) such as `00000000,000000ff`")
            }
            if bits == 0 { continue }
            for bit in 0..<32 where bits >> UInt32(bit) & 1 == 1 {
                let index = position * 32 + bit
                guard index < limit else {
                    throw KernelFileProblem(
                        path: path,
                        message: "`\(shown(text))` names \(what) past \(limit - 1), the last that "
                            + "Linux can have")
                }
                members.append(index)
            }
        }
        return members
    }

    /// The number behind `prefix` in a folder's name; nil when the name is another.
    static func index(
        in name: String, after prefix: String, below limit: Int, at path: String
    ) throws(KernelFileProblem) -> Int? {
        guard name.hasPrefix(prefix) else { return nil }
        let digits = name.dropFirst(prefix.count)
        guard isDigits(digits) else { return nil }
        guard let index = Int(digits), index < limit else {
            throw KernelFileProblem(
                path: path + "/" + shown(name),
                message: "a number past \(limit - 1), the last that Linux can have")
        }
        return index
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }

    private static func shown(_ text: String) -> String {
        text.utf8.count <= 60 ? text : text.prefix(50) + "…"
    }
}
