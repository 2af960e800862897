import Remote
import Testing

@testable import Facts
@testable import Rollout

/// What going back to before a run means when others came after it.
struct SavedStateTests {
    private func set(_ run: String, _ paths: String..., sysctl: String? = nil) -> HaopsState.SavedSet {
        HaopsState.SavedSet(
            run: run, why: "",
            files: paths.map {
                HaopsState.SavedSet.File(
                    path: $0, isAbsent: false, mode: 0o644, owner: "root:root", role: "checkScript")
            }, sysctls: sysctl.map { ["net.ipv4.ip_nonlocal_bind": $0] } ?? [:])
    }

    @Test func `the oldest copy of each file counts`() throws {
        let sets = [
            set("20260101T000000Z-a", "/k", sysctl: "0"), set("20260102T000000Z-b", "/h", sysctl: "1"),
            set("20260103T000000Z-c", "/k", "/h"),
        ]
        let first = try #require(SavedState(sets, before: "20260101T000000Z-a"))
        #expect(first.files["/k"]?.copy == "/var/lib/haops/sets/20260101T000000Z-a/root/k")
        #expect(first.files["/h"]?.copy == "/var/lib/haops/sets/20260102T000000Z-b/root/h")
        #expect(first.sysctls == ["net.ipv4.ip_nonlocal_bind": "0"])
        let last = try #require(SavedState(sets, before: "20260103T000000Z-c"))
        #expect(Set(last.files.keys) == ["/k", "/h"] && last.sysctls.isEmpty)
    }

    private func saved(
        _ run: String, _ what: String, _ nodes: [HostID], putBack: Set<HostID> = []
    ) -> SavedRun { SavedRun(run: run, why: "ops@here \(what)", nodes: nodes, putBack: putBack) }

    @Test func `a rollback that is repeated goes on and not further back`() {
        let applies = [saved("3", "apply", ["lb1", "lb2"]), saved("1", "apply", ["lb1", "lb2"])]
        let back = "rollback to before 3"
        #expect(Rollout.latest(of: applies)?.run == "3")
        // It stopped after its first node; or that one went back again.
        let half = [saved("4", back, ["lb2"])] + applies
        #expect(Rollout.latest(of: half)?.run == "3")
        let failed = [saved("4", back + ", put back", ["lb1", "lb2"], putBack: ["lb1", "lb2"])] + applies
        #expect(Rollout.latest(of: failed)?.run == "3")
        // The second one did the rest.
        #expect(Rollout.latest(of: [saved("5", back, ["lb1"])] + half)?.run == "1")
        #expect(Rollout.latest(of: [saved("4", back, ["lb1", "lb2"])] + applies)?.run == "1")
        // What was put back by itself needs no rollback.
        let late = [saved("4", back, ["lb2"]), saved("3", "apply", ["lb1", "lb2"], putBack: ["lb1"])]
        #expect(Rollout.latest(of: late + [saved("1", "apply", ["lb1"])])?.run == "1")
    }

    @Test func `a node that only later runs have changed goes back too`() throws {
        let later = try #require(SavedState([set("20260105T000000Z-e", "/k")], before: "20260101T000000Z-a"))
        #expect(Array(later.files.keys) == ["/k"])
        #expect(SavedState([set("20260101T000000Z-a", "/k")], before: "20260105T000000Z-e") == nil)
    }
}
