import Events
import Remote
import Synchronization
import Testing

@testable import HaopsCommands

/// What is said of nodes that do not answer.
struct SilentNodesTests {
    private final class Said: Sendable {
        private let text = Mutex("")
        var lines: [String] { text.withLock { $0.split(separator: "\n").map(String.init) } }
        func add(_ more: String) { text.withLock { $0 += more } }
    }

    private func console(_ said: Said) -> Console {
        var console = Console(
            out: Style(isColored: false), err: Style(isColored: false), isQuiet: false, isVerbose: false,
            isInteractive: false)
        console.sink = { text, _ in said.add(text) }
        return console
    }

    private func ask(_ names: [String], _ console: Console) async {
        _ = await console.events.asking(
            names.map { SSHTarget(id: HostID($0), host: $0) }, window: 4, "asking"
        ) { target -> Result<Int, RemoteError> in
            target.id == "db1"
                ? .failure(.privilegeDenied(host: target.id, cause: "no sudo", hint: "install it"))
                : .failure(.unreachable(host: target.id, cause: "Connection refused"))
        }
    }

    @Test func `nodes that fail alike are named in one error, and the others in their own`() async {
        let said = Said()
        await ask((1...39).map { "198.18.0.\($0)" } + ["db1"], console(said))
        #expect(
            said.lines.sorted() == [
                "error: 39 nodes unreachable: 198.18.0.[1-39]: Connection refused",
                "error: `db1`: cannot become root: no sudo", "hint: install it",
            ])
    }

    @Test func `two nodes are two errors, and the next question begins anew`() async {
        let said = Said()
        let console = console(said)
        await ask(["lb1", "lb2"], console)
        await ask(["lb3"], console)
        #expect(
            said.lines.sorted()
                == ["lb1", "lb2", "lb3"].map {
                    "error: `\($0)`: cannot connect: Connection refused"
                })
    }

    @Test func `what is wrong with a node outside any question is said at once`() {
        let said = Said()
        console(said).events.emit(
            .ask, .unknown, node: "lb1",
            .unanswered(host: "lb1", question: "what addresses it has", cause: "no `ip`", hint: nil))
        #expect(said.lines == ["error: `lb1`: cannot say what addresses it has: no `ip`"])
    }
}
