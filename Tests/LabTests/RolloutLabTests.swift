import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

/// Two balancers that haops sets up, with short intervals so that tests wait little.
struct AppliedPair {
    static let vip = "203.0.113.50"

    let lab: LabFixture
    let directory: String

    /// From bare machines to a cluster that serves.
    static func start(on lab: LabFixture) async throws -> AppliedPair {
        try await lab.reset()
        let directory = FileManager.default.temporaryDirectory.path + "/haops-rollout-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let pair = AppliedPair(lab: lab, directory: directory)
        let output = try await pair.apply(pair.inventory())
        #expect(output.status == .code(0), "\(output.text)\(output.errorText)")
        return pair
    }

    /// Writes an inventory and returns its path.
    func inventory(check path: String = "/", global: String = "") throws -> String {
        let extra = global.isEmpty ? "" : "\n      extra: { global: \"\(global)\" }"
        let text = """
            haops: 1
            ssh: { user: root }
            clusters:
              web:
                nodes:
                  lb1: { address: 198.51.100.11, priority: 150 }
                  lb2: { address: 198.51.100.12, priority: 100 }
                observers: { client: { address: 198.51.100.5 } }
                keepalived:
                  interface: eth0
                  version: 3
                  advert_interval: 0.2
                  scripts:
                    check_haproxy: { run: /etc/keepalived/check_haproxy.sh, interval: 1, weight: -60 }
                  instances:
                    VI_1:
                      router_id: 51
                      addresses: [{ vip: \(Self.vip)/24, interface: eth1 }]
                      track_scripts: [check_haproxy]
                haproxy:
                  frontends: { web: { bind: ["\(Self.vip):80"], mode: http, backend: web } }
                  backends:
                    web: { mode: http, check: { http: \(path) },
                           servers: { web1: 203.0.113.21:80, web2: 203.0.113.22:80 } }\(extra)
                sysctl: { net.ipv4.ip_nonlocal_bind: 1 }
                firewall: { backend: auto, allow: [vrrp, icmp] }
                packages: [keepalived, haproxy]

            """
        let file = "\(directory)/\(UUID().uuidString).yaml"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return file
    }

    private func connected(_ arguments: [String], _ inventory: String) -> [String] {
        arguments + ["-i", inventory, "-F", lab.sshConfig]
    }

    func haops(_ arguments: [String], _ inventory: String) async throws -> CommandOutput {
        try await lab.haops(connected(arguments, inventory), limit: .seconds(240))
    }

    func apply(_ inventory: String) async throws -> CommandOutput {
        try await haops(["apply", "--yes"], inventory)
    }

    /// Pings the address every 10 ms from the client while `body` runs, and says how many got no answer.
    func lostPings(while body: () async throws -> Void) async throws -> (sent: Int, lost: Int) {
        let log = "/tmp/rollout-ping"
        _ = try await lab.console(
            "client", "ping -n -i 0.01 \(Self.vip) >\(log) 2>&1 & echo $! >\(log).pid")
        try await lab.eventually("grep -q 'bytes from' \(log)", on: "client")
        try await body()
        let summary = try await lab.console(
            "client",
            "kill -INT $(cat \(log).pid); while kill -0 $(cat \(log).pid) 2>/dev/null; do :; done; tail -n 3 \(log)"
        )
        // `1679 packets transmitted, 1679 received, 0% packet loss, time 27995ms`
        let line = try #require(summary.text.split(separator: "\n").first { $0.contains("transmitted") })
        let numbers = line.split { !$0.isNumber }.compactMap { Int($0) }
        let (sent, received) = (numbers[0], numbers[1])
        print("\(sent) pings at 10 ms, \(sent - received) lost")
        return (sent, sent - received)
    }

    func configurations() async throws -> [String] {
        [try await configuration(of: "lb1"), try await configuration(of: "lb2")]
    }

    func configuration(of node: String) async throws -> String {
        try await lab.console(node, "cat /etc/haproxy/haproxy.cfg").text
    }
}

extension OnTheLab {
    @Suite struct RolloutLabTests {
        @Test func bareMachinesServeAfterOneApplyAndASecondChangesNothing() async throws {
            let lab = try LabFixture.get()
            let pair = try await AppliedPair.start(on: lab)
            try await lab.eventually(HandMadePair.holds, on: "lb1")
            try await lab.eventually(HandMadePair.holdsNot, on: "lb2")
            try await lab.eventually(HandMadePair.answers, on: "client")
            let before = try await lab.console("lb1", "systemctl show -p MainPID keepalived haproxy").text
            let again = try await pair.apply(try pair.inventory())
            #expect(again.status == .code(0))
            #expect(again.text.contains("nothing to do"))
            #expect(
                try await lab.console("lb1", "systemctl show -p MainPID keepalived haproxy").text == before)
            let left = try await lab.console(
                "lb1", "ls -A /var/lib/haops; ls -A /etc/keepalived /etc/haproxy")
            #expect(!left.text.contains("staged") && !left.text.contains("haops-new"))
        }

        @Test func aRollingRestartOfBothNodesLosesNoPing() async throws {
            let lab = try LabFixture.get()
            let pair = try await AppliedPair.start(on: lab)
            let inventory = try pair.inventory()
            let (sent, lost) = try await pair.lostPings {
                let output = try await pair.haops(["restart", "all", "--yes"], inventory)
                #expect(output.status == .code(0), "\(output.text)\(output.errorText)")
            }
            #expect(sent > 200)
            #expect(lost <= 1, "one may be under way while the address moves, see `Pings`")
            try await lab.eventually(HandMadePair.holds, on: "lb1")
        }

        @Test func aSwitchoverMovesTheAddressWithoutLossAndHidesNoOverride() async throws {
            let lab = try LabFixture.get()
            let pair = try await AppliedPair.start(on: lab)
            let inventory = try pair.inventory()
            let (_, lost) = try await pair.lostPings {
                let there = try await pair.haops(["switchover", "--to", "lb2", "--yes"], inventory)
                #expect(there.status == .code(0), "\(there.text)\(there.errorText)")
                try await lab.eventually(HandMadePair.holds, on: "lb2")
                #expect(try await lab.console("lb2", "cat /run/haops-handover.VI_1.why").status == .code(0))
                let back = try await pair.haops(["switchover", "--release", "--yes"], inventory)
                #expect(back.status == .code(0), "\(back.text)\(back.errorText)")
            }
            #expect(lost <= 1, "one may be under way while the address moves, see `Pings`")
            try await lab.eventually(HandMadePair.holds, on: "lb1")
            #expect(try await lab.console("lb2", "cat /run/haops-handover.VI_1").text == "0\n")
            #expect(try await lab.console("lb2", "ls /run/haops-handover.VI_1.why").status != .code(0))
        }

        @Test func aConfigurationThatOnlyTheSecondNodeRefusesTouchesNeither() async throws {
            let lab = try LabFixture.get()
            let pair = try await AppliedPair.start(on: lab)
            try await lab.put("-- nothing\n", at: "/etc/haproxy/only.lua", on: "lb1")
            let before = try await pair.configurations()
            let output = try await pair.apply(pair.inventory(global: "lua-load /etc/haproxy/only.lua"))
            #expect(output.status == .code(3), "\(output.text)\(output.errorText)")
            #expect((output.text + output.errorText).contains("`lb2`: haproxy does not accept"))
            #expect(try await pair.configurations() == before)
            #expect(try await lab.console("lb1", "ls -d /var/lib/haops/staged").status != .code(0))
        }

        @Test func aRollbackReturnsBothNodesToWhatTheyWere() async throws {
            let lab = try LabFixture.get()
            let pair = try await AppliedPair.start(on: lab)
            let before = try await pair.configurations()
            let changed = try pair.inventory(check: "/health")
            #expect(try await pair.apply(changed).status == .code(0))
            #expect(try await pair.configurations() != before)
            let output = try await pair.haops(["rollback", "--yes"], changed)
            #expect(output.status == .code(0), "\(output.text)\(output.errorText)")
            #expect(try await pair.configurations() == before)
            try await lab.eventually(HandMadePair.answers, on: "client")
        }

        @Test func ofTwoAppliersOneIsRefusedByName() async throws {
            let lab = try LabFixture.get()
            let pair = try await AppliedPair.start(on: lab)
            let first = try pair.inventory(check: "/health")
            async let winner = pair.apply(first)
            try await lab.eventually("test -f /run/haops/owner", on: "lb1")
            let second = try await pair.apply(try pair.inventory(check: "/other"))
            #expect(second.status == .code(3), "\(second.text)\(second.errorText)")
            #expect((second.text + second.errorText).contains("locked by"))
            #expect((second.text + second.errorText).contains(", since 20"))
            #expect(try await winner.status == .code(0))
        }

        @Test func aRunThatWasKilledIsFinishedByTheNext() async throws {
            let lab = try LabFixture.get()
            let pair = try await AppliedPair.start(on: lab)
            let inventory = try pair.inventory(check: "/health")
            let process = "\(pair.directory)/pid"
            async let killed = lab.run([
                "sh", "-c",
                "echo $$ >\(process); exec \(LabFixture.haops) apply --yes -i \(inventory) -F \(lab.sshConfig)",
            ])
            try await lab.eventually(
                "grep -q 'what=apply: chang' /var/lib/haops/journal && test -d /var/lib/haops/armed",
                on: "lb2")
            let pid = try String(contentsOfFile: process, encoding: .utf8).filter(\.isNumber)
            _ = try await lab.run(["kill", "-9", pid])
            #expect(try await killed.status != .code(0))
            try await lab.eventually(HandMadePair.answers, on: "client")
            try await lab.eventually(
                "test ! -f /run/haops/owner || ! kill -0 $(cut -d ' ' -f1 /run/haops/owner)", on: "lb1")
            let again = try await pair.apply(inventory)
            #expect(again.status == .code(0), "\(again.text)\(again.errorText)")
            for node in ["lb1", "lb2"] {
                #expect(try await pair.configuration(of: node).contains("/health"))
                let left = try await lab.console(node, "ls -A /var/lib/haops /etc/haproxy /etc/keepalived")
                #expect(!["armed", "staged", "unfinished", "haops-old"].contains { left.text.contains($0) })
            }
        }

        @Test func aDiskThatFillsUpInTheMiddleLeavesTheOldSetInForce() async throws {
            let lab = try LabFixture.get()
            let pair = try await AppliedPair.start(on: lab)
            let before = try await pair.configuration(of: "lb1")
            // The owner is changed last: its disk fills up after it was staged.
            async let applied = pair.apply(pair.inventory(check: "/health"))
            try await lab.eventually("test -f /var/lib/haops/staged/*/list", on: "lb1")
            try await lab.fault("disk-full", "lb1")
            let output = try await applied
            #expect(output.status == .code(1), "\(output.text)\(output.errorText)")
            #expect(try await pair.configuration(of: "lb1") == before)
            try await lab.eventually(HandMadePair.answers, on: "client")
            try await lab.heal("disk-full", "lb1")
            let again = try await pair.apply(pair.inventory(check: "/health"))
            #expect(again.status == .code(0), "\(again.text)\(again.errorText)")
        }

        @Test func fixRefusesWhileVRRPIsBlockedAndFindsNothingWhenItIsNot() async throws {
            let lab = try LabFixture.get()
            let pair = try await AppliedPair.start(on: lab)
            let inventory = try pair.inventory()
            try await lab.fault("vrrp-input-dropped", "lb2")
            try await lab.eventually(HandMadePair.holds, on: "lb2")
            let refused = try await pair.haops(["fix", "--yes"], inventory)
            #expect(refused.status == .code(3), "\(refused.text)\(refused.errorText)")
            #expect((refused.text + refused.errorText).contains("`lb2`: cause-firewall-input: "))
            try await lab.heal("vrrp-input-dropped", "lb2")
            try await lab.eventually(HandMadePair.holdsNot, on: "lb2")
            #expect(try await pair.haops(["fix", "--yes"], inventory).status == .code(0))
        }

        @Test func fixClearsALeftoverAndNothingElse() async throws {
            let lab = try LabFixture.get()
            let pair = try await AppliedPair.start(on: lab)
            _ = try await lab.console(
                "lb2", "ip addr add \(AppliedPair.vip)/32 dev eth1; ip addr add 203.0.113.5/32 dev eth1")
            let output = try await pair.haops(["fix", "--yes"], try pair.inventory())
            #expect(output.status == .code(0), "\(output.text)\(output.errorText)")
            try await lab.eventually(HandMadePair.holdsNot, on: "lb2")
            try await lab.eventually("ip -o addr show to 203.0.113.5/32 | grep -q .", on: "lb2")
            try await lab.eventually(HandMadePair.answers, on: "client")
        }
    }
}
