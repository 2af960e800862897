import Glibc

/// Reads a line that a person types on a terminal, unless a stop is requested first.
enum TypedLine {
    /// Blocks until the line is complete.
    ///
    /// - `stop`: a descriptor that becomes readable when the question is abandoned.
    /// - Returns: the line without its end; `nil` when the input ends before anything was typed.
    static func read(from terminal: Int32, unless stop: Int32) throws(CancellationError) -> [UInt8]? {
        var line: [UInt8] = []
        while line.count < 4096 {
            var waited = [terminal, stop].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard unsafe poll(&waited, 2, -1) > 0 else {
                if errno == EINTR { continue }
                return nil
            }
            guard waited[1].revents == 0 else { throw CancellationError() }
            var byte: UInt8 = 0
            guard unsafe Glibc.read(terminal, &byte, 1) == 1 else { return line.isEmpty ? nil : line }
            if byte == UInt8(ascii: "\n") { return line }
            line.append(byte)
        }
        return line
    }

    /// Writes a text, such as a question, to a terminal.
    static func show(_ text: String, on terminal: Int32) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(terminal, $0.baseAddress, $0.count) }
    }
}
