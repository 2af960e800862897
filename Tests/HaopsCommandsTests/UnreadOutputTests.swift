import HaopsTestSupport
import Testing

@testable import HaopsCommands

/// The program's exit code when nobody can or will read what it says.
@Suite struct UnreadOutputTests {
    /// Runs a shell script in which `$0` is the program.
    private func shell(_ script: String) async throws -> Program {
        try await Program.run("bash", ["-c", script, Program.path])
    }

    @Test func `a full disk under an answer is an error`() async throws {
        let run = try await shell("\"$0\" check -i '\(Program.shipped)' >/dev/full")
        #expect(run.exit == 1 && run.err.contains("cannot write the answer: No space left on device"))
    }

    @Test func `a reader that went away leaves a verb its own exit code`() async throws {
        for (arguments, code) in [
            ("check -i '\(Program.shipped)'", Int32(0)), ("who --nodes \(Program.nobody) 203.0.113.1", 4),
        ] {
            let run = try await shell("\"$0\" \(arguments) 2>&1 | true; exit ${PIPESTATUS[0]}")
            #expect(run.exit == code, "\(arguments): \(run)")
        }
    }

    @Test func `remarks that cannot be written change nothing`() async throws {
        let run = try await shell("\"$0\" who --nodes \(Program.nobody) 203.0.113.1 2>/dev/full")
        #expect(run.exit == 4 && run.out.contains("203.0.113.1"))
        let both = try await shell("\"$0\" exec --nodes \(Program.nobody) -- true >/dev/full 2>/dev/full")
        #expect(both.exit == 4)
        let closed = try await shell("\"$0\" who --nodes \(Program.nobody) 203.0.113.1 >/dev/null 2>&-")
        #expect(closed.exit == 4)
    }

    @Test(.timeLimit(.minutes(5)))
    func `what was said is written before the program ends`() async throws {
        let run = try await shell(
            "\"$0\" check -i '\(Program.shipped)' -o json | { sleep 0.5; tail -n 1; }; exit ${PIPESTATUS[0]}")
        #expect(run.out == "}\n" && run.exit == 0, "\(run)")
    }

    /// Eight megabytes of mistakes, which nothing interrupts while they are looked for.
    @Test(.timeLimit(.minutes(5)))
    func `one signal ends a verb that computes`() async throws {
        let run = try await shell(
            """
            f=$(mktemp); trap 'rm -f "$f"' EXIT
            yes 'word a b c $A' | head -c 8000000 >"$f"
            "$0" lint "$f" & pid=$!
            until [ "$(cut -d ' ' -f 14 /proc/$pid/stat)" -gt 30 ] || ! kill -0 $pid; do sleep 0.02; done
            kill -TERM $pid
            wait $pid
            """)
        #expect(run.exit == 130, "\(run.err)")
    }

    // MARK: - Long texts

    @Test func `what is shown grows with its length`() async {
        let words = (0..<32).map { _ in "word" }.joined(separator: " ") + " "
        let texts: [@Sendable (Int) -> String] = [
            { String(repeating: " ", count: 16 * $0) }, { String(repeating: words, count: $0) },
            { String(repeating: "\u{1b}[31m\u{202e}x", count: 8 * $0) },
            { String(repeating: "x", count: 16 * $0) }, { String(repeating: "\n", count: 16 * $0) },
        ]
        for text in texts {
            #expect(
                await Growth.isLinear(from: 64, input: text) {
                    _ = Wrapped($0, indent: 2, width: 80).lines
                })
            #expect(
                await Growth.isLinear(from: 64, input: text) {
                    let style = Style(isColored: true, width: 80)
                    _ = Table(columns: ["a", "b"], rows: [[Table.Cell($0), "x"], ["y", Table.Cell($0)]]).text(
                        style)
                    _ = $0.safe(in: style)
                })
            #expect(
                await Growth.isLinear(from: 64, input: text) {
                    _ = OutputValue.text($0).json + OutputValue.text($0).yaml
                })
        }
    }
}
