/// A reader of foreign bytes under test: what it is called, and what is done with bytes.
///
/// `check` reads, and holds whatever was read to its laws. An `InputError` is a good answer; nil is one, too. Anything
/// else that is thrown, and a trap, is a finding.
public struct InputTarget: Sendable {
    /// As `TOPSIM_FUZZ` and the folders of the corpus spell it.
    public let name: String
    /// Most bytes that are worth trying: larger texts only repeat what smaller ones do.
    public let lengthLimit: Int
    /// The law that was broken, as a sentence, or nil.
    public let check: @Sendable ([UInt8]) -> String?

    init(
        _ name: String, lengthLimit: Int = 4096,
        _ check: @escaping @Sendable ([UInt8]) throws -> String?
    ) {
        self.name = name
        self.lengthLimit = lengthLimit
        self.check = { bytes in
            do {
                return try check(bytes)
            } catch {
                return judge(error)
            }
        }
    }

    /// Every reader of bytes that topsim has, by name. A new one is a line here and a folder of the corpus.
    public static let all: [InputTarget] =
        machines + texts + kubernetes + recordings

    public static func named(_ name: String) -> InputTarget? { all.first { $0.name == name } }
}
