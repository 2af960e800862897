/// Cuts a stream of bytes into lines.
struct LineBuffer {
    private var bytes: [UInt8] = []
    /// Where the next line begins; the bytes before it were returned already.
    private var start = 0
    /// How far the bytes were searched for a newline, so that each byte is searched once.
    private var searched = 0

    /// The number of bytes not returned yet.
    var count: Int { bytes.count - start }

    mutating func append(_ more: some Sequence<UInt8>) {
        // Bytes are moved only when at least as many are dropped, so that the total cost stays linear.
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
