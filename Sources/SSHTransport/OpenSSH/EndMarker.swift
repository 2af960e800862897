internal import Remote

/// How a command's end is told from the end of the connection: ssh exits with 255 for both.
///
/// A shell around the command writes a line with a nonce and the exit status to standard error. When the line is
/// missing, the command did not end under our eyes.
struct EndMarker {
    private let nonce: String

    init(nonce: String = BecomeDialogue.makeNonce()) { self.nonce = nonce }

    /// No marker is longer. Bytes.
    static let longest = 128
    /// More than the marker is long: what stands before that many bytes of an end is not needed to find it.
    static let longestTail = 64 << 10

    private var prefix: String { "haops-end-\(nonce) " }

    /// The login shell's command line that runs `line` and reports its end.
    func wrap(_ line: String) -> String {
        // Started in a shell of its own, because `exec` and syntax errors would end the one that reports.
        let script = "/bin/sh -c \(line.shellQuoted)\necho \"\(prefix)$?\" >&2"
        return "exec /bin/sh -c \(script.shellQuoted)"
    }

    /// Takes the marker out of what standard error had; `nil` when it is not there.
    ///
    /// A shell reports death by a signal as 128 and the signal's number, and so it is read here. A command that
    /// exits with such a number by itself cannot be told apart; libssh2 can.
    func takeStatus(from errorOutput: inout [UInt8]) -> ExitStatus? {
        // From the end, where it stands: what comes before may be long.
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
