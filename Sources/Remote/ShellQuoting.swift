extension StringProtocol {
    /// The text quoted as one word of a POSIX shell.
    package var shellQuoted: String {
        "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
