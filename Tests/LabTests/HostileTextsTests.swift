import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// What `check` lets through, taken through every verb that carries it to machines: it arrives byte for byte, and nothing
    /// else is made there. `HAOPS_HOSTILE_ROUNDS` says how many inventories; what `check` refuses is tested without machines.
    @Suite struct HostileTextsTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        private static let rounds =
            ProcessInfo.processInfo.environment["HAOPS_HOSTILE_ROUNDS"].flatMap { UInt64($0) } ?? 1
        private static let canary = "/root/canary"

        /// What goes into one inventory.
        private struct Carried {
            /// By path.
            var files: [String: String] = [:]
            var password = ""
            var reason = ""
            var httpPath = ""

            /// Draws texts until each place has one that may stand there.
            init(seed: UInt64) {
                var texts = HostileTexts(seed: seed)
                // Characters that a path, a password, a line cannot have: check refuses them.
                let control: Set = ["\n", "\r\n", "\t", "\u{1b}[2J", "\0"]
                while files.count < 6 {
                    let name = texts.text(canary: "canary", besides: control.union(["..", "."]))
                    guard !name.hasSuffix(" "), !name.contains("/"), name != "", name.utf8.count < 200 else {
                        continue
                    }
                    files["/etc/keepalived/own/" + name] = texts.text(canary: HostileTextsTests.canary)
                }
                while !(1...8).contains(password.utf8.count) {
                    password = texts.text(
                        canary: "/x", besides: control.union(["\"", "\\", "\\n", "${_PWD}"]))
                }
                reason = texts.text(canary: HostileTextsTests.canary, besides: ["\0"])
                httpPath =
                    "/?"
                    + texts.text(canary: "canary", besides: control)
                    .replacing(#/[^A-Za-z0-9$();~.=,@&*!:-]/#, with: "_")
            }
        }

        private func pair(_ carried: Carried, _ number: UInt64) throws -> ManagedPair {
            let files = carried.files.sorted { $0.key < $1.key }.map { path, text in
                "      \(HostileTexts.quoted(path)): { text: \(HostileTexts.quoted(text)) }\n"
            }
            return try ManagedPair(lab: lab).changed(
                ("interval: 2, fall: 2", "interval: 1, fall: 2"),
                ("[printf, lab1pass]", "[printf, \"%s\", \(HostileTexts.quoted(carried.password))]"),
                (
                    "    keepalived:\n      interface",
                    "    files:\n\(files.joined())    keepalived:\n      interface"
                ),
                ("check: { http: / }", "check: { http: \(HostileTexts.quoted(carried.httpPath)) }"),
                to: "hostile \(number) $(touch canary) 'a'")
        }

        /// Everything that stands on a node outside of what changes by itself.
        private func everything(on node: String) async throws -> Set<Substring> {
            let found = try await lab.console(
                node,
                """
                find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp/systemd-private-\\* -o -path /var/log \\
                  -o -path /var/lib/haops -o -path /var/lib/systemd -o -path /var/cache \\) -prune -o -print0 | sort -z | tr '\\n\\0' '\\001\\n'
                """)
            return Set(found.text.split(separator: "\n"))
        }

        @Test(.timeLimit(.minutes(15)), arguments: 0..<rounds)
        func `comes out byte for byte, and nothing else is made`(seed: UInt64) async throws {
            let carried = Carried(seed: seed)
            let pair = try pair(carried, seed)
            try await lab.healAll()
            try await lab.reset()
            var before: [String: Set<Substring>] = [:]
            for node in ManagedPair.nodes { before[node] = try await everything(on: node) }
            let situation = "seed \(seed): \(carried)"

            let checked = try await lab.haops(["check", "-i", pair.inventory])
            #expect(checked.status == .code(0), "\(checked.everything) \(situation)")
            try await pair.expect(0, "apply", "--yes")
            try await expectArrived(carried, situation)
            try await pair.expect(0, "plan", "--detailed-exitcode")
            try await pair.eventually(["owned by lb1", "owned by lb1"], exit: 0)
            try await pair.expect(0, "switchover", "--to", "lb2", "--yes", "--reason", carried.reason)
            let who = try await pair.haops("who", ["-v"])
            #expect(who.status == .code(0), "\(who.everything)")
            expectPlain(who, situation)
            let lifted = try await pair.who()
            #expect(lifted.verdicts == ["owned by lb2", "owned by lb2"], "\(situation)")
            try await pair.expect(0, "switchover", "--release", "--yes")
            try await pair.expect(0, "restart", "all", "--yes")
            for verb in ["doctor", "status", "history"] {
                expectPlain(try await pair.haops(verb, []), situation)
            }
            // A second set, and back from it.
            let second = try pair.changed((", fall: 2", ", fall: 3"), to: "hostile second")
            try await second.expect(0, "apply", "--yes")
            try await pair.expect(0, "rollback", "--yes")
            try await expectArrived(carried, situation)
            try await pair.expect(0, "plan", "--detailed-exitcode")

            let shipped = Set(carried.files.keys.map { Substring($0.replacing("\n", with: "\u{1}")) })
            let known = [
                "/etc/keepalived/own", "/etc/keepalived/haops-notify.sh", "/etc/keepalived/check_haproxy.sh",
                "/etc/keepalived/keepalived.conf", "/etc/default/keepalived", "/etc/sysctl.d/90-haops.conf",
                "/etc/haproxy/haproxy.cfg",
                // The system's logger makes it for haproxy.
                "/var/lib/haproxy/dev/log",
            ]
            for node in ManagedPair.nodes {
                let new = try await everything(on: node).subtracting(before[node] ?? [])
                let unexpected = new.subtracting(shipped).filter { path in
                    !known.contains { path == $0 } && !path.contains("systemd/system/multi-user.target.wants")
                        && !path.hasPrefix("/etc/systemd/system/keepalived.service.d")
                        && !path.hasPrefix("/etc/rc")
                }
                #expect(unexpected.isEmpty, "\(node): \(unexpected.sorted()) \(situation)")
                let canaries = try await lab.console(
                    node, "find / -xdev -name 'canary*' -not -path '/etc/keepalived/own/*'")
                #expect(canaries.text == "", "\(situation)")
            }
            try await lab.reset()
        }

        /// Read back on the nodes, by other means than haops'.
        private func expectArrived(_ carried: Carried, _ situation: String) async throws {
            for node in ManagedPair.nodes {
                for (path, text) in carried.files {
                    let found = try await lab.console(node, "cat -- \(path.shellQuoted)")
                    #expect(found.stdout == Array(text.utf8), "\(node) \(path) \(situation)")
                }
                let names = try await lab.console(node, "find /etc/keepalived/own -type f -print0")
                let found = Set(names.text.split(separator: "\0").map(String.init))
                #expect(found == Set(carried.files.keys), "\(node) \(situation)")
                // keepalived itself says which password it uses.
                let said = try await lab.console(
                    node,
                    """
                    rm -f /tmp/keepalived.data
                    kill -USR1 "$(cat /run/keepalived.pid)"
                    n=0
                    until grep -q 'Password = ' /tmp/keepalived.data 2>/dev/null || [ $n -gt 50 ]; do n=$((n + 1)); sleep 0.1; done
                    sed -n 's/.*Password = //p' /tmp/keepalived.data
                    rm -f /tmp/keepalived*.data
                    """)
                #expect(said.text == carried.password + "\n", "\(node) \(situation)")
            }
        }

        private func expectPlain(_ output: CommandOutput, _ situation: String) {
            let bad = output.said.unicodeScalars.contains {
                $0 != "\n" && $0 != "\t" && ($0.value < 32 || (0x7f...0x9f).contains($0.value))
            }
            #expect(!bad, "\(output.said.debugDescription) \(situation)")
        }
    }
}
