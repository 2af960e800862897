import FoundationEssentials
import Glibc
import HaopsTestSupport
import Remote
import Testing

@testable import Rollout

/// Rollbacks on a node: by the boot, by the timer, by haops; and the overrides of priorities beside them.
@Suite(.serialized)
struct RollbackScriptTests {
    // MARK: - The next boot

    @Test func `what is armed happens at the next boot and no hook stays behind`() async throws {
        let node = try ScratchNode()
        _ = try await node.arm("A")
        let hook = node.root + "/etc/init.d/haops-revert"
        #expect(FileManager.default.fileExists(atPath: node.root + "/etc/rcS.d/S01haops-revert"))
        let boot = try await node.run("A", [], setUp: "sh \(hook) start")
        #expect(boot.status == .code(0) && node.text("/reverted-A") != nil, "\(boot.errorText)")
        #expect(try await node.run("A", [.files, .arming, .confirm]).status == .code(0))
        #expect(!FileManager.default.fileExists(atPath: hook))
        #expect(try FileManager.default.contentsOfDirectory(atPath: node.root + "/etc/rcS.d") == [])
    }

    /// A program on the node hangs. Should it ever come back, the change finds that it is called off.
    @Test func `a change that hangs before it has replaced anything is called off`() async throws {
        let node = try ScratchNode()
        _ = try await node.run("A", [], setUp: "journal preparing")
        let output = try await node.revert("A")
        #expect(output.status == .code(0), "\(output.errorText)")
        #expect(
            node.text("/var/lib/haops/journal")?.contains("restored (haops): nothing was replaced") == true)
        // Without such a change it is an error that there is nothing to go back to.
        #expect(try await node.revert("B").status == .code(1))
    }

    @Test func `a rollback that the power cuts off is finished by the next boot`() async throws {
        let node = try ScratchNode()
        _ = try await node.run(
            "A", [],
            setUp:
                "mkdir -p $state/sets/A/root $state/claimed.A $ROOT/etc/x; echo old >$state/sets/A/root/file; echo new >$ROOT/file; "
                + "echo 'file 644 root:root haproxyConfig /file' >$state/sets/A/list; : >$state/sets/A/sysctls; : >$state/sets/A/services"
        )
        let answer = try await node.run(
            "A", [.files, .services, .arming, .aside, .revert],
            [("CLAIM", "timer"), ("HAPROXY_ACTION", "none"), ("KEEPALIVED_ACTION", "none")],
            arguments: ["boot"])
        #expect(answer.status == .code(0), "\(answer.errorText)")
        #expect(node.text("/file") == "old\n")
        #expect(node.text("/var/lib/haops/journal")?.contains("restored (boot)") == true)
        #expect(!FileManager.default.fileExists(atPath: node.root + "/var/lib/haops/claimed.A"))
    }

    // MARK: - A rollback by haops

    @Test func `a rollback by haops is as durable as one by the timer`() async throws {
        let node = try ScratchNode()
        _ = try await node.arm("A")
        _ = try await node.run("A", [.arming], [("CLAIM", "haops")], setUp: "claim || echo lost")
        #expect(!node.isArmed && node.exists("/var/lib/haops/claimed.A/revert.sh"))
        // The process is gone, and so is all that a boot empties.
        let boot = try await node.run(
            "A", [], setUp: "rm -r $volatile; sh $ROOT/etc/init.d/haops-revert start")
        #expect(node.text("/reverted-A") != nil, "\(boot.errorText)")
    }

    @Test func `a rollback that fails says so and is tried again`() async throws {
        let node = try ScratchNode()
        try await node.keep("A", file: "/x/file")
        _ = try await node.arm("A")
        _ = try await node.run("A", [], setUp: "rm -r $ROOT/x; echo in the way >$ROOT/x")
        let failed = try await node.revert("A")
        #expect(failed.status == .code(1) && failed.errorText.contains("not whole"), "\(failed.errorText)")
        #expect(node.text("/var/lib/haops/journal")?.contains("restoring failed (haops)") == true)
        #expect(node.exists("/var/lib/haops/claimed.A") && node.exists("/etc/init.d/haops-revert"))
        // A run that judges nothing leaves it to the next boot.
        _ = try await node.finish("B", judged: "no")
        #expect(node.exists("/var/lib/haops/claimed.A") && node.exists("/etc/init.d/haops-revert"))

        _ = try await node.run("A", [], setUp: "rm $ROOT/x")
        #expect(try await node.revert("A").status == .code(0))
        #expect(node.text("/x/file") == "old\n")
        #expect(!node.exists("/var/lib/haops/claimed.A") && !node.exists("/etc/init.d/haops-revert"))
    }

    @Test func `a rollback that is under way is not done twice`() async throws {
        let node = try ScratchNode()
        try await node.keep("A", file: "/file")
        _ = try await node.run(
            "A", [],
            setUp: """
                mkdir -p $volatile $state/claimed.A
                (sleep 1; journal 'restored (timer)'; rm -r $state/claimed.A) >/dev/null 2>&1 &
                echo $! >$volatile/reverting.A
                """)
        #expect(try await node.revert("A").status == .code(0))
        #expect(node.text("/file") == "new\n", "the other process puts it back")
    }

    @Test func `a change ends where its rollback has begun`() async throws {
        let node = try ScratchNode()
        #expect(try await node.stage("A").status == .code(0))
        _ = try await node.run(
            "A", [], setUp: "mkdir -p $state/claimed.A; echo \(getpid()) >$volatile/reverting.A")
        let late = try await node.run("A", [.files, .services, .arming, .activate], [("SYSCTLS", "")])
        #expect(late.status == .code(1) && late.errorText.contains("the rollback has begun"))
        #expect(node.text("/var/lib/haops/journal")?.contains("\tchanged") == false)
    }

    // MARK: - Overrides

    @Test func `an override that stays is not ended by the expiry of an earlier one`() async throws {
        let node = try ScratchNode()
        _ = try await node.run("A", [], setUp: "echo 0 >$ROOT/run/haops-handover.VI_1")
        #expect(try await node.override(51, expires: 600).status == .code(0))
        #expect(try await node.override(20, expires: 0).status == .code(0))
        #expect(try await node.stage("B").status == .code(0))
        #expect(node.text("/run/haops-handover.VI_1") == "20\n")
    }

    @Test func `an override that expires gives way to the one before it`() async throws {
        let node = try ScratchNode()
        _ = try await node.run("A", [], setUp: "echo 20 >$ROOT/run/haops-handover.VI_1")
        #expect(try await node.override(51, expires: 1, before: 20).status == .code(0))
        #expect(node.text("/run/haops-handover.VI_1") == "51\n")
        try await node.eventually { node.text("/run/haops-handover.VI_1") == "20\n" }
        try await node.eventually { !node.exists("/run/haops/handover.VI_1.sh") }
    }

    @Test func `a node that stepped aside has its override again afterwards`() async throws {
        let node = try ScratchNode()
        _ = try await node.run("A", [], setUp: "echo 0 >$ROOT/run/haops-handover.VI_1")
        #expect(try await node.override(51, expires: 0).status == .code(0))
        let why = node.text("/run/haops-handover.VI_1.why")
        // One below the peer is what the node would be without its override.
        let asides = [("VIPS", ""), ("ASIDE", "VI_1 0\n")]
        let answer = try await node.run(
            "A", [.aside], asides,
            setUp: "mkdir -p $volatile; step_aside 0; cat $ROOT/run/haops-handover.VI_1; step_back")
        #expect(answer.text == "0\n")
        #expect(
            node.text("/run/haops-handover.VI_1") == "51\n"
                && node.text("/run/haops-handover.VI_1.why") == why)
        // An override that ended meanwhile stays ended.
        _ = try await node.run("A", [.aside], asides, setUp: "step_aside 0")
        #expect(try await node.override(0, expires: 0).status == .code(0))
        _ = try await node.run("A", [.aside], asides, setUp: "step_back")
        #expect(node.text("/run/haops-handover.VI_1") == "0\n")
    }

    @Test func `what kept daemons from being started goes with the run that is gone`() async throws {
        let node = try ScratchNode()
        _ = try await node.run(
            "A", [],
            setUp: """
                mkdir -p $ROOT/usr/sbin
                echo foreign >$policy.before-haops
                printf '#!/bin/sh\n# by haops, while its step installs packages:\nstep=%s\n' $volatile/step.1 >$policy
                """)
        #expect(try await node.stage("B").status == .code(0))
        #expect(node.text("/usr/sbin/policy-rc.d") == "foreign\n")
    }
}
