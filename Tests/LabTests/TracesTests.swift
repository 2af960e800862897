import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// What haops leaves on a node, by the table of docs/Security.md.
    @Suite struct TracesTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// One row of the table.
        private struct Row {
            var patterns: [Substring]
            /// `user:group` and modes in octal; without any, whatever the file has.
            var owner: Substring?
            var modes: Set<Substring>

            init?(_ line: Substring) {
                let cells = line.split(separator: "|").map { $0.split(separator: " ") }
                guard cells.count >= 3 else { return nil }
                patterns = line.split(separator: "|")[0].split(
                    separator: "`", omittingEmptySubsequences: false
                )
                .enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
                guard patterns.allSatisfy({ $0.hasPrefix("/") }), !patterns.isEmpty else { return nil }
                let words = cells[1].flatMap { $0.split(separator: ",") }
                owner = words.first { $0.contains(":") }
                modes = Set(words.filter { $0.count == 3 && $0.allSatisfy(\.isNumber) })
            }

            func names(_ path: Substring) -> Bool { patterns.contains { Self.matches(path[...], $0) } }

            /// `*` for a part of a name, `**` for whatever is below.
            private static func matches(_ path: Substring, _ pattern: Substring) -> Bool {
                guard let first = pattern.first else { return path.isEmpty }
                guard first == "*" else {
                    return path.first == first && matches(path.dropFirst(), pattern.dropFirst())
                }
                let isDeep = pattern.hasPrefix("**")
                let rest = pattern.dropFirst(isDeep ? 2 : 1)
                var left = path
                while true {
                    if matches(left, rest) { return true }
                    guard let next = left.first, isDeep || next != "/" else { return false }
                    left = left.dropFirst()
                }
            }
        }

        private static func rows() throws -> [Row] {
            let page = try String(contentsOfFile: LabFixture.project + "/docs/Security.md", encoding: .utf8)
            return page.split(separator: "\n").filter { $0.hasPrefix("| `/") }.compactMap { Row($0) }
        }

        /// `MODE USER:GROUP TYPE PATH` of everything that does not change by itself.
        private static let everything = """
            find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp -o -path /var/log \\
              -o -path /var/lib/systemd -o -path /var/lib/haproxy -o -path /root/seen \\) -prune -o -printf '%m %u:%g %y %p\\n'
            find /run /tmp /var/tmp -xdev \\( -name '*haops*' -o -path '/run/haops/*' -o -path '/tmp/keepalived*' \\) -printf '%m %u:%g %y %p\\n'
            """
        private static let own = """
            find /var/lib/haops /run /etc /usr/sbin -xdev \\( -name '*haops*' -o -path '*/haops/*' -o -name policy-rc.d \\) \\
              -printf '%m %u:%g %y %p\\n'
            """

        private func found(_ script: String, on node: String) async throws -> Set<Substring> {
            Set(try await lab.console(node, script).text.split(separator: "\n"))
        }

        private func expectDescribed(_ lines: Set<Substring>, by rows: [Row], _ place: String) {
            for line in lines.sorted() {
                let words = line.split(separator: " ", maxSplits: 3)
                guard words.count == 4 else { continue }
                guard let row = rows.first(where: { $0.names(words[3]) }) else {
                    Issue.record("\(place): no row of docs/Security.md has \(line)")
                    continue
                }
                // A link has no mode, and whoever may change its directory may change it.
                guard words[2] != "l", let owner = row.owner else { continue }
                #expect(
                    words[1] == owner && (row.modes.isEmpty || row.modes.contains(words[0])),
                    "\(place): \(line)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `whatever haops leaves on a node during and after a change is in the table, and nobody else's`()
            async throws
        {
            try await lab.healAll()
            try await lab.reset()
            let rows = try Self.rows()
            #expect(rows.count > 20)
            let node = "lb1"
            var pair = try ManagedPair(lab: lab).quick()
            let bare = try await found(Self.everything, on: node)
            // Who only looks leaves nothing.
            for verb in ["who", "status", "doctor", "plan", "history", "ready"] {
                _ = try await pair.haops(verb, [])
            }
            #expect(try await found(Self.everything, on: node).subtracting(bare) == [])

            pair = try pair.changed(
                (
                    "    keepalived:\n      interface",
                    "    files: { /etc/keepalived/own.sh: { text: \"#!/bin/sh\\n\" } }\n    keepalived:\n      notify: { stop: [/etc/keepalived/own.sh] }\n      interface"
                ), to: "traces")
            _ = try await lab.console(
                node,
                """
                iptables -P INPUT DROP
                iptables -A INPUT -p tcp -j ACCEPT
                rm -f /root/stop
                setsid sh -c 'while [ ! -e /root/stop ]; do \(Self.own.replacing("'", with: #"'\''"#)); sleep 0.03; done | sort -u >/root/seen' >/dev/null 2>&1 </dev/null &
                """)
            try await pair.expect(0, "apply", "--yes")
            try await pair.isWell()
            try await pair.expect(0, "switchover", "--to", "lb2", "--yes")
            try await pair.expect(0, "drain", "web2", "--yes")
            let overridden = try await found(Self.everything, on: node).subtracting(bare)
            try await pair.expect(0, "enable", "web2", "--yes")
            try await pair.expect(0, "switchover", "--release", "--yes")
            try await pair.changed((", fall: 2", ", fall: 3"), to: "traces-2").expect(0, "apply", "--yes")
            try await pair.expect(0, "rollback", "--yes")
            _ = try await lab.console(node, "touch /root/stop")
            try await lab.eventually("[ -s /root/seen ]", on: node)
            let during = try await found("cat /root/seen", on: node)
            _ = try await lab.console(node, "rm -f /root/stop /root/seen")
            let after = try await found(Self.everything, on: node).subtracting(bare)
            // The operator's own.
            let mine: (Substring) -> Bool = {
                !$0.hasSuffix(" /etc/keepalived/own.sh") && !$0.hasSuffix(" /root")
            }
            expectDescribed(during.filter(mine), by: rows, "during")
            expectDescribed(overridden.filter(mine), by: rows, "overridden")
            expectDescribed(after.filter(mine), by: rows, "after")
            func has(_ lines: Set<Substring>, _ part: String) -> Bool { lines.contains { $0.contains(part) } }
            for part in [
                "/var/lib/haops/staged/", "/var/lib/haops/armed/revert.sh", "/run/haops/owner",
                "haops-revert.service",
            ] {
                #expect(has(during, part) && !has(after, part), "\(part)")
            }
            for part in ["/var/lib/haops/servers.sh", "haproxy.service.d/90-haops-servers.conf"] {
                #expect(has(overridden, part) && !has(after, part), "\(part)")
            }
            for part in [
                "/var/lib/haops/journal", "/var/lib/haops/sets/", "/etc/haops/", "/run/haops-handover.",
            ] {
                #expect(has(after, part), "\(part)")
            }
            #expect(!has(after, ".haops-new") && !has(after, ".haops-old") && !has(after, ".why"))

            // Nobody else may so much as list it.
            let others = try await lab.console(
                node,
                """
                setpriv --reuid=65534 --regid=65534 --clear-groups sh -c 'ls /var/lib/haops /run/haops; cat /var/lib/haops/journal /run/haops/lock; cat /etc/keepalived/keepalived.conf; true'
                """)
            #expect(others.text == "", "\(others.text)")
            try await lab.reset()
        }
    }
}
