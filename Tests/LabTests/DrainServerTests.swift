import Facts
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// Servers of haproxy out of service and back: on all balancers or none, and what a drain outlasts.
    @Suite struct DrainServerTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        private static let both = ["web1 ready 100", "web2 ready 100"]
        private static let drained = ["web1 ready 100", "web2 drain 100"]

        /// A pair whose servers have weights that leave room, and nothing kept.
        private func ready() async throws -> ManagedPair {
            let weighted = try ManagedPair(lab: lab).quick().changed(
                (
                    "servers: { web1: 203.0.113.21:80, web2: 203.0.113.22:80 }",
                    "servers: { web1: { address: 203.0.113.21:80, options: weight 100 }, web2: { address: 203.0.113.22:80, options: weight 100 } }"
                ), to: "weighted")
            try await lab.healAll()
            // The pair that the test before has left, or one from bare machines.
            if try await weighted.haops("plan", "--detailed-exitcode").status == .code(0) {
                _ = try await weighted.haops("enable", "web1", "web2", "--yes")
            } else {
                try await lab.reset()
                try await weighted.expect(0, "apply", "--yes")
            }
            try await weighted.isWell()
            for node in ManagedPair.nodes { try await becomes(Self.both, on: node) }
            return weighted
        }

        private static let asking = """
            \(HAProxySocket.function)
            query_socket /run/haproxy/admin.sock "show servers state" | awk '
              $1 == "#" { for (i = 2; i <= NF; i++) at[$i] = i - 1; next }
              NF > 8 && $(at["be_name"]) == "web" {
                a = $(at["srv_admin_state"])
                print $(at["srv_name"]), a % 2 ? "maint" : int(a / 8) % 2 ? "drain" : "ready", $(at["srv_uweight"])
              }'
            """

        /// What haproxy itself says of its servers: `web2 drain 100`.
        private func servers(of node: String) async throws -> [String] {
            try await lab.console(node, Self.asking).text.split(separator: "\n").map(String.init)
        }

        private func becomes(_ wanted: [String], on node: String) async throws {
            try await lab.eventually("\(node): \(wanted)", within: .seconds(30)) {
                try await servers(of: node) == wanted ? true : nil
            }
        }

        private func expect(
            _ wanted: [String], on nodes: [String] = ManagedPair.nodes, _ when: String,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            for node in nodes {
                let found = try await servers(of: node)
                #expect(found == wanted, "\(node), \(when)", sourceLocation: sourceLocation)
            }
        }

        /// The servers that answer a client's requests.
        private func answering() async throws -> Set<String> {
            let asked = "for i in 1 2 3 4 5 6 7 8; do curl -s --max-time 2 http://\(ManagedPair.vip)/; done"
            let text = try await lab.console("client", asked).text
            return Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
        }

        /// What haops has put onto a node to keep a server out of service.
        private func traces(on node: String) async throws -> String {
            try await lab.console(
                node,
                "ls -d /var/lib/haops/servers* /run/haops/servers* /etc/systemd/system/haproxy.service.d 2>/dev/null; systemctl cat haproxy | grep servers.sh; true"
            ).text
        }

        @Test(.timeLimit(.minutes(10)))
        func `a drained server gets nothing, whatever becomes of haproxy, until it is enabled`() async throws
        {
            let pair = try await ready()
            #expect(try await answering() == ["web1", "web2"])
            let drain = try await pair.expect(0, "drain", "web2", "--yes", "--reason", "kernel update")
            #expect(drain.text.contains("web: 2 serving → 1"), "\(drain.everything)")
            try await expect(Self.drained, "drained")
            #expect(try await answering() == ["web1"])
            for verb in ["who", "status", "plan"] {
                let shown = try await pair.haops(verb, []).text.split(whereSeparator: \.isWhitespace).joined(
                    separator: " ")
                #expect(
                    shown.contains("web/web2 drained by ") && shown.contains("on lb1 and lb2: kernel update"),
                    "\(verb): \(shown)")
            }
            let again = try await pair.expect(0, "drain", "web/web2", "--yes")
            #expect(again.text.contains("nothing to do"), "\(again.everything)")

            // As soon as the command returns, and without haops.
            for command in ["reload", "restart", "reload", "reload"] {
                _ = try await lab.console("lb1", "systemctl \(command) haproxy")
                try await expect(Self.drained, on: ["lb1"], command)
            }
            try await lab.fault("haproxy-killed", "lb1")
            try await lab.heal("haproxy-killed", "lb1")
            try await becomes(Self.drained, on: "lb1")
            try await lab.reboot("lb2")
            try await becomes(Self.drained, on: "lb2")
            try await pair.isWell()

            // Runs of haops: a changed configuration, a restart, and back.
            let changed = try pair.changed(
                (", fall: 2", ", fall: 3"), ("check: { http: / }", "check: { http: /health }"))
            try await changed.expect(0, "apply", "--yes")
            try await expect(Self.drained, "after an apply")
            try await changed.expect(0, "restart", "haproxy", "--yes")
            try await expect(Self.drained, "after a restart by haops")
            try await changed.expect(0, "rollback", "--yes")
            try await expect(Self.drained, "after a rollback")
            #expect(try await answering() == ["web1"])

            try await pair.expect(0, "enable", "web2", "--yes")
            try await expect(Self.both, "enabled")
            #expect(try await answering() == ["web1", "web2"])
            for node in ManagedPair.nodes { #expect(try await traces(on: node) == "", "\(node)") }
            _ = try await lab.console("lb1", "systemctl reload haproxy")
            try await becomes(Self.both, on: "lb1")
            let none = try await pair.haops("status", [])
            #expect(!none.text.contains("drained"), "\(none.everything)")
        }

        @Test
        func
            `a haproxy that somebody reloads by a signal is set again by the next run, and status warns before`()
            async throws
        {
            let pair = try await ready()
            try await pair.expect(0, "drain", "web2", "--yes")
            _ = try await lab.console("lb1", "systemctl kill --kill-whom=main -s USR2 haproxy")
            try await becomes(Self.both, on: "lb1")
            let status = try await pair.haops("status", [])
            #expect(
                status.said.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
                    "lb1: haproxy sends to web/web2, which is kept drained"), "\(status.everything)")
            // A run that has nothing to do with haproxy.
            try await pair.expect(0, "switchover", "--to", "lb2", "--yes")
            try await expect(Self.drained, "after a switchover")
            try await pair.expect(0, "switchover", "--release", "--yes")
            try await pair.expect(0, "enable", "web2", "--yes")
        }

        @Test func `a balancer whose socket may not change servers is named, and none is changed`()
            async throws
        {
            let pair = try await ready()
            _ = try await lab.console(
                "lb2",
                "sed -i 's/level admin/level operator/' /etc/haproxy/haproxy.cfg && systemctl reload haproxy")
            try await lab.eventually(
                "\(HAProxySocket.function)\n[ \"$(query_socket /run/haproxy/admin.sock 'show cli level')\" = operator ]",
                on: "lb2")
            let refused = try await pair.expect(3, "drain", "web2", "--yes")
            #expect(
                refused.said.contains("`lb2`: haproxy's socket") && refused.said.contains("level admin"),
                "\(refused.everything)")
            try await expect(Self.both, on: ["lb1"], "refused")
            for node in ManagedPair.nodes { #expect(try await traces(on: node) == "", "\(node)") }
            try await pair.expect(0, "apply", "--yes")
        }

        @Test func `what one balancer cannot do is undone on the others`() async throws {
            let pair = try await ready()
            // Its haproxy refuses.
            _ = try await lab.console(
                "lb2",
                "sed -i 's/balance roundrobin/balance static-rr/' /etc/haproxy/haproxy.cfg && systemctl reload haproxy"
            )
            let refused = try await pair.expect(1, "weight", "web/web2", "50%", "--yes")
            let said = refused.said.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(
                said.contains(
                    "`lb2`: cannot set its servers: haproxy does not do it: Backend is using a static"),
                "\(said)")
            #expect(said.contains("lb1: put back as it was"), "\(said)")
            try await expect(Self.both, "undone")
            for node in ManagedPair.nodes { #expect(try await traces(on: node) == "", "\(node)") }
            try await pair.expect(0, "apply", "--yes")

            // It cannot keep it.
            try await pair.expect(0, "weight", "web2", "50%", "--yes")
            let half = ["web1 ready 100", "web2 ready 50"]
            try await expect(half, "half")
            try await lab.fault("disk-full", "lb2")
            let full = try await pair.expect(1, "drain", "web2", "--yes")
            let why = full.said.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(
                why.contains("`lb2`: cannot set its servers: ")
                    && why.contains("No space left on device / cannot write /var/lib/haops/servers"), "\(why)"
            )
            #expect(why.contains("lb1: put back as it was lb2: put back as it was"), "\(why)")
            try await expect(half, "undone, with the weight that was kept before")
            try await lab.heal("disk-full", "lb2")
            _ = try await lab.console("lb1", "systemctl reload haproxy")
            try await expect(half, on: ["lb1"], "after a reload")
            try await pair.expect(0, "weight", "web2", "100%", "--yes")
            try await expect(Self.both, "whole")
            for node in ManagedPair.nodes { #expect(try await traces(on: node) == "", "\(node)") }
        }

        @Test func `the last server wants more than --yes, and a name that no server has is not guessed`()
            async throws
        {
            let pair = try await ready()
            try await pair.expect(0, "drain", "web1", "--yes")
            let refused = try await pair.expect(3, "drain", "web2", "--yes")
            #expect(refused.errorText.contains("--accept-outage"), "\(refused.everything)")
            try await expect(["web1 drain 100", "web2 ready 100"], "refused")
            try await pair.expect(0, "drain", "web2", "--yes", "--accept-outage")
            #expect(try await answering().isDisjoint(with: ["web1", "web2"]))
            try await pair.expect(0, "enable", "web1", "web2", "--yes")
            let unknown = try await pair.expect(64, "drain", "wev2", "--yes")
            #expect(unknown.errorText.contains("did you mean `web2`?"), "\(unknown.everything)")
            let limited = try await pair.expect(64, "drain", "web2", "-l", "lb1", "--yes")
            #expect(limited.errorText.contains("on all balancers"), "\(limited.everything)")
        }

        @Test func `--wait ends with the last session, and says what is left when its time is up`()
            async throws
        {
            let pair = try await ready()
            // A server that has taken a request and does not answer.
            _ = try await lab.console("web2", "pkill -STOP -x nginx")
            do {
                _ = try await lab.console(
                    "client",
                    "for i in 1 2; do setsid curl -s --max-time 45 http://\(ManagedPair.vip)/ >/dev/null 2>&1 </dev/null & done"
                )
                try await lab.eventually(
                    "\(HAProxySocket.function)\nquery_socket /run/haproxy/admin.sock 'show stat' | grep -q '^web,web2,[^,]*,[^,]*,1,'",
                    on: "lb1")
                let left = try await pair.expect(5, "drain", "web2", "--yes", "--wait", "2s")
                #expect(
                    left.text.contains("after 2 s it still has 1 session (lb1 1), and stays drained"),
                    "\(left.everything)")
                try await expect(Self.drained, "still")
            } catch {
                _ = try await lab.console("web2", "pkill -CONT -x nginx")
                throw error
            }
            _ = try await lab.console("web2", "pkill -CONT -x nginx")
            let over = try await pair.expect(0, "drain", "web2", "--yes", "--wait", "30s")
            #expect(!over.text.contains("still"), "\(over.everything)")
            try await pair.expect(0, "enable", "web2", "--yes")
        }
    }
}
