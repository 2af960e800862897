/// What commands print on a machine, word for word, for a person to read.
package struct Transcript: Hashable, Sendable {
    /// The command as it was run: `ip -s link`.
    package var command: String
    /// Its output on both streams. It may hold secrets, so the caller masks what it shows.
    package var bytes: [UInt8]
    /// Whether the output went on.
    package var isCut: Bool

    package init(command: String, bytes: [UInt8], isCut: Bool = false) {
        self.command = command
        self.bytes = bytes
        self.isCut = isCut
    }
}

/// What a person would look at first on a machine: its age, links, addresses, listeners, packet filter, daemons.
///
/// haops concludes nothing from these: each verb has facts of its own.
package struct TranscriptsFact: Fact {
    package static let name = "transcripts"

    package init() {}

    package var duration: Int { 20 }

    /// The most bytes of one command's output.
    static let mostBytes = 128 << 10

    /// Each runs where its first word is a program of the machine.
    static let commands = [
        "uname -a", "cat /etc/os-release", "uptime", "date", "timedatectl", "keepalived --version",
        "haproxy -v",
        "systemctl --no-pager --full status keepalived haproxy", "ip address", "ip -s link", "ip route",
        "ip rule",
        "ip neighbour", "ss -lntup", "ss -w -a -n", "nft list ruleset", "iptables-save -c",
        "ip6tables-save -c",
        "sysctl net.ipv4.ip_nonlocal_bind net.ipv6.ip_nonlocal_bind net.ipv4.ip_forward net.ipv4.conf",
        "cat /proc/net/snmp /proc/net/netstat", "df -h", "df -i", "free -m",
        "ls -la /etc/keepalived /etc/haproxy",
        "ls -laR /var/lib/haops",
    ]

    /// The size heads each output, so that no output can imitate a head.
    package var script: String {
        """
        t() {
          command -v "$1" >/dev/null || return 0
          out=$("$@" 2>&1 | head -c \(Self.mostBytes))
          printf 'transcript %s %s\\n%s\\n' "${#out}" "$*" "$out"
        }

        """ + Self.commands.map { "t \($0)\n" }.joined() + "true\n"
    }

    /// - Throws: ``FactError`` when the answer does not consist of heads and outputs.
    package func parse(_ output: SectionOutput) throws(FactError) -> [Transcript] {
        var transcripts: [Transcript] = []
        var rest = output.bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let words = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ", maxSplits: 2)
            guard words.count == 3, words[0] == "transcript", let size = Int(words[1]), size >= 0,
                size <= rest.endIndex - end - 1
            else { throw .unreadable(fact: Self.name, cause: "a head is not one") }
            let text = rest[(end + 1)...].prefix(size)
            transcripts.append(
                Transcript(command: String(words[2]), bytes: Array(text), isCut: size >= Self.mostBytes))
            rest = rest[text.endIndex...].dropFirst()
        }
        return transcripts
    }
}
