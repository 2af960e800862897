import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// What haops must not begin: the cluster stays as it was, byte for byte, and it says why.
    @Suite struct RefusalTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// Applies `changed` and expects that it ends with `code` and leaves every trace as it was.
        private func expectNothingChanged(
            by changed: ManagedPair, _ code: Int, _ arguments: String...,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws -> CommandOutput {
            let before = [try await changed.traces(of: "lb1"), try await changed.traces(of: "lb2")]
            let output = try await changed.haops("apply", ["--yes"] + arguments)
            #expect(output.status == .code(code), "\(output.everything)", sourceLocation: sourceLocation)
            let after = [try await changed.traces(of: "lb1"), try await changed.traces(of: "lb2")]
            #expect(after == before, sourceLocation: sourceLocation)
            return output
        }

        @Test(arguments: ["lb1", "lb2"])
        func `with a node down plan says so and apply begins nothing`(node: String) async throws {
            let changed = try await ManagedPair.ready(on: lab).harmlesslyChanged()
            try await lab.fault("cut-off", node)
            let planned = try await changed.haops("plan", "--detailed-exitcode", "--connect-timeout", "2")
            #expect(planned.status == .code(4) && planned.said.contains(node), "\(planned.everything)")
            let output = try await expectNothingChanged(by: changed, 4, "--connect-timeout", "2")
            #expect(output.said.contains("`\(node)`"))
        }

        @Test func `a configuration that haproxy refuses on the second node is not begun on the first`()
            async throws
        {
            let changed = try await ManagedPair.ready(on: lab).changed(
                (
                    "    haproxy:\n",
                    "    haproxy:\n      extra: { defaults: \"errorfile 503 /etc/ssl/only-here.http\" }\n"
                ))
            try await lab.put(
                "HTTP/1.0 503 Service Unavailable\r\n\r\nsorry\n", at: "/etc/ssl/only-here.http", on: "lb1")
            let output = try await expectNothingChanged(by: changed, 3)
            #expect(output.said.contains("`lb2`") && output.said.contains("/etc/ssl/only-here.http"))
            #expect(!output.said.contains("replace and activate"), "\(output.everything)")
        }

        @Test func `a configuration that keepalived refuses on the second node is not begun on the first`()
            async throws
        {
            let changed = try await ManagedPair.ready(on: lab).changed(
                (
                    ", weight: -60 }\n",
                    ", weight: -60 }\n        own: { run: /usr/local/bin/own-check, weight: -60 }\n"
                ),
                ("track_scripts: [check_haproxy]", "track_scripts: [check_haproxy, own]"))
            try await lab.put("#!/bin/sh\n", at: "/usr/local/bin/own-check", on: "lb1", mode: "755")
            let output = try await expectNothingChanged(by: changed, 3)
            #expect(
                output.said.contains("`lb2`") && output.said.contains("own-check"), "\(output.everything)")
            #expect(!output.said.contains("replace and activate"))
        }

        /// keepalived takes it, every gate passes, and the address answers nobody.
        @Test func `what lint calls an error is not begun unless it is excused`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            func strict(_ comment: String) throws -> ManagedPair {
                try pair.changed(
                    ("    haproxy:\n", "      extra: { VI_1: \"strict_mode on\(comment)\" }\n    haproxy:\n"))
            }
            let output = try await expectNothingChanged(by: try strict(""), 3)
            for node in ["lb1", "lb2"] {
                #expect(output.said.contains("`\(node)`: lint: `strict` at /etc/keepalived/keepalived.conf:"))
            }
            let excused = try strict(" # haops-ignore: strict -- the packet filter is ours")
            let planned = try await excused.haops("plan", "--detailed-exitcode")
            #expect(planned.status == .code(2) && !planned.said.contains("`strict`"), "\(planned.everything)")
        }

        /// On nodes that haops never set up: nobody else has looked at what they would read.
        @Test func `a restart reads nothing that the daemons refuse`() async throws {
            let pair = try await HandMadePair.start(on: lab)
            let pids = "systemctl show --property MainPID --value keepalived haproxy"
            let before = [try await lab.ssh("lb1", pids).text, try await lab.ssh("lb2", pids).text]
            func restart(_ code: Int) async throws -> CommandOutput {
                let output = try await lab.haops(
                    ["restart", "all", "--yes", "--ssh-config", lab.sshConfig, "--nodes", "lb1,lb2"])
                #expect(output.status == .code(code), "\(output.everything)")
                return output
            }

            try await lab.eventually("echo ' nonsense' >>/etc/haproxy/haproxy.cfg", on: "lb1")
            let output = try await restart(3)
            #expect(output.said.contains("`lb1`: haproxy does not accept its configuration"))
            try await lab.eventually("sed -i '$d' /etc/haproxy/haproxy.cfg", on: "lb1")

            // Of a file that was not read yet any mistake counts; of one that is in force, only what is fatal.
            try await lab.eventually(
                "cd /etc/keepalived && echo 'nonsense on' >>keepalived.conf && touch -d '+1 minute' keepalived.conf",
                on: "lb2")
            #expect(try await restart(3).said.contains("`lb2`: keepalived"))
            let after = [try await lab.ssh("lb1", pids).text, try await lab.ssh("lb2", pids).text]
            #expect(after == before)

            try await lab.eventually(
                "touch -d '-1 minute' /etc/keepalived/keepalived.conf && systemctl reload keepalived",
                on: "lb2")
            _ = try await restart(0)
            try await pair.isWell()
        }

        @Test func `an interface that one node lacks is a mistake in the inventory`() async throws {
            let changed = try await ManagedPair.ready(on: lab).changed(
                ("track_interfaces: [eth1]", "track_interfaces: [eth1, eth2]"))
            let card =
                "ip link add eth2 type veth peer name eth2p && ip link set eth2 up && ip link set eth2p up"
            try await lab.eventually(card, on: "lb1")
            let output = try await expectNothingChanged(by: changed, 64)
            #expect(output.errorText.contains("`lb2`: there is no interface `eth2`"), "\(output.everything)")
            try await lab.eventually("ip link del eth2", on: "lb1")
        }

        @Test(arguments: ["libssh2", "openssh"])
        func `a changed host key is refused loudly and nothing is sent`(transport: String) async throws {
            let pair = try await ManagedPair.ready(on: lab)
            // The key that `lb2` has, under `lb1`'s name: what a machine in the middle would show.
            let swapped = try await lab.run([
                "sh", "-c",
                """
                grep -v '^lb1,' '\(lab.knownHosts)'
                sed -n 's/^lb2,[^ ]*/lb1,198.51.100.11/p' '\(lab.knownHosts)'
                """,
            ]).text
            let known = try lab.scratch("swapped_known_hosts", swapped)
            let options = ["--known-hosts", known, "--accept-new", "--transport", transport]
            let logins = "journalctl -u ssh -o cat | grep -Ec 'Accepted|Failed|sudo'"
            let before = try await lab.console("lb1", logins).text

            let looked = try await pair.haops("who", options)
            #expect(looked.status == .code(4), "\(looked.everything)")
            #expect(
                looked.errorText.contains("`lb1`") && looked.errorText.contains("CHANGED"),
                "\(looked.everything)")
            let changed = try pair.harmlesslyChanged()
            let output = try await changed.haops("apply", ["--yes"] + options)
            #expect(output.status == .code(4), "\(output.everything)")
            #expect(try await lab.console("lb1", logins).text == before)
            let unchanged = try await lab.run(["cat", known]).text
            #expect(unchanged == swapped, "a changed key is never taken over")
        }

        @Test func `one of two appliers is refused and told who the other is`() async throws {
            let changed = try await ManagedPair.ready(on: lab).harmlesslyChanged()
            let progress = try lab.scratch("first.err", "")
            async let first = lab.run(
                ["bash", "-c", "\"$@\" 2>'\(progress)'", "bash", LabFixture.haops]
                    + changed.commandLine("apply", ["--yes"]), limit: .seconds(150))
            try await lab.eventually("grep -q 'lb2: stage' '\(progress)'", on: "control")
            let second = try await changed.haops("apply", "--yes")
            #expect(second.status == .code(3), "\(second.everything)")
            #expect(
                second.said.contains("(process ") && second.said.contains("apply"), "\(second.everything)")
            let ended = try await first
            #expect(ended.status == .code(0), "\(ended.everything)")
            try await changed.expect(0, "plan", "--detailed-exitcode")
        }
    }
}
