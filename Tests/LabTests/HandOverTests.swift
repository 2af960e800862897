import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// That the VIP moves without a client noticing, with the timers that the shipped inventory has.
    @Suite struct HandOverTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        private func processes(_ node: String) async throws -> [String] {
            try await lab.console(node, "systemctl show --property MainPID --value keepalived haproxy").text
                .split(separator: "\n").map(String.init)
        }

        @Test func `a rolling restart of both nodes loses no ping`() async throws {
            let pair = try await ManagedPair.ready(on: lab, by: .shipped)
            let before = [try await processes("lb1"), try await processes("lb2")]
            let pings = try await Pings.countedAgainIfOneWasLost(from: "client", to: ManagedPair.vip, on: lab)
            {
                try await pair.expect(0, "restart", "--yes")
            }
            print("rolling restart of lb1 and lb2: \(pings)")
            #expect(pings.lost == 0 && pings.sent > 500, "\(pings)")
            let after = [try await processes("lb1"), try await processes("lb2")]
            for (old, new) in zip(before.joined(), after.joined()) { #expect(old != new) }
            try await pair.isWell()
            try await expectNoOverride(pair)
        }

        @Test func `a switchover and the way back lose no ping and leave no override`() async throws {
            let pair = try await ManagedPair.ready(on: lab, by: .shipped)
            let before = [try await processes("lb1"), try await processes("lb2")]
            let pings = try await Pings.countedAgainIfOneWasLost(from: "client", to: ManagedPair.vip, on: lab)
            {
                try await pair.expect(0, "switchover", "--to", "lb2", "--reason", "new cables", "--yes")
                let there = try await pair.who()
                #expect(there.verdicts == ["owned by lb2", "owned by lb2"] && there.exit == .code(0))
                let shown = try await pair.expect(0, "who").text
                #expect(shown.contains("override:") && shown.contains("new cables"), "\(shown)")
                try await pair.expect(0, "switchover", "--to", "lb1", "--yes")
                let back = try await pair.who()
                #expect(back.verdicts == ["owned by lb1", "owned by lb1"] && back.exit == .code(0))
            }
            print("switchover to lb2 and back: \(pings)")
            #expect(pings.lost == 0 && pings.sent > 100, "\(pings)")
            try await expectNoOverride(pair)
            #expect(
                [try await processes("lb1"), try await processes("lb2")] == before, "no daemon was restarted")
            try await pair.expect(0, "plan", "--detailed-exitcode")
        }

        /// On nodes that haops never set up: their own files say that an address was moved, and how it goes back.
        @Test func `without a handover file the priority is written and put back without a lost ping`()
            async throws
        {
            let pair = try await HandMadePair.start(on: lab)
            let read = "cat /etc/keepalived/keepalived.conf"
            let before = try await lab.console("lb2", read).text
            let pings = try await Pings.countedAgainIfOneWasLost(
                from: "client", to: HandMadePair.vip, on: lab
            ) {
                try await haops(0, "switchover", "--to", "lb2", "--reason", "new cables", "--yes")
                try await lab.eventually(HandMadePair.holds, on: "lb2")
                try await lab.eventually(HandMadePair.holdsNot, on: "lb1")
                #expect(try await lab.console("lb2", read).text.contains("priority was 100"))
                let shown = try await haops(0, "status").text
                #expect(shown.contains("override:") && shown.contains("new cables"), "\(shown)")
                try await haops(0, "switchover", "--release", "--yes")
                try await pair.isWell()
            }
            print("switchover of a hand-made pair and back: \(pings)")
            #expect(pings.lost == 0 && pings.sent > 100, "\(pings)")
            #expect(try await lab.console("lb2", read).text == before)
        }

        @Test func `with nopreempt the owner is restarted and the address stays where it went`() async throws
        {
            _ = try await HandMadePair.start(on: lab, more: "nopreempt")
            let output = try await haops(0, "switchover", "--to", "lb2", "--yes")
            #expect(output.text.contains("without service"), "\(output.text)")
            try await lab.eventually(HandMadePair.holds, on: "lb2")
            try await lab.eventually(HandMadePair.holdsNot, on: "lb1")
            try await lab.eventually(HandMadePair.answers, on: "client")
        }

        @discardableResult
        private func haops(_ code: Int, _ arguments: String...) async throws -> CommandOutput {
            let output = try await lab.haops(
                arguments + ["--ssh-config", lab.sshConfig, "--nodes", "lb1,lb2"])
            #expect(output.status == .code(code), "\(output.everything)")
            return output
        }

        @Test func `an override ends when it is released`() async throws {
            let pair = try await ManagedPair.ready(on: lab, by: .shipped)
            try await pair.expect(0, "switchover", "--to", "lb2", "--yes")
            try await pair.expect(0, "switchover", "--release", "--yes")
            #expect(try await pair.who().verdicts == ["owned by lb1", "owned by lb1"])
            try await expectNoOverride(pair)
        }

        @Test(arguments: ["haproxy-stopped", "keepalived-stopped"])
        func `a switchover to a node that is not healthy is refused`(fault: String) async throws {
            let pair = try await ManagedPair.ready(on: lab, by: .shipped)
            try await lab.fault(fault, "lb2")
            let daemon = fault.prefix { $0 != "-" }
            let before = try await pair.traces(of: "lb1")
            let refused = try await pair.expect(3, "switchover", "--to", "lb2", "--yes")
            #expect(refused.said.contains("lb2") && refused.said.contains(daemon), "\(refused.everything)")
            #expect(try await pair.traces(of: "lb1") == before)
            #expect(try await pair.who().verdicts == ["owned by lb1", "owned by lb1"])
        }

        private func expectNoOverride(
            _ pair: ManagedPair, sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let who = try await pair.who()
            #expect(
                who.vips.flatMap(\.nodes).allSatisfy { ($0.lift ?? 0) == 0 },
                sourceLocation: sourceLocation)
            #expect(!(try await pair.haops("who").text.contains("override")), sourceLocation: sourceLocation)
        }
    }
}
