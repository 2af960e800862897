internal import Remote

/// Interprets ssh's exit status 255, whose cause ssh only prints as text on standard error.
struct Diagnosis {
    private let lines: [String]

    init(_ text: String) {
        lines = text.split(whereSeparator: \.isNewline).map { String($0.filter { $0 != "\r" }) }
            .filter { !$0.isEmpty }
    }

    /// The last line that is not about the end of the connection. With a ProxyCommand, ssh only reports that its
    /// pipe closed; the message of the command or of a jump host precedes that.
    var cause: String {
        let endings = ["kex_exchange_identification: ", "Connection closed by UNKNOWN "]
        let told = lines.last { !endings.contains(where: $0.hasPrefix) }
        return told ?? lines.last ?? "ssh gave no reason"
    }

    /// The machine that ssh names after "for": the target, or a jump host before it.
    private func machine(inLineWith phrase: String) -> String? {
        guard let line = lines.first(where: { $0.contains("\(phrase) ") }) else { return nil }
        let words = line.split(separator: " ").map(String.init)
        return words.firstIndex(of: "for").flatMap { words.dropFirst($0 + 1).first }
    }

    /// Whether the machine, or a proxy before it, accepted the connection and then sent no greeting in time.
    var isLateGreeting: Bool { lines.contains { $0.contains("timed out during banner exchange") } }

    /// Why no connection could be opened.
    func connectError(host: HostID, user: String, destination: String, timeout: Duration) -> RemoteError {
        let all = lines.joined(separator: "\n")
        let fingerprint = all.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("SHA256:") }
            .map { String($0.drop { $0 == "." }) }
        // "ED25519 host key for [127.0.0.1]:22 was revoked and you have requested strict checking.", and RevokedHostKeys:
        // "Host key ED25519 SHA256:… revoked by file /etc/ssh/revoked".
        if all.contains("REVOKED HOST KEY") || all.contains("was revoked")
            || all.contains(" revoked by file ")
        {
            let file = lines.first { $0.contains(" revoked by file ") }.flatMap {
                $0.split(separator: " ").last.map(String.init)
            }
            return .revokedHostKey(
                host: host, shown: machine(inLineWith: "host key for") ?? destination,
                fingerprint: fingerprint ?? "its key", revokedAt: file ?? "known_hosts")
        }
        // The ssh process for a jump host prints the jump host's name: "Host key for [127.0.0.1]:22 has changed
        // and you have requested …"
        if all.contains("HOST IDENTIFICATION HAS CHANGED") {
            let at = lines.first { $0.hasPrefix("Offending") }?.split(separator: " ").last.map(String.init)
            return .changedHostKey(
                host: host, shown: machine(inLineWith: "Host key for") ?? destination,
                fingerprint: fingerprint ?? "another key", expectedAt: at ?? "known_hosts")
        }
        if let line = lines.first(where: { $0.contains("host key is known for") }) {
            // "No ED25519 host key is known for [127.0.0.1]:22 and you have requested strict checking."
            let words = line.split(separator: " ").map(String.init)
            let shown = machine(inLineWith: "host key is known for") ?? destination
            return .unknownHostKey(
                host: host, shown: shown,
                fingerprint: fingerprint ?? "its \(words.dropFirst().first ?? "") key",
                knownHosts: "known_hosts")
        }
        if let line = lines.last(where: { $0.contains("Permission denied (") }) {
            let methods = line.split(separator: "(").last?.prefix { $0 != ")" }.split(separator: ",") ?? []
            // "ops@gw.example.net: Permission denied (publickey).": of the target, or of a jump host before it.
            let who = line.split(separator: ":")[0].split(separator: "@", maxSplits: 1).map(String.init)
            let isOther = who.count == 2 && who[1] != destination
            return .authenticationFailed(
                host: host, user: isOther ? who[0] : user, tried: methods.map(String.init),
                hint: isOther ? "it was `\(who[1])` that refused `\(who[0])`" : nil)
        }
        if all.contains("Too many authentication failures") {
            return .authenticationFailed(
                host: host, user: user, tried: ["publickey"],
                hint: "the server hung up after too many keys: set IdentitiesOnly, or use --identity")
        }
        if all.contains("timed out") {
            return .connectTimedOut(
                host: host, .connect(to: destination == host.name ? nil : destination),
                phase: isLateGreeting ? "ssh handshake" : "TCP connection", after: timeout)
        }
        if all.contains("Bad configuration option") || all.contains("terminating, ")
            || all.contains("Bad owner")
        {
            return .configuration(host: host, cause: cause)
        }
        return unreachable(host)
    }

    /// "ssh: connect to host 198.51.100.11 port 22: Connection refused", or else ssh's last line.
    private func unreachable(_ host: HostID) -> RemoteError {
        let words = cause.split(separator: " ", maxSplits: 7).map(String.init)
        guard words.count == 8, words[..<4] == ["ssh:", "connect", "to", "host"], words[5] == "port",
            words[6].hasSuffix(":")
        else { return .unreachable(host: host, cause: cause) }
        let port = words[6].dropLast()
        let place = words[4] == host.name ? nil : words[4]
        let way = port == "22" ? place : place.map { "\($0):\(port)" } ?? "port \(port)"
        return .unreachable(host: host, .connect(to: way), cause: words[7])
    }
}
