extension StringProtocol {
    /// The text as one word of a POSIX shell, whatever is in it.
    package var shellQuoted: String {
        "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
