import Facts
import HaopsTestSupport
import Remote
import Testing

@testable import Rollout

/// What a node does with a change that waits for a person to confirm it.
@Suite(.serialized)
struct HeldChangeScriptTests {
    /// A node on which the run `A` waits, for `seconds`.
    private func held(_ seconds: Int = 600) async throws -> ScratchNode {
        let node = try ScratchNode()
        #expect(try await node.arm("A", in: 60).status == .code(0))
        #expect(try await hold(node, seconds).status == .code(0))
        return node
    }

    private func hold(_ node: ScratchNode, _ seconds: Int = 600) async throws -> CommandOutput {
        try await node.run("A", [.arming, .hold], [("AFTER", "\(seconds)")])
    }

    private func pending(_ node: ScratchNode) async throws -> PendingWork {
        let question = PendingFact().script.replacing("/run/haops", with: node.root + "/run/haops")
            .replacing("/var/lib/haops", with: node.root + "/var/lib/haops")
        return try PendingFact().parse(SectionOutput(try await node.run("B", [], setUp: question).text))
    }

    private func state(_ node: ScratchNode) async throws -> String {
        try await node.run("A", [.held]).text
    }

    private func confirm(_ node: ScratchNode) async throws -> CommandOutput {
        try await node.run("A", [.files, .arming, .confirm])
    }

    @Test func `everybody sees who has made it and how long it waits`() async throws {
        let node = try await held()
        let rollback = try #require(try await pending(node).rollback)
        #expect(rollback.run == "A" && (590...600).contains(rollback.secondsLeft))
        #expect(rollback.held?.who == "ops@here" && rollback.held?.what == "apply")
        let sentence = try #require(try await pending(node).sentences.first)
        #expect(sentence.hasPrefix("`apply` by ops@here at 20"), "\(sentence)")
        #expect(sentence.contains("waits for haops confirm: without it the node rolls back in "))
        // Its answer was lost, and it is asked again.
        #expect(try await hold(node).status == .code(0))
        #expect(
            node.text("/var/lib/haops/journal")?.split(separator: "\n").count { $0.contains("\theld\t") } == 1
        )
        _ = try await confirm(node)
    }

    @Test func `it goes back when its time is up`() async throws {
        let node = try await held(1)
        try await node.eventually { node.text("/reverted-A") != nil }
    }

    @Test func `no other run postpones or cancels it`() async throws {
        let node = try await held()
        let when = node.text("/var/lib/haops/armed/when")
        let staged = try await node.stage("B")
        #expect(staged.status == .code(1))
        #expect(staged.errorText.contains("the change of A waits for somebody to confirm it"))
        for judged in ["yes", "no", ""] { _ = try await node.finish("B", judged: judged) }
        let armed = try await node.run(
            "B", [.arming], input: "true\n", setUp: "trap '' HUP INT TERM PIPE; arm 60 5 || echo refused")
        #expect(armed.text == "refused\n")
        #expect(node.text("/var/lib/haops/armed/when") == when)
        #expect(node.text("/var/lib/haops/armed/held") != nil)
        _ = try await confirm(node)
    }

    @Test func `it is confirmed for good, once and again`() async throws {
        let node = try await held()
        // The second name that the change has left beside a file.
        try await node.keep("A", file: "/etc/web.cfg")
        _ = try await node.run("A", [.files], setUp: "echo old >\"$(beside $ROOT/etc/web.cfg old)\"")
        #expect(node.exists("/etc/.web.cfg.haops-old"))
        #expect(try await state(node) == "held\n")
        for _ in 1...2 { #expect(try await confirm(node).status == .code(0)) }
        #expect(!node.isArmed && !node.exists("/etc/.web.cfg.haops-old"))
        #expect(try await state(node) == "confirmed\n")
        _ = try await node.run("A", [], setUp: "journal 'finished: changed; run done'")
        #expect(try await state(node) == "confirmed\n")
    }

    @Test func `what has gone back says so`() async throws {
        let node = try await held()
        _ = try await node.run("A", [], setUp: "mv $state/armed $state/gone; journal 'restored (boot)'")
        #expect(try await state(node) == "gone\n")
        #expect(try await confirm(node).status == .code(1))
        #expect(try await ScratchNode().run("A", [.held]).text == "none\n")
    }

    @Test func `a rollback of this very change takes it over and gives it back when it is refused`()
        async throws
    {
        let node = try await held(400)
        func undo() async throws -> CommandOutput {
            try await node.run(
                "B", [.files, .arming, .stage],
                [("UNDOES", "A"), ("INDEX", ""), ("LIST", ""), ("NEED", "1"), ("RUN_LASTS", "300")])
        }
        #expect(try await undo().status == .code(0))
        #expect(node.text("/var/lib/haops/armed/held") == nil, "it may be cancelled now")
        #expect(try await node.finish("B", judged: "no").text.contains("to its state before A"))
        #expect(try await pending(node).rollback?.held?.who == "ops@here")
        #expect(try await node.stage("C").status == .code(1))

        #expect(try await undo().status == .code(0))
        _ = try await node.finish("B", judged: "yes")
        #expect(!node.isArmed)
        #expect(try await node.stage("C").status == .code(0))
    }
}
