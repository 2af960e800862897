/// What the service manager does when a daemon's processes end without having been told to.
package struct RestartPolicy: Hashable, Sendable {
    /// systemd's word: `no`, `on-failure`, `always`, …
    package var word: String
    /// How long it waits before.
    package var delay: Duration

    package init(_ word: String, delay: Duration = .milliseconds(100)) {
        self.word = word
        self.delay = delay
    }

    /// Whether a daemon that was killed is started again (systemd.service(5), `Restart=`).
    package var startsKilled: Bool { ["always", "on-failure", "on-abnormal", "on-abort"].contains(word) }
}

/// Reads `Restart=` of keepalived's and haproxy's units. Without systemd nothing is started again.
package struct ServiceRestartFact: Fact {
    package static let name = "service-restart"

    package init() {}

    package let script = """
        [ -d /run/systemd/system ] || exit 0
        echo service=keepalived
        systemctl show -p Restart,RestartUSec keepalived.service haproxy.service |
          while IFS= read -r line; do echo "${line:-service=haproxy}"; done
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> [String: RestartPolicy] {
        var policies: [String: RestartPolicy] = [:]
        var service = ""
        for line in output.lines {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = line[line.index(after: equals)...]
            switch line[..<equals] {
            case "service": service = String(value)
            case "Restart":
                policies[service] = RestartPolicy(
                    String(value), delay: policies[service]?.delay ?? .milliseconds(100))
            case "RestartUSec":
                guard let delay = Self.time(value) else { continue }
                policies[service] = RestartPolicy(policies[service]?.word ?? "no", delay: delay)
            default: break
            }
        }
        return policies
    }

    /// `100ms`, `1min 30s`, as systemd.time(7) prints time spans.
    private static func time(_ text: Substring) -> Duration? {
        let units: [Substring: Duration] = [
            "us": .microseconds(1), "ms": .milliseconds(1), "s": .seconds(1), "min": .seconds(60),
            "h": .seconds(3600),
        ]
        var sum = Duration.zero
        for word in text.split(separator: " ") {
            let digits = word.prefix { $0.isNumber }
            guard let number = Int(digits), number < 1_000_000_000, let unit = units[word[digits.endIndex...]]
            else { return nil }
            sum += unit * number
        }
        return sum
    }
}
