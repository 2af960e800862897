import Inventory
import Testing

@testable import Rendering

@Suite struct UnifiedDiffTests {
    @Test func `shows a change as diff -u does`() {
        let old = (1...12).map { "\($0)\n" }.joined()
        let new = old.replacing("2\n3\n", with: "2\nthree\n").replacing("12\n", with: "12\n13\n")
        #expect(
            diff(old, new) == """
                --- a
                +++ b
                @@ -1,6 +1,6 @@
                 1
                 2
                -3
                +three
                 4
                 5
                 6
                @@ -10,3 +10,4 @@
                 10
                 11
                 12
                +13

                """)
    }

    @Test func `a file that comes, goes or stays`() {
        #expect(diff(nil, "a\nb\n") == "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+a\n+b\n")
        #expect(diff("a\n", nil) == "--- a\n+++ b\n@@ -1 +0,0 @@\n-a\n")
        #expect(diff("a\n", "a\n") == "")
        #expect(diff(nil, nil) == "")
        #expect(diff(nil, "") == "")
    }

    @Test func `a missing line feed at the end is a difference`() {
        #expect(
            diff("a\nb", "a\nb\n")
                == "--- a\n+++ b\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n")
    }

    @Test func `that a secret changed is shown, and neither the old nor the new one`() {
        let text = UnifiedDiff(
            old: Array("a {\n    auth_pass \"old #1\"\n}\n".utf8),
            new: Array("a {\n    auth_pass \"new #2\"\n}\n".utf8),
            mask: SecretMask(secrets: [Secret("new #2")])
        ).text(old: "a", new: "b")
        #expect(
            text == """
                --- a
                +++ b
                @@ -1,3 +1,3 @@
                 a {
                -    auth_pass (secret)
                +    auth_pass (secret, changed)
                 }

                """)
    }

    @Test func `a secret is hidden wherever it stands, not only behind its keyword`() {
        let mask = SecretMask(secrets: [Secret("hunter2"), Secret("hunter22"), Secret("abc")])
        #expect(
            mask.shown(Array("# was hunter22, hunter2\n  user x insecure-password abc groups g\nabc\n".utf8))
                == "# was (secret), (secret)\n  user x insecure-password (secret) groups g\nabc\n")
    }

    @Test(arguments: [
        ("    auth_pass ab#cd # old one", "    auth_pass (secret)"), ("auth_pass", "auth_pass"),
        ("\tstats auth admin:pass:word", "\tstats auth admin:(secret)"),
        ("stats auth admin", "stats auth admin"), ("  key 1 hex:00ff", "  key 1 (secret)"),
        ("key /etc/ssl/key.pem", "key /etc/ssl/key.pem"), ("password hunter22", "password (secret)"),
        ("user a password $5$x$y", "user a password (secret)"), ("auth_type PASS", "auth_type PASS"),
    ])
    func `secrets that only the node knows are found by their keyword`(line: String, shown: String) {
        #expect(SecretMask().shown(Array(line.utf8)) == shown)
    }

    @Test func `the value that a rotated secret had is hidden where the new one stands`() {
        let text = diff(
            "a\n    http-request deny unless { req.hdr(X) -m str 0ld-s3cret } ok\nb\n",
            "a\n    http-request deny unless { req.hdr(X) -m str n3w-value } ok\nb\n", secrets: ["n3w-value"])
        #expect(
            text == """
                --- a
                +++ b
                @@ -1,3 +1,3 @@
                 a
                -    http-request deny unless { req.hdr(X) -m str (secret) } ok
                +    http-request deny unless { req.hdr(X) -m str (secret, changed) } ok
                 b

                """)
    }

    @Test func `it is hidden wherever else it stands, and so is a value that comes back`() {
        let text = diff(
            "# 0ld-s3cret\n  set-header X-Key 0ld-s3cret\nkept 0ld-s3cret\n",
            "  set-header X-Key n3w-value\nkept 0ld-s3cret\n", secrets: ["n3w-value"])
        #expect(!text.contains("0ld"), "\(text)")
        let back = diff(
            "  set-header X-Key n3w-value\n", "  set-header X-Key 0ld-s3cret\n", secrets: ["n3w-value"])
        #expect(!back.contains("0ld") && back.contains("set-header X-Key (secret, changed)"), "\(back)")
    }

    @Test func `of a line that changed around its secret, only the beginning is shown`() {
        let text = diff(
            "  set-header X-Key 0ld-s3cret if TLS\nset-var x 5\n",
            "  set-header X-Key n3w-value unless PLAIN\n",
            secrets: ["n3w-value"])
        #expect(!text.contains("0ld"), "\(text)")
        #expect(text.contains("-  set-header X-Key (secret)\n"), "\(text)")
        #expect(text.contains("-set-var x 5\n"), "nothing is hidden without need: \(text)")
    }

    @Test(arguments: [
        (
            "    script \"/bin/check --password hunter22 -v\"",
            "    script \"/bin/check --password (secret) -v\""
        ),
        ("  notify_master \"/bin/n --token=hunter22\"", "  notify_master \"/bin/n --token=(secret)\""),
        ("curl -u probe:hunter22 http://h/", "curl -u probe:(secret) http://h/"),
        ("é https://probe:hunter22@h/ é", "é https://probe:(secret)@h/ é"),
        ("  option httpchk GET /health", "  option httpchk GET /health"),
    ])
    func `secrets of commands are hidden as well`(line: String, shown: String) {
        #expect(SecretMask().shown(Array(line.utf8)) == shown)
    }

    @Test func `nothing that a node holds reaches the terminal raw`() {
        let bytes: [UInt8] = [0x1B, 0x5B, 0x32, 0x4A, 0x09, 0x61, 0xFF, 0xC3, 0x0D]
        #expect(SecretMask().shown(bytes) == "\\u{1b}[2J\ta\\xff\\xc3\\u{d}")
        #expect(
            SecretMask().shown(Array("é\u{202E}\u{9B}2J\u{2028}x\u{7F}".utf8))
                == "é\\u{202e}\\u{9b}2J\\u{2028}x\\u{7f}")
        #expect(SecretMask().shown([0xE2, 0x82]) == "\\xe2\\x82")
    }

    @Test func `every diff turns the one file into the other, with as few changes as there can be`() {
        var random = Random(state: 42)
        for _ in 0..<400 {
            let old = (0..<random.next(upTo: 14)).map { _ in random.next(upTo: 4) }
            let new = (0..<random.next(upTo: 14)).map { _ in random.next(upTo: 4) }
            let diff = UnifiedDiff(
                old: old.flatMap { Array("\($0)\n".utf8) }, new: new.flatMap { Array("\($0)\n".utf8) },
                mask: SecretMask(), context: 100)
            let lines = diff.hunks.flatMap(\.lines)
            guard old != new else {
                #expect(diff.isEmpty)
                continue
            }
            #expect(lines.filter { $0.kind != .added }.map(\.text) == old.map(String.init))
            #expect(lines.filter { $0.kind != .removed }.map(\.text) == new.map(String.init))
            #expect(lines.count { $0.kind == .context } == longestCommon(old, new))
            #expect(diff.hunks.first?.oldCount == old.count && diff.hunks.first?.newCount == new.count)
        }
    }

    @Test func `hunks apply where they say, whatever their context`() {
        var random = Random(state: 7)
        for round in 0..<200 {
            let old = (0..<random.next(upTo: 40)).map { _ in random.next(upTo: 9) }
            var new = old
            for _ in 0..<random.next(upTo: 4) where !new.isEmpty {
                let index = random.next(upTo: new.count)
                if random.next(upTo: 2) == 0 { new.remove(at: index) } else { new.insert(99, at: index) }
            }
            let diff = UnifiedDiff(
                old: old.flatMap { Array("\($0)\n".utf8) }, new: new.flatMap { Array("\($0)\n".utf8) },
                mask: SecretMask(), context: round % 4)
            var result: [String] = []
            var taken = 0
            for hunk in diff.hunks {
                let start = hunk.oldStart - (hunk.oldCount == 0 ? 0 : 1)
                result += old[taken..<start].map(String.init)
                #expect(result.count == hunk.newStart - (hunk.newCount == 0 ? 0 : 1))
                result += hunk.lines.filter { $0.kind != .removed }.map(\.text)
                taken = start + hunk.oldCount
            }
            result += old[taken...].map(String.init)
            #expect(result == new.map(String.init))
        }
    }

    @Test func `two large files with nothing in common are shown whole, the one after the other`() {
        let old = (0..<3000).flatMap { Array("a\($0)\n".utf8) }
        let new = (0..<3000).flatMap { Array("b\($0)\n".utf8) }
        let diff = UnifiedDiff(old: old, new: new, mask: SecretMask())
        #expect(diff.hunks.map(\.oldCount) == [3000])
        #expect(diff.hunks.map(\.newCount) == [3000])
    }

    private func diff(_ old: String?, _ new: String?, secrets: [String] = []) -> String {
        UnifiedDiff(
            old: old.map { Array($0.utf8) }, new: new.map { Array($0.utf8) },
            mask: SecretMask(secrets: secrets.map { Secret($0) })
        )
        .text(old: "a", new: "b")
    }

    private func longestCommon(_ left: [Int], _ right: [Int]) -> Int {
        var row = [Int](repeating: 0, count: right.count + 1)
        for l in left {
            var diagonal = 0
            for (index, r) in right.enumerated() {
                let above = row[index + 1]
                row[index + 1] = l == r ? diagonal + 1 : max(above, row[index])
                diagonal = above
            }
        }
        return row[right.count]
    }

    /// The same sequence at every run, so that a failure can be looked at.
    private struct Random {
        var state: UInt64
        mutating func next(upTo bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
    }
}
