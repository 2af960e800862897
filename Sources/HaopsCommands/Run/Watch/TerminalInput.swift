/// What a person does at the terminal.
enum TerminalInput: Sendable, Equatable {
    case key(Key)
    /// The window has this size now.
    case resized(width: Int, height: Int)
    /// The program goes on after it was stopped: nothing is on the screen.
    case resumed
}

/// A key, as far as any view wants to know it.
enum Key: Sendable, Equatable {
    case character(Character)
    case enter, escape, backspace, tab
    case up, down, pageUp, pageDown, home, end
}

/// Makes keys of the bytes that a terminal sends. Pure.
struct KeyReader: Sendable {
    private var pending: [UInt8] = []

    /// More bytes than these are no key.
    private static let longest = 16

    /// Whether an escape character waits for what follows it.
    var isMidKey: Bool { !pending.isEmpty }

    mutating func keys(of bytes: some Sequence<UInt8>) -> [Key] {
        pending += bytes
        var keys: [Key] = []
        while let (key, length) = Self.first(in: pending) {
            if let key { keys.append(key) }
            pending.removeFirst(length)
        }
        return keys
    }

    /// What is pending when no more bytes follow: an escape character alone is the key.
    mutating func flush() -> [Key] {
        defer { pending = [] }
        return pending == [0x1b] ? [.escape] : []
    }

    /// The first key and how many bytes it has; a key of `nil` is one that nobody wants. `nil` when more bytes must follow.
    private static func first(in bytes: [UInt8]) -> (key: Key?, length: Int)? {
        guard let first = bytes.first else { return nil }
        switch first {
        case 0x1b: return sequence(bytes)
        case 0x0a, 0x0d: return (.enter, 1)
        case 0x08, 0x7f: return (.backspace, 1)
        case 0x09: return (.tab, 1)
        case 0x00...0x1f: return (nil, 1)
        case 0x20...0x7e: return (.character(Character(Unicode.Scalar(first))), 1)
        default: break
        }
        // A character of several bytes; bytes that are none are left out.
        let length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1
        guard bytes.count >= length else { return nil }
        let text = String(decoding: bytes.prefix(length), as: UTF8.self)
        let isWhole = text.unicodeScalars.count == 1 && text.unicodeScalars.first?.value != 0xfffd
        return (isWhole ? text.first.map(Key.character) : nil, isWhole ? length : 1)
    }

    /// `ESC [ A`, `ESC O A`, `ESC [ 5 ~`, `ESC [ 1 ; 2 A`.
    private static func sequence(_ bytes: [UInt8]) -> (key: Key?, length: Int)? {
        guard bytes.count > 1 else { return nil }
        guard bytes[1] == UInt8(ascii: "[") || bytes[1] == UInt8(ascii: "O") else {
            // Escape, and then another key.
            return (.escape, 1)
        }
        guard let end = bytes.dropFirst(2).firstIndex(where: { (0x40...0x7e).contains($0) }) else {
            return bytes.count > longest ? (nil, bytes.count) : nil
        }
        let parameters = bytes[2..<end]
        let key: Key? =
            switch bytes[end] {
            case UInt8(ascii: "A"): .up
            case UInt8(ascii: "B"): .down
            case UInt8(ascii: "H"): .home
            case UInt8(ascii: "F"): .end
            case UInt8(ascii: "~"):
                switch parameters.first {
                case UInt8(ascii: "1"), UInt8(ascii: "7"): .home
                case UInt8(ascii: "4"), UInt8(ascii: "8"): .end
                case UInt8(ascii: "5"): .pageUp
                case UInt8(ascii: "6"): .pageDown
                default: nil
                }
            default: nil
            }
        return (key, end + 1)
    }
}
