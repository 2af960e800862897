import HaopsTestSupport
import Remote
import Testing

@testable import Rollout

/// How a drill's failure is made and ended on a node, whatever becomes of haops. The failure is a file.
@Suite(.serialized)
struct DrillScriptTests {
    /// Instead of what is done to daemons and packet filters.
    private static let stub = """
        impossible() { [ ! -e "$ROOT/impossible" ] || echo "it cannot be made"; }
        make_failure() { touch "$ROOT/broken"; }
        end_failure() { [ ! -e "$ROOT/stuck" ] && rm -f "$ROOT/broken"; }

        """
    private static let parts: [NodeScript.Part] = [.services, .arming, .failures]
    private static let values = [
        ("FAILURE", "test"), ("SUBJECT", ""), ("DEVICES", ""), ("BACKENDS", ""), ("ADDRESSES", ""),
    ]

    private func mendText(_ node: ScratchNode, _ run: String, claim: String) -> String {
        let context = NodeScript.Context(run: run, who: "ops@here", what: "drill", root: node.root)
        return NodeScript(context, Self.parts, Self.values + [("CLAIM", claim)]).text + "\n" + Self.stub
            + NodeScript.Part.mend.text
    }

    private func make(_ node: ScratchNode, _ run: String = "A", after seconds: Int = 600) async throws
        -> CommandOutput
    {
        let mend = mendText(node, run, claim: "timer")
        return try await node.run(
            run, Self.parts,
            Self.values + [("AFTER", "\(seconds)"), ("BYTES", "\(mend.utf8.count)"), ("DETACHED", "")],
            input: mend, setUp: Self.stub + NodeScript.Part.drill.text)
    }

    private func end(_ node: ScratchNode, _ run: String = "A") async throws -> CommandOutput {
        try await node.run(
            run, Self.parts, Self.values + [("CLAIM", "haops")], setUp: Self.stub + NodeScript.Part.mend.text)
    }

    private func isClean(_ node: ScratchNode) -> Bool {
        !node.exists("/broken") && !node.isArmed && !node.exists("/var/lib/haops/claimed.A")
            && !node.exists("/etc/init.d/haops-revert")
    }

    @Test func `haops ends a failure, and once more when the answer was lost`() async throws {
        let node = try ScratchNode()
        let made = try await make(node)
        #expect(
            made.status == .code(0) && made.text.contains("begins ") && made.text.contains("made "),
            "\(made.errorText)")
        #expect(node.exists("/broken") && node.exists("/var/lib/haops/armed/drill"))
        for _ in 0..<2 {
            let ended = try await end(node)
            #expect(ended.status == .code(0) && ended.text.contains("mended "), "\(ended.errorText)")
            #expect(isClean(node))
        }
        let journal = node.text("/var/lib/haops/journal") ?? ""
        #expect(journal.contains("broken: test") && journal.contains("ended (haops)"))
    }

    @Test func `without haops the timer ends it`() async throws {
        let node = try ScratchNode()
        #expect(try await make(node, after: 1).status == .code(0))
        try await node.eventually { isClean(node) }
        #expect(node.text("/var/lib/haops/journal")?.contains("ended (timer)") == true)
        // Haops, when it comes back, learns when it was.
        let ended = try await end(node)
        #expect(ended.status == .code(0) && ended.text.contains("mended "), "\(ended.errorText)")
    }

    @Test func `a reboot is ended by the boot alone, which says when it began`() async throws {
        let node = try ScratchNode()
        let values = Self.values.map { $0.0 == "FAILURE" ? ("FAILURE", "reboot") : $0 }
        // What `make_failure` does but for the reboot itself.
        let stub = Self.stub + #"make_failure() { cp "$volatile/begins.$RUN" "$state/armed/begins"; }"# + "\n"
        let context = NodeScript.Context(run: "A", who: "ops@here", what: "drill", root: node.root)
        let mend =
            NodeScript(context, Self.parts, values + [("CLAIM", "timer")]).text + "\n" + Self.stub
            + NodeScript.Part.mend.text
        let made = try await node.run(
            "A", Self.parts, values + [("AFTER", "600"), ("BYTES", "\(mend.utf8.count)"), ("DETACHED", "")],
            input: mend, setUp: stub + NodeScript.Part.drill.text)
        #expect(made.status == .code(0), "\(made.errorText)")
        let asking = Self.stub + NodeScript.Part.mend.text
        let early = try await node.run("A", Self.parts, values + [("CLAIM", "haops")], setUp: asking)
        #expect(early.status != .code(0) && early.errorText.contains("has not gone down yet"))
        #expect(node.isArmed)
        let boot = try await node.run(
            "A", [], setUp: "rm -r $volatile; sh $ROOT/etc/init.d/haops-revert start")
        #expect(boot.status == .code(0), "\(boot.errorText)")
        let late = try await node.run("A", Self.parts, values + [("CLAIM", "haops")], setUp: asking)
        #expect(late.status == .code(0) && isClean(node), "\(late.errorText)")
        let times = late.text.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(
            times.map(\.first) == ["began", "mended"] && times.allSatisfy { $0.count == 2 }, "\(late.text)")
    }

    @Test func `the next boot ends it`() async throws {
        let node = try ScratchNode()
        #expect(try await make(node).status == .code(0))
        let boot = try await node.run(
            "A", [], setUp: "rm -r $volatile; sh $ROOT/etc/init.d/haops-revert start")
        #expect(boot.status == .code(0) && isClean(node), "\(boot.errorText)")
        #expect(node.text("/var/lib/haops/journal")?.contains("ended (boot)") == true)
    }

    @Test func `no other run postpones or cancels the end`() async throws {
        let node = try ScratchNode()
        #expect(try await make(node).status == .code(0))
        let staged = try await node.stage("B")
        #expect(staged.status == .code(1), "\(staged.errorText)")
        #expect(try await node.arm("B").status != .code(0))
        let other = try await make(node, "B")
        #expect(other.status == .code(3), "\(other.errorText)")
        #expect(try await node.finish("B", judged: "yes").status == .code(0))
        #expect(node.exists("/broken") && node.exists("/var/lib/haops/armed/drill"))
        #expect(try await end(node).status == .code(0))
        #expect(isClean(node))
    }

    @Test func `an end that failed is tried again by the next run and the next boot`() async throws {
        let node = try ScratchNode()
        #expect(try await make(node).status == .code(0))
        _ = try await node.run("A", [], setUp: "touch $ROOT/stuck")
        let failed = try await end(node)
        #expect(failed.status == .code(1) && failed.errorText.contains("could not be ended"))
        #expect(node.exists("/broken") && node.exists("/var/lib/haops/claimed.A"))
        _ = try await node.run("A", [], setUp: "rm $ROOT/stuck")
        #expect(try await node.arm("B").status == .code(0))
        #expect(!node.exists("/broken") && !node.exists("/var/lib/haops/claimed.A"))
    }

    @Test func `nothing is broken where the failure is impossible or half of its end has arrived`()
        async throws
    {
        let node = try ScratchNode()
        _ = try await node.run("A", [], setUp: "touch $ROOT/impossible")
        let refused = try await make(node)
        #expect(refused.status == .code(3) && refused.errorText.contains("it cannot be made"))
        #expect(isClean(node))
        _ = try await node.run("A", [], setUp: "rm $ROOT/impossible")
        let half = try await node.run(
            "A", Self.parts, Self.values + [("AFTER", "600"), ("BYTES", "99999"), ("DETACHED", "")],
            input: "echo half", setUp: Self.stub + NodeScript.Part.drill.text)
        #expect(half.status == .code(3), "\(half.errorText)")
        #expect(isClean(node))
    }
}
