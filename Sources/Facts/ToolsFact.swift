/// Programs that check and notify scripts often call and that are in a machine's search path.
package struct ToolsFact: Fact {
    package static let name = "tools"

    /// The programs in question: each has its own package on some distribution, and none is a shell keyword.
    package static let known = [
        "arping", "awk", "bash", "conntrack", "curl", "dig", "fping", "host", "ip", "ipvsadm", "jq",
        "killall",
        "kubectl", "logger", "mail", "mailx", "mysql", "mysqladmin", "nc", "ncat", "netcat", "netstat",
        "nslookup",
        "openssl", "perl", "pg_isready", "pgrep", "pidof", "ping", "pkill", "psql", "python", "python3",
        "redis-cli", "rsync", "sendmail", "socat", "ss", "ssh", "sudo", "systemctl", "telnet", "timeout",
        "wget",
    ]

    package init() {}

    package var script: String {
        "for c in \(Self.known.joined(separator: " ")); do command -v $c >/dev/null && echo $c; done; true"
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> Set<String> {
        Set(output.lines.map(String.init)).intersection(Self.known)
    }
}
