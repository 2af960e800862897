import Concealment
import HaopsTestSupport
import Testing

/// Files that a node made up: the search for secrets grows with their length, and not with its square.
@Suite(.serialized) struct HostileSecretsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The number-th piece of the file.
        var piece: @Sendable (Int) -> String
    }

    private static let files: [Case] = [
        Case(testDescription: "one line of headers") { _ in "http-request set-header Authorization x " },
        Case(testDescription: "one line of keys") { _ in "key 1 Secret " },
        Case(testDescription: "one line of users") { _ in "stats auth \"a " },
        Case(testDescription: "one line of open quotes") { _ in "x password \"y " },
        Case(testDescription: "one line of options") { "--token=abcdef\($0) " },
        Case(testDescription: "one line of repetitions") { _ in "~(a, b) auth_pass " },
        Case(testDescription: "one line of words") { _ in "abc " },
        Case(testDescription: "a secret on each line") { "auth_pass Secret\($0)\n" },
        Case(testDescription: "secrets alike, of all lengths") {
            "auth_pass \(String(repeating: "a", count: 4 + $0 % 60))\n"
        },
        Case(testDescription: "definitions that name each other") { "$PASSWORD\($0)=$PASSWORD\($0 + 1)\n" },
        Case(testDescription: "a chain of definitions") { number in
            number == 0 ? "auth_pass $A0\n" : "$A\(number - 1)=$A\(number)\n"
        },
        Case(testDescription: "one definition many times") { _ in "$A=Secret1\nauth_pass $A\n" },
        Case(testDescription: "defined keywords") { "$K\($0)=auth_pass\n$K\($0) Secret\($0)\n" },
        Case(testDescription: "one line of references") { _ in "auth_pass $A$B${C}" },
        Case(testDescription: "continued lines") { _ in "auth_pass \\\nSecret \\\n" },
    ]

    @Test(arguments: files)
    func `the search for secrets is linear`(_ file: Case) async {
        #expect(
            await Growth.isLinear(from: 64, to: 1 << 10) { count in
                Array((0..<count).map(file.piece).joined().utf8)
            } work: { bytes in
                let files = ConcealedFiles(["/etc/keepalived/keepalived.conf": bytes])
                _ = files.shown("/etc/keepalived/keepalived.conf", line: 1)
            })
    }

    @Test(arguments: files)
    func `hiding what was found is linear`(_ file: Case) async {
        #expect(
            await Growth.isLinear(from: 64, to: 1 << 10) { count in
                let text = (0..<count).map(file.piece).joined()
                return (text, ConcealedFiles(["": Array(text.utf8)]).values)
            } work: { text, values in
                _ = values.hiding(in: text)
            })
    }

    @Test(arguments: files)
    func `hiding what looks like a secret in a command is linear`(_ file: Case) async {
        #expect(
            await Growth.isLinear(from: 64, to: 1 << 10) { count in
                (0..<count).map(file.piece).joined()
            } work: { text in
                _ = text.hidingCommandSecrets
                _ = text.hidingLineSecrets
            })
    }

    @Test func `the beginning of a long line costs its own length`() async {
        #expect(
            await Growth.isLinear(from: 64, to: 1 << 10) { count in
                let line = String(repeating: "password Secret1 ", count: count)
                return (count, ConcealedFiles(["f": Array(line.utf8)]))
            } work: { count, files in
                for _ in 0..<count { _ = files.shown("f", line: 1, most: 512) }
            })
    }
}
