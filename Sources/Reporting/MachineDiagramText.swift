import HardwareModel
import Primitives

/// Words and numbers of a machine's diagram.
enum MachineDiagramText {
    /// Three significant digits in binary units: `31.4 GiB`, `251 GiB`, `16 MiB`, `0 B`.
    static func bytes(_ bytes: Int64) -> String {
        let units: [(name: String, shift: Int64)] = [
            ("EiB", 60), ("PiB", 50), ("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10),
        ]
        guard bytes > 0, let unit = units.first(where: { bytes >> $0.shift > 0 }) else {
            return "\(bytes) B"
        }
        // Hundredths, by whole numbers: the remainder is below 2^60, so shift it down before it is multiplied.
        let whole = bytes >> unit.shift
        let rest = (bytes & ((1 << unit.shift) - 1)) >> max(0, unit.shift - 40)
        let hundredths = whole * 100 + (rest * 100) >> min(unit.shift, 40)
        if whole >= 100 { return "\((hundredths + 50) / 100) \(unit.name)" }
        let tenths = whole >= 10 ? (hundredths + 5) / 10 : 0
        if whole >= 10 { return decimal(tenths, 10) + " \(unit.name)" }
        return decimal(hundredths, 100) + " \(unit.name)"
    }

    /// `31.4` of 314 tenths, `2` of 200 hundredths.
    private static func decimal(_ scaled: Int64, _ scale: Int64) -> String {
        var (scaled, scale) = (scaled, scale)
        while scale > 1, scaled % 10 == 0 {
            scaled /= 10
            scale /= 10
        }
        if scale == 1 { return "\(scaled)" }
        let fraction = "\(scaled % scale)"
        let zeros = (scale == 100 ? 2 : 1) - fraction.count
        return "\(scaled / scale)." + String(repeating: "0", count: zeros) + fraction
    }

    /// Pools that have pages, largest first: `1Gi ×8`, `2Mi ×512`.
    static func hugePages(_ pools: [HugePagePool]) -> [String] {
        pools.filter { $0.count > 0 }.reversed().map {
            let name = ResourceTable.hugePageResource(ofSize: $0.pageSize).dropFirst(
                "hugepages-".count)
            return "\(name) ×\($0.count)"
        }
    }

    /// `1 core`, `64 cores`.
    static func count(_ count: Int, _ noun: String) -> String {
        "\(HumanFormat.count(Int64(count))) \(noun)\(count == 1 ? "" : "s")"
    }

    /// A name from a file, safe to print: what is not a plain visible character becomes `?`.
    static func printable(_ name: String) -> String {
        var text = ""
        for scalar in name.unicodeScalars {
            let isVisible =
                (0x20...0x7E).contains(scalar.value) || (0xA1...0x24F).contains(scalar.value)
            text.unicodeScalars.append(isVisible && scalar.value != 0xAD ? scalar : "?")
        }
        return text
    }

    /// A processor's name without what says nothing: `Intel Xeon Gold 6230R` of
    /// `Intel(R) Xeon(R) Gold 6230R CPU @ 2.10GHz`.
    static func shortModel(_ model: String) -> String {
        var text = printable(model)
        for mark in ["(R)", "(r)", "(TM)", "(tm)", "®"] {
            while let range = text.firstRange(of: mark) { text.replaceSubrange(range, with: " ") }
        }
        // `POWER9, altivec supported`
        text = String(text.prefix { $0 != "," })
        var words: [Substring] = []
        for word in text.split(separator: " ") {
            if word == "@" { break }
            let isNoise = word == "CPU" || word == "Processor" || word.hasSuffix("-Core")
            if !isNoise { words.append(word) }
        }
        return words.joined(separator: " ")
    }
}
