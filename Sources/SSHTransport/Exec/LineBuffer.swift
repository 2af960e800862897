/// Cuts a stream of bytes into lines.
struct LineBuffer {
    private var bytes: [UInt8] = []
    /// Where the next line begins; what stands before it was handed out.
    private var start = 0
    /// How far no newline was found, so that a long line is not searched again with each piece.
    private var searched = 0

    /// How many bytes wait to be handed out.
    var count: Int { bytes.count - start }

    mutating func append(_ more: some Sequence<UInt8>) {
        // Only once as much is dropped as is moved: many short lines cost no more than one long one.
        if start > count {
            bytes.removeSubrange(..<start)
            searched -= start
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// The next whole line without its newline.
    mutating func next() -> String? {
        guard let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = bytes.count
            return nil
        }
        defer {
            start = end + 1
            searched = start
        }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// What is left at the end of the stream, if anything.
    mutating func rest() -> String? {
        guard count > 0 else { return nil }
        defer { self = LineBuffer() }
        return String(decoding: bytes[start...], as: UTF8.self)
    }
}
