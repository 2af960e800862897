import Facts
import FoundationEssentials
import HaopsTestSupport
import Keepalived
import Remote
import Testing

extension OnTheLab {
    /// What somebody who may log in on a balancer as an ordinary user can do to haops and by haops: nothing.
    @Suite struct LocalUserTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        private static let home = "/srv/mallory"

        /// Runs a script as a user who has no rights, with a directory of their own.
        @discardableResult
        private func mallory(_ node: String, _ script: String) async throws -> CommandOutput {
            try await lab.console(
                node,
                """
                install -d -o nobody -g nogroup -m 755 \(Self.home)
                cd \(Self.home)
                exec setpriv --reuid=65534 --regid=65534 --clear-groups sh -c \(script.shellQuoted)
                """)
        }

        private func forget(_ node: String) async throws {
            _ = try await lab.console(
                node, "pkill -KILL -u nobody; rm -rf \(Self.home) /tmp/keepalived.*; true")
        }

        /// haproxy runs the Lua of a file when it only tests it.
        private static let lua = """
            cat >evil.lua <<'END'
            local file = io.open("/root/taken-over", "w")
            if file then file:write("by haops") file:close() end
            END
            cat >evil.cfg <<'END'
            global
                lua-load \(home)/evil.lua
            defaults
                mode tcp
                timeout connect 1s
                timeout client 1s
                timeout server 1s
            listen mine
                bind 127.0.0.1:9999
            END
            """

        @Test func `a program that calls itself haproxy does not decide what root tests`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            // Of two, the one that was started first is found first.
            _ = try await lab.console("lb2", "systemctl stop haproxy")
            try await mallory(
                "lb2",
                """
                \(Self.lua)
                (setsid haproxy -db -f \(Self.home)/evil.cfg >/dev/null 2>&1 </dev/null &)
                """)
            try await lab.eventually("ss -ltn | grep -q 127.0.0.1:9999", on: "lb2")
            _ = try await lab.console("lb2", "systemctl start haproxy")
            try await pair.isWell()
            try await pair.expect(0, "restart", "haproxy", "--yes")
            let taken = try await lab.console("lb2", "cat /root/taken-over")
            #expect(taken.status == .code(1), "haops ran a user's program as root: \(taken.text)")
            // Nor does it count as the machine's haproxy.
            let processes = try await lab.console("lb2", ProcessesFact().script)
            let found = try ProcessesFact().parse(SectionOutput(processes.text))
            #expect(found.contains { $0.daemon == .haproxy })
            #expect(!found.contains { $0.arguments.contains("\(Self.home)/evil.cfg") })
            try await forget("lb2")
        }

        @Test func `a program that calls itself keepalived does not claim an address`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            _ = try await lab.console("lb2", "systemctl stop keepalived")
            try await mallory(
                "lb2",
                """
                cp "$(command -v sleep)" keepalived
                (setsid ./keepalived 1000 >/dev/null 2>&1 </dev/null &)
                """)
            try await lab.eventually("pgrep -u nobody keepalived", on: "lb2")
            let who = try await pair.who()
            #expect(who.vips.compactMap { $0.node("lb2")?.keepalived } == ["stopped", "stopped"])
            #expect(who.vips.allSatisfy { $0.node("lb2")?.claims != "MASTER" })
            let processes = try await lab.console("lb2", ProcessesFact().script)
            let found = try ProcessesFact().parse(SectionOutput(processes.text))
            #expect(!found.contains { $0.daemon == .keepalived })
            try await forget("lb2")
            _ = try await lab.console("lb2", "systemctl start keepalived")
            try await pair.isWell()
        }

        /// The daemon writes into /tmp what haops asks it for.
        @Test func `a dump that the daemon has not written is not read`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let owners = try await lab.console("lb1", "\(KeepalivedFact(.checks).script)")
            let told = try #require(try KeepalivedFact().parse(SectionOutput(owners.text)).state)
            #expect(told.instances.first?.role == .master)
            // What the owner says of itself, put into the mouth of the other one as fast as it can be written.
            let forged = owners.text.components(
                between: "dump=keepalived.json\n", and: "dump-end=keepalived.json")
            try #require(!forged.isEmpty)
            _ = try await lab.console(
                "lb2", "install -d -o nobody -m 755 \(Self.home); cat >\(Self.home)/forged",
                input: Array(forged.utf8))
            try await mallory(
                "lb2",
                """
                (setsid sh -c 'while :; do for f in json data stats; do cp \(Self.home)/forged /tmp/keepalived.$f; ln -sf \(Self.home)/forged /tmp/keepalived_parent.data; done; done' \\
                  >/dev/null 2>&1 </dev/null &)
                """)
            try await lab.eventually("[ -e /tmp/keepalived.json ]", on: "lb2")
            for _ in 0..<10 {
                let said = try await lab.console("lb2", KeepalivedFact(.checks).script)
                let daemon = try KeepalivedFact().parse(SectionOutput(said.text))
                #expect(daemon.isRunning)
                #expect(
                    daemon.state?.instances.first?.role != .master, "\(String(describing: daemon.roleSource))"
                )
            }
            let who = try await pair.who()
            #expect(who.verdicts == ["owned by lb1", "owned by lb1"])
            try await forget("lb2")
        }

        @Test func `a file below a directory that the user may change is not shipped`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await pair.traces(of: "lb1")
            try await mallory("lb1", "ln -s /etc/cron.d jobs; mkdir own")
            try await mallory("lb2", "ln -s /etc/cron.d jobs; mkdir own")
            for directory in ["jobs", "own"] {
                let changed = try pair.changed(
                    (
                        "    keepalived:\n",
                        "    files: { \(Self.home)/\(directory)/task: { text: \"* * * * * nobody id\\n\", owner: \"nobody:nogroup\" } }\n    keepalived:\n"
                    ), to: "in-a-users-directory")
                let refused = try await changed.expect(3, "apply", "--yes")
                #expect(
                    refused.said.contains(
                        "others than root can change \(Self.home)/\(directory), and so which file is written"),
                    "\(refused.said)")
            }
            for node in ManagedPair.nodes {
                let left = try await lab.console(
                    node, "find /etc/cron.d -name '*task*'; find \(Self.home) -type f")
                #expect(left.text == "", "\(node): \(left.text)")
                try await forget(node)
            }
            #expect(try await pair.traces(of: "lb1") == before)
            try await pair.expect(0, "plan", "--detailed-exitcode")
        }
    }
}

extension String {
    /// What stands between two texts; empty where they are not.
    fileprivate func components(between start: String, and end: String) -> String {
        guard let from = firstRange(of: start), let to = self[from.upperBound...].firstRange(of: end) else {
            return ""
        }
        return String(self[from.upperBound..<to.lowerBound])
    }
}
