/// Cuts a stream of bytes into lines.
struct LineBuffer {
    private var bytes: [UInt8] = []
    /// How far no newline was found, so that a long line is not searched again with each piece.
    private var searched = 0

    mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// The next whole line without its newline.
    mutating func next() -> String? {
        guard let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = bytes.count
            return nil
        }
        defer {
            bytes.removeSubrange(...end)
            searched = 0
        }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    /// What is left at the end of the stream, if anything.
    mutating func rest() -> String? {
        guard !bytes.isEmpty else { return nil }
        defer {
            bytes = []
            searched = 0
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
