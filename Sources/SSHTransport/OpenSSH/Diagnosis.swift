internal import Remote

/// What ssh meant by exit 255: it says so on standard error only, in words.
struct Diagnosis {
    private let lines: [String]

    init(_ text: String) {
        lines = text.split(whereSeparator: \.isNewline).map { String($0.filter { $0 != "\r" }) }
            .filter { !$0.isEmpty }
    }

    /// The last line that is not about the connection's end: behind a ProxyCommand ssh only sees that its pipe closed, and
    /// the command's own word, or that of a jump host, stands before it.
    var cause: String {
        let endings = ["kex_exchange_identification: ", "Connection closed by UNKNOWN "]
        let told = lines.last { !endings.contains(where: $0.hasPrefix) }
        return told ?? lines.last ?? "ssh gave no reason"
    }

    /// Why no connection came about.
    func connectError(host: HostID, user: String, destination: String, timeout: Duration) -> RemoteError {
        let all = lines.joined(separator: "\n")
        let fingerprint = all.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("SHA256:") }
            .map { String($0.drop { $0 == "." }) }
        if all.contains("REVOKED HOST KEY") || all.contains("HOST IDENTIFICATION HAS CHANGED")
            || all.contains("was revoked")
        {
            let at = lines.first { $0.hasPrefix("Offending") }?.split(separator: " ").last.map(String.init)
            return .changedHostKey(
                host: host, shown: destination, fingerprint: fingerprint ?? "another key",
                expectedAt: at ?? "known_hosts")
        }
        if let line = lines.first(where: { $0.contains("host key is known for") }) {
            // "No ED25519 host key is known for [127.0.0.1]:22 and you have requested strict checking."
            let words = line.split(separator: " ").map(String.init)
            let shown = words.firstIndex(of: "for").flatMap { words.dropFirst($0 + 1).first } ?? destination
            return .unknownHostKey(
                host: host, shown: shown,
                fingerprint: fingerprint ?? "its \(words.dropFirst().first ?? "") key",
                knownHosts: "known_hosts")
        }
        if let line = lines.last(where: { $0.contains("Permission denied (") }) {
            let methods = line.split(separator: "(").last?.prefix { $0 != ")" }.split(separator: ",") ?? []
            return .authenticationFailed(host: host, user: user, tried: methods.map(String.init), hint: nil)
        }
        if all.contains("Too many authentication failures") {
            return .authenticationFailed(
                host: host, user: user, tried: ["publickey"],
                hint: "the server hung up after too many keys: set IdentitiesOnly, or use --identity")
        }
        if all.contains("timed out") {
            return .connectTimedOut(host: host, phase: "TCP connection to \(destination)", after: timeout)
        }
        if all.contains("Bad configuration option") || all.contains("terminating, ")
            || all.contains("Bad owner")
        {
            return .configuration(host: host, cause: cause, hint: nil)
        }
        return .unreachable(host: host, cause: cause, hint: nil)
    }
}
