import Facts
import FoundationEssentials
import Glibc
import HaopsTestSupport
import Remote
import Testing

@testable import Rollout

/// The scripts that nodes run, in a scratch directory and in the shells that nodes have.
@Suite(.serialized)
struct NodeScriptTests {
    @Test func `a daemon is known by its program whatever it calls itself`() async throws {
        let answer = try await ScratchNode().run(
            "A", [.services],
            setUp: """
                cp "$(readlink -f "$(command -v sh)")" "$ROOT/run/balancerd"
                mkfifo "$ROOT/run/up" "$ROOT/run/down"
                "$ROOT/run/balancerd" -c 'printf vrrp_web >/proc/$$/comm; echo >"$1/up"; read -r _ <"$1/down"' - "$ROOT/run" &
                read -r _ <"$ROOT/run/up"
                cat /proc/$!/comm
                is_running balancerd && echo runs
                is_running balancer || is_running vrrp_web || echo alone
                echo >"$ROOT/run/down"
                wait
                is_running balancerd || echo ended
                """)
        #expect(answer.text == "vrrp_web\nruns\nalone\nended\n", "\(answer.errorText)")
    }

    /// By the file that its shell keeps open: one that was left behind says nothing, whoever has the number now.
    @Test func `a step is seen as long as it is at work and no longer`() async throws {
        let node = try ScratchNode()
        let question = PendingFact().script.replacing("/run/haops", with: node.root + "/run/haops")
        func step() async throws -> String? {
            let said = try await node.run("B", [], setUp: question)
            return try PendingFact().parse(SectionOutput(said.text)).step
        }
        let work = Task {
            try await node.run(
                "A", [], setUp: "at_work; mkfifo $ROOT/run/end; read -r _ <$ROOT/run/end; rm $ROOT/run/end")
        }
        try await node.eventually {
            FileManager.default.fileExists(atPath: node.root + "/run/end")
        }
        #expect(try await step() == "A")
        _ = try await node.run("B", [], setUp: "echo >$ROOT/run/end")
        _ = try await work.value
        #expect(try await step() == nil)
        let left = "ls $volatile"
        #expect(try await node.run("B", [], setUp: left).text.hasPrefix("step."))
        #expect(try await node.run("C", [], setUp: "at_work; ls $volatile | wc -l").text == "1\n")
    }

    @Test func `a change is confirmed once and again when the answer was lost`() async throws {
        let node = try ScratchNode()
        #expect(try await node.arm("A").status == .code(0))
        #expect(node.isArmed)
        for _ in 1...2 {
            #expect(try await node.run("A", [.files, .arming, .confirm]).status == .code(0))
            #expect(!node.isArmed)
        }
    }

    @Test func `a node that went back by itself is not confirmed`() async throws {
        let node = try ScratchNode()
        _ = try await node.arm("A")
        // As the timer does: it takes the arming, and says so when it is done.
        _ = try await node.run("A", [], setUp: "mv $state/armed $state/gone; journal 'restored (timer)'")
        let answer = try await node.run("A", [.files, .arming, .confirm])
        #expect(answer.status == .code(1))
        #expect(answer.errorText.contains("went back by itself"))
    }

    @Test func `the revert of another run is not confirmed away`() async throws {
        let node = try ScratchNode()
        _ = try await node.arm("A")
        #expect(try await node.run("B", [.files, .arming, .confirm]).status == .code(1))
        #expect(node.isArmed)
        _ = try await node.run("A", [.files, .arming, .confirm])
    }

    @Test func `a run that is refused gives the revert of a dead one back`() async throws {
        let node = try ScratchNode()
        _ = try await node.arm("A", in: 400)
        let due = try #require(node.text("/var/lib/haops/armed/when")).split(separator: " ")[1]
        _ = try await node.run("A", [], setUp: "printf 'A\\tthen\\tops\\tapply\\n' >$state/unfinished")
        #expect(try await node.stage("B").status == .code(0))
        #expect(node.isArmed, "put off, and not called off: the second run may die too")
        #expect(node.text("/var/lib/haops/unfinished")?.hasPrefix("B\t") == true)

        let refused = try await node.finish("B", judged: "no")
        #expect(refused.status == .code(0))
        #expect(refused.text.contains("to its state before A"), "\(refused.text)")
        let when = try #require(node.text("/var/lib/haops/armed/when")).split(separator: " ")
        #expect(when[0] == "A" && when[1] == due)
        #expect(node.text("/var/lib/haops/unfinished")?.hasPrefix("A\t") == true)
        _ = try await node.run("A", [.files, .arming, .confirm])
    }

    @Test func `a revert that was due meanwhile happens when the refused run is over`() async throws {
        let node = try ScratchNode()
        _ = try await node.arm("A", in: 3)
        _ = try await node.stage("B")
        // Its own time passes, and nothing happens while the second run is at work.
        let due = Double(try #require(node.text("/var/lib/haops/armed/when")).split(separator: " ")[1])
        let over = try #require(due) + 1
        func uptime() -> Double {
            let text = (try? String(contentsOfFile: "/proc/uptime", encoding: .utf8)) ?? ""
            return text.split(separator: " ").first.flatMap { Double($0) } ?? 0
        }
        try await node.eventually { uptime() > over }
        #expect(node.text("/reverted-A") == nil && node.isArmed)
        _ = try await node.finish("B", judged: "no")
        try await node.eventually { node.text("/reverted-A") != nil }
    }

    @Test func `a run that wakes up leaves the arming of another alone`() async throws {
        let node = try ScratchNode()
        // B has changed the node while A slept.
        _ = try await node.arm("B")
        let restore = try await node.run(
            "A", [.files, .services, .arming, .revert],
            [("CLAIM", "haops"), ("HAPROXY_ACTION", "none"), ("KEEPALIVED_ACTION", "none")])
        #expect(restore.status == .code(1) && restore.errorText.contains("B has changed this node since"))
        try FileManager.default.createDirectory(
            atPath: node.root + "/var/lib/haops/staged/B", withIntermediateDirectories: true)
        for judged in ["yes", "no", ""] { _ = try await node.finish("A", judged: judged) }
        #expect(node.isArmed && node.text("/var/lib/haops/armed/when")?.hasPrefix("B ") == true)
        #expect(FileManager.default.fileExists(atPath: node.root + "/var/lib/haops/staged/B"))
        #expect(try await node.run("B", [.files, .arming, .confirm]).status == .code(0))
    }

    @Test func `half an arming is in nobody's way`() async throws {
        let node = try ScratchNode()
        _ = try await node.run("A", [], setUp: "mkdir $state/armed; : >$state/armed/when")
        #expect(try await node.stage("B").status == .code(0))
        #expect(!node.isArmed)
    }

    @Test func `a node that is going back is left to it and one that was cut off in it is not`() async throws
    {
        let node = try ScratchNode()
        _ = try await node.run(
            "A", [], setUp: "mkdir -p $volatile $state/claimed.A; echo \(getpid()) >$volatile/reverting.A")
        let refused = try await node.stage("B")
        #expect(refused.status == .code(1) && refused.errorText.contains("going back"))
        #expect(try await node.arm("B").status == .code(1))
        // After a reboot nobody knows of it any more.
        _ = try await node.run("A", [], setUp: "rm $volatile/reverting.A")
        #expect(try await node.stage("B").status == .code(0))
    }

    @Test func `sets that a revert needs stay and restarts do not push others out`() async throws {
        let node = try ScratchNode()
        let sets = (1...11).map { "2026010\($0 / 10)T00000\($0 % 10)Z-s" }
        for (index, set) in sets.enumerated() {
            // The last but one was a restart.
            let list = index == 9 ? ":" : "echo 'file 644 root:root checkScript /x'"
            _ = try await node.run(
                "A", [], setUp: "mkdir -p $state/sets/\(set); { \(list); } >$state/sets/\(set)/list")
        }
        _ = try await node.run("A", [], setUp: "mkdir -p $state/claimed.\(sets[9])")
        _ = try await node.finish("A", judged: "")
        func kept() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: node.root + "/var/lib/haops/sets").sorted()
        }
        #expect(try kept() == sets.sorted())
        _ = try await node.run("A", [], setUp: "rm -r $state/claimed.*")
        _ = try await node.finish("A", judged: "")
        #expect(try kept() == sets.sorted().filter { $0 != sets[9] })
    }

    @Test func `what the gates of a later run have passed stays`() async throws {
        let node = try ScratchNode()
        _ = try await node.arm("A")
        _ = try await node.stage("B")
        let answer = try await node.finish("B", judged: "yes")
        #expect(answer.text == "" && !node.isArmed)
        #expect(node.text("/var/lib/haops/unfinished") == nil)
    }

    @Test func `a second name that cannot be removed is named`() async throws {
        let node = try ScratchNode()
        // A directory with something in it is as hard to remove as a file on a disk that cannot be written.
        _ = try await node.run(
            "A", [],
            setUp:
                "mkdir -p $state/staged/A $ROOT/etc/.x.haops-old/y; echo 'file 644 root:root haproxyConfig /etc/x' >$state/staged/A/list"
        )
        let output = try await node.finish("A", judged: "")
        #expect(output.text == "\(node.root)/etc/.x.haops-old could not be removed; nothing needs it\n")
        #expect(!node.exists("/var/lib/haops/staged/A"))
    }

    @Test func `half of a revert is never armed`() async throws {
        let node = try ScratchNode()
        let answer = try await node.run("A", [.arming], input: "touch x", setUp: "arm 600 100")
        #expect(answer.status == .code(1))
        #expect(!node.isArmed)
    }

    @Test func `a change that is only being prepared has begun`() async throws {
        let node = try ScratchNode()
        for (event, answer) in [
            ("", "nothing"), ("staged", "nothing"), ("preparing", "changing"), ("changing", "changing"),
            ("changed", "changed"), ("restoring (timer)", "restored"), ("refused: no space: none", "refused"),
        ] {
            if !event.isEmpty { _ = try await node.run("A", [], setUp: "journal '\(event)'") }
            #expect(try await node.run("A", [.reread]).text == answer + "\n", "\(event)")
        }
        #expect(try await node.run("B", [.reread]).text == "nothing\n")
    }

    /// A journal is read by its fields, whatever characters somebody's name has.
    @Test(arguments: [
        "corp:alice", "a\tb", "x: changed", "run=A who=x: restored (timer)", "a\nb\t\tc", "$(id)'\"\\",
    ])
    func noNameIsTakenForAnEvent(name: String) async throws {
        let node = try ScratchNode()
        _ = try await node.run("A", [], [("WHO", name), ("WHAT", name)], setUp: "journal changing")
        #expect(try await node.run("A", [.reread]).text == "changing\n")
        #expect(node.text("/var/lib/haops/journal")?.split(separator: "\n").count == 1)
    }

    @Test func `a journal's line tells where the connection came from`() async throws {
        let node = try ScratchNode()
        _ = try await node.run(
            "A", [], setUp: "SSH_CONNECTION='203.0.113.9 5 203.0.113.1 22'; journal changing")
        _ = try await node.run("A", [], setUp: "unset SSH_CONNECTION; journal changed")
        let lines = try #require(node.text("/var/lib/haops/journal")).split(separator: "\n")
        #expect(lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false).count } == [6, 6])
        #expect(lines[0].hasSuffix("\tchanging\t203.0.113.9") && lines[1].hasSuffix("\tchanged\t"))
    }

    // MARK: - Locks

    /// The lock's script with its standard input open, as a connection holds it.
    private func holdLock(_ node: ScratchNode, _ run: String, lease: Int, _ body: String) async throws
        -> CommandOutput
    {
        let context = NodeScript.Context(run: run, who: "corp:alice", what: "apply", root: node.root)
        let lock = NodeScript(
            context, [.lock], [("CONTROLLER", "1"), ("LEASE", "\(lease)"), ("LONGEST", "600")]
        ).text
        return try await node.run(
            run, [],
            setUp: """
                mkfifo "$ROOT/in"
                sh -c \(lock.shellQuoted) <"$ROOT/in" >"$ROOT/said" &
                holder=$!
                exec 8>"$ROOT/in"
                until grep -q . "$ROOT/said"; do sleep 0.05; done
                owner=$volatile/owner
                gone() { for i in $(seq 200); do [ -e "$owner" ] || return 0; sleep 0.1; done; return 1; }
                \(body)
                exec 8>&-
                wait "$holder"
                """)
    }

    @Test func `a lock whose holder is silent expires`() async throws {
        let node = try ScratchNode()
        let answer = try await holdLock(node, "A", lease: 2, "cat $owner; gone && echo expired")
        #expect(answer.text.contains("\tcorp:alice\tA\tapply\t1\t") && answer.text.hasSuffix("expired\n"))
        #expect(node.text("/var/lib/haops/journal")?.contains("lock expired") == true)
    }

    @Test func `a lock is kept by beats and until its rollback is over`() async throws {
        let node = try ScratchNode()
        let answer = try await holdLock(
            node, "A", lease: 4,
            """
            for i in 1 2 3 4 5 6 7 8; do echo "beat $i" >&8; sleep 1; done
            [ -e $owner ] && echo kept
            mkdir -p $state/armed; echo "A 1 unit" >$state/armed/when
            sleep 8; [ -e $owner ] && echo armed
            rm -r $state/armed; gone && echo expired
            """)
        #expect(answer.text == "kept\narmed\nexpired\n", "\(answer.text)\(answer.errorText)")
    }

    @Test func `a run without its lock changes nothing`() async throws {
        let node = try ScratchNode()
        let locked = [("LOCKED", "yes")]
        _ = try await node.run("A", [], setUp: "mkdir -p $state/staged/A $volatile; : >$state/staged/A/list")
        let answer = try await node.run("A", [.files, .services, .arming, .activate], locked)
        #expect(answer.status == .code(3) && answer.errorText.contains("lost the node's lock"))
        _ = try await node.run("A", [], setUp: "printf '1\\tops\\tB\\tapply\\t1\\tnow\\n' >$volatile/owner")
        #expect(try await node.run("A", [.files, .services, .arming, .activate], locked).status == .code(3))
    }

    /// It woke up when another had finished its work: what stands there is not its own any more.
    @Test func `a run that has lost its lock puts nothing back that is confirmed`() async throws {
        let node = try ScratchNode()
        _ = try await node.run(
            "A", [],
            setUp: "mkdir -p $state/sets/A/root; echo old >$state/sets/A/root/file; echo new >$ROOT/file; "
                + "echo 'file 644 root:root haproxyConfig /file' >$state/sets/A/list; : >$state/sets/A/sysctls; : >$state/sets/A/services"
        )
        let answer = try await node.run(
            "A", [.files, .services, .arming, .aside, .revert],
            [
                ("CLAIM", "haops"), ("HAPROXY_ACTION", "none"), ("KEEPALIVED_ACTION", "none"),
                ("LOCKED", "yes"),
            ])
        #expect(answer.status == .code(1) && answer.errorText.contains("lost the node's lock"))
        #expect(node.text("/file") == "new\n")
    }
}
