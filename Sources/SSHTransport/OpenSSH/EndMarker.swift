internal import Remote

/// Tells a command's end from a lost connection: ssh may exit with 255 for both.
///
/// A shell around the command writes a line with a nonce and the exit status to standard error. When the line is
/// missing, the connection was lost before the command ended.
struct EndMarker {
    private let nonce: String

    init(nonce: String = BecomeDialogue.makeNonce()) { self.nonce = nonce }

    /// The longest marker, in bytes.
    static let longest = 128
    /// The bytes at the end of standard error that are kept to find the marker; more than ``longest``.
    static let longestTail = 64 << 10

    private var prefix: String { "haops-end-\(nonce) " }

    /// The login shell's command line that runs `line` and reports its end.
    func wrap(_ line: String) -> String {
        // Runs in a separate shell, because `exec` or a syntax error would end the shell that writes the marker.
        let script = "/bin/sh -c \(line.shellQuoted)\necho \"\(prefix)$?\" >&2"
        return "exec /bin/sh -c \(script.shellQuoted)"
    }

    /// Removes the marker from standard error and returns its status; `nil` when there is no marker.
    ///
    /// A shell reports death by a signal as 128 plus the signal's number. A command that exits with such a status
    /// by itself is reported as killed; the libssh2 transport distinguishes the two.
    func takeStatus(from errorOutput: inout [UInt8]) -> ExitStatus? {
        // Searched from the end, because the text before the marker may be long.
        let prefix = Array(self.prefix.utf8)
        var end = errorOutput.endIndex
        var found: Range<Int>?
        while found == nil, let start = errorOutput[..<end].lastIndex(of: prefix[0]) {
            if errorOutput[start...].starts(with: prefix) { found = start..<(start + prefix.count) }
            end = start
        }
        guard let range = found else { return nil }
        let digits = errorOutput[range.upperBound...].prefix { $0 != UInt8(ascii: "\n") }
        guard let code = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
        errorOutput.removeSubrange(range.lowerBound...)
        if code > 128, let name = Self.signals[code - 128] { return .signal(name) }
        return .code(code)
    }

    /// The names of RFC 4254 section 6.10, by Linux's numbers.
    private static let signals: [Int: String] = [
        1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 6: "ABRT", 8: "FPE", 9: "KILL", 10: "USR1", 11: "SEGV",
        12: "USR2", 13: "PIPE", 14: "ALRM", 15: "TERM",
    ]
}
