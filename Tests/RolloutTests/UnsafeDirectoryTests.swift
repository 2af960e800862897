import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

@testable import Rollout

/// Who may change a directory decides which file a path below it means: root writes and removes nothing there.
@Suite(.serialized)
struct UnsafeDirectoryTests {
    private func list(_ kind: String, _ path: String) -> String {
        kind == "absent" ? "absent - - file \(path)\n" : "file 644 root:root file \(path)\n"
    }

    @Test(
        arguments: ["file", "absent"],
        ["/srv/open/x", "/srv/open/below/x", "/srv/open/new/x", "/srv/sticky/x"])
    func `neither written nor removed, and said before anything is changed`(kind: String, path: String)
        async throws
    {
        let node = try ScratchNode()
        _ = try await node.run(
            "A", [],
            setUp: """
                umask 022
                mkdir -p "$ROOT/srv/open/below" "$ROOT/srv/sticky"
                for f in open/x open/below/x sticky/x; do echo old >"$ROOT/srv/$f"; done
                chmod 777 "$ROOT/srv/open"
                chmod 1777 "$ROOT/srv/sticky"
                """)
        let staged = try await node.run(
            "A", [.files, .arming, .stage],
            [("INDEX", ""), ("LIST", list(kind, path)), ("NEED", "1"), ("RUN_LASTS", "300")])
        let directory = path.hasPrefix("/srv/open") ? "/srv/open" : "/srv/sticky"
        #expect(
            staged.status == .code(1)
                && staged.errorText.hasPrefix(
                    "\(path): others than root can change \(directory), and so which file"),
            "\(staged.errorText)")
        #expect(!node.exists("/var/lib/haops/staged/A") && node.text("/var/lib/haops/unfinished") == nil)
        // Also where it became so in the meantime.
        let prepared = try await node.run(
            "A", [.files], [("LIST", list(kind, path))],
            setUp: """
                mkdir -p "$state/tree$(dirname '\(path)')" && echo new >"$state/tree\(path)"
                printf '%s' "$LIST" >"$state/list"
                prepare "$state/tree" "$state/list" && swap "$state/list"
                """)
        #expect(!prepared.status.isSuccess)
        let left = try await node.run(
            "A", [], setUp: "cd $ROOT/srv; find . -type f -exec grep -H . {} + | sort")
        #expect(left.text == "./open/below/x:old\n./open/x:old\n./sticky/x:old\n")
    }

    @Test func `a directory of root's own below one that is open to all, as /tmp is, is root's`() async throws
    {
        let node = try ScratchNode()
        let staged = try await node.run(
            "A", [.files, .arming, .stage],
            [
                ("INDEX", ""), ("LIST", list("absent", "/srv/tmp/roots/new/x")), ("NEED", "1"),
                ("RUN_LASTS", "300"),
            ],
            setUp: "")
        #expect(staged.status == .code(0), "\(staged.errorText)")
        let answer = try await node.run(
            "A", [.files],
            setUp: """
                mkdir -p "$ROOT/srv/tmp/roots" "$ROOT/srv/real" "$ROOT/srv/open"
                chmod 1777 "$ROOT/srv/tmp"
                chmod 777 "$ROOT/srv/open"
                ln -s ../real "$ROOT/srv/tmp/link"
                ln -s open "$ROOT/srv/astray"
                for p in tmp/roots/x tmp/link/x real/x astray/x tmp/x; do
                  if is_safe "/srv/$p"; then echo "$p"; else echo "not $p"; fi
                done
                """)
        #expect(
            answer.text == "tmp/roots/x\ntmp/link/x\nreal/x\nnot astray/x\nnot tmp/x\n", "\(answer.errorText)"
        )
    }
}
