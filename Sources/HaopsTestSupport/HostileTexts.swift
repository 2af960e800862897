/// Texts that mean something to a shell, to YAML, to a template, to a terminal, to a path or to a list of lines. The same seed
/// always gives the same texts.
package struct HostileTexts: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// SplitMix64.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// What a text is put together from. `CANARY` is a file that a shell would make.
    package static let pieces = [
        "a", "B7", " ", "  ", "'", "\"", "$(touch CANARY)", "`touch CANARY`", ";touch CANARY;",
        "|touch CANARY", "&", "\n",
        "\r\n", "\t", ":", ": ", "#", " # ", "ü", "\u{4e2d}", "e\u{301}", "\u{202e}", "\u{2028}", "\u{1b}[2J",
        "-", "--", "-rf",
        "%s", "%n", "\\", "\\n", "*", "?", "[a]", "{", "}", "{a,b}", "{{x}}", "{{{x}}}", "!", "$HOME",
        "${IFS}", "~", "..", ".",
        "=", ",", "(", ")", "<", ">", "@", "null", "\0", "0x1", "${secret:vrrp}", "${_PWD}",
    ]

    /// One to five pieces after another.
    ///
    /// - `canary`: the path that the pieces of shell code make.
    /// - `besides`: pieces that are left out.
    package mutating func text(canary: String, besides: Set<String> = []) -> String {
        let pieces = Self.pieces.filter { !besides.contains($0) }
        return (0..<Int.random(in: 1...5, using: &self)).map { _ in
            pieces.randomElement(using: &self)?.replacing("CANARY", with: canary) ?? ""
        }.joined()
    }

    /// A text as a scalar of YAML in double quotes.
    package static func quoted(_ text: String) -> String {
        "\""
            + text.unicodeScalars.map { scalar in
                switch scalar {
                case "\"": "\\\""
                case "\\": "\\\\"
                case "\n": "\\n"
                // Line breaks to YAML 1.1.
                case "\u{2028}": "\\L"
                case "\u{2029}": "\\P"
                default:
                    scalar.value < 0x20 || scalar.value == 0x7f || (0x80..<0xa0).contains(scalar.value)
                        ? "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
                        : String(scalar)
                }
            }.joined() + "\""
    }

    /// The bytes with up to six places changed: another byte, a piece, a part left out or repeated, or the end cut off.
    package mutating func broken(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...6, using: &self) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &self)
            let end = min(bytes.count, place + Int.random(in: 1...40, using: &self))
            switch Int.random(in: 0..<6, using: &self) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &self)
            case 1: bytes.removeSubrange(place..<end)
            case 2:
                bytes.insert(contentsOf: Self.pieces.randomElement(using: &self)?.utf8 ?? "".utf8, at: place)
            case 3:
                bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: bytes.indices, using: &self))
            case 4:
                bytes.insert(
                    contentsOf: "99999999999999999999".utf8.prefix(Int.random(in: 1...20, using: &self)),
                    at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }
}
