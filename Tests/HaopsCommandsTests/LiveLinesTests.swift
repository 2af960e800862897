import Events
import Glibc
import Remote
import Subprocess
import Synchronization
import Testing

@testable import HaopsCommands

/// What a terminal shows while something is under way.
struct LiveLinesTests {
    private static let start = ContinuousClock.now

    private func event(
        _ stage: RunEvent.Stage, _ phase: RunEvent.Phase, _ node: HostID? = nil, _ message: String = "",
        nodes: Int? = nil
    ) -> RunEvent {
        RunEvent(
            run: "R", time: UTCTime(millisecondsSince1970: 0), verb: "apply", cluster: "web", node: node,
            stage: stage, phase: phase, message: message, nodes: nodes)
    }

    private func lines(
        _ progress: Progress, after seconds: Int = 0, width: Int = 80, height: Int = 24
    ) -> [String] {
        progress.lines(at: Self.start + .seconds(seconds), width: width, height: height)
    }

    /// A question to so many nodes, of which the first ones have answered.
    private func question(_ count: Int, answered: Int = 0) -> Progress {
        var progress = Progress()
        progress.follow(event(.ask, .begins, nil, "asking", nodes: count), at: Self.start)
        for number in 1...count {
            progress.follow(event(.ask, .begins, HostID("lb\(number)"), "asking"), at: Self.start)
        }
        for number in 1..<(answered + 1) {
            progress.follow(event(.ask, .ends, HostID("lb\(number)")), at: Self.start)
        }
        return progress
    }

    @Test func `a question says who is waited for, and later each node and for how long`() {
        let progress = question(5, answered: 2)
        #expect(lines(progress) == ["asking: 2/5, waiting for lb[3-5]"])
        #expect(
            lines(progress, after: 75) == [
                "asking: 2/5, waiting for 3 (1 min 15 s)", "  lb3: asking (1 min 15 s)",
                "  lb4: asking (1 min 15 s)", "  lb5: asking (1 min 15 s)",
            ])
    }

    @Test func `there are never more lines than the terminal has, nor longer ones`() {
        let progress = question(500, answered: 100)
        for height in [1, 2, 3, 4, 10, 24, 1000] {
            for width in [1, 2, 20, 80] {
                let lines = lines(progress, after: 3, width: width, height: height)
                #expect(lines.count <= max(2, height - 1), "\(width)x\(height)")
                #expect(lines.allSatisfy { $0.count < max(2, width) }, "\(width)x\(height)")
            }
        }
        #expect(
            lines(progress, after: 3, height: 5) == [
                "asking: 100/500, waiting for 400 (3 s)", "  lb101: asking (3 s)",
                "  and 399 more: lb[102-500]",
            ])
    }

    @Test func `a node at work has a line with its stage and what it waits for`() {
        var progress = Progress()
        progress.follow(event(.run, .begins), at: Self.start)
        #expect(progress.isEmpty)
        progress.follow(event(.cluster, .begins, nil, "restart haproxy"), at: Self.start)
        #expect(lines(progress, after: 4) == ["  web: restart haproxy (4 s)"])
        progress.follow(event(.lock, .begins), at: Self.start)
        progress.follow(event(.restore, .begins, "lb1"), at: Self.start + .seconds(2))
        progress.follow(event(.restore, .waits, "lb1", "it goes back"), at: Self.start + .seconds(3))
        #expect(
            lines(progress, after: 5) == [
                "  web: lock the cluster (5 s)", "  lb1: put the old files back (3 s): it goes back",
            ])
        progress.follow(event(.restore, .unknown, "lb1"), at: Self.start)
        progress.follow(event(.lock, .ends), at: Self.start)
        #expect(lines(progress) == ["  web: restart haproxy"])
        progress.follow(event(.cluster, .skipped), at: Self.start)
        #expect(progress.isEmpty && lines(progress).isEmpty)
    }

    /// A terminal that remembers what was written to it.
    private final class Screen: Sendable {
        private let state = Mutex("")
        var text: String { state.withLock { $0 } }
        func put(_ text: String, _ descriptor: Int32) { state.withLock { $0 += text } }

        /// What stands on it in the end.
        var shown: [String] {
            var rows: [[Character]] = [[]]
            var (row, column) = (0, 0)
            var rest = Array(text.unicodeScalars)[...]
            while let scalar = rest.popFirst() {
                if scalar == "\u{1b}" {
                    let end = rest.firstIndex { $0.properties.isAlphabetic } ?? rest.endIndex
                    let number = Int(String(String.UnicodeScalarView(rest[..<end].dropFirst()))) ?? 0
                    switch rest[end] {
                    case "A": row -= number
                    case "K": rows[row] = Array(rows[row].prefix(column))
                    case "J":
                        rows = Array(rows.prefix(row + 1))
                        rows[row] = Array(rows[row].prefix(column))
                    default: break
                    }
                    rest = rest[(end + 1)...]
                } else if scalar == "\r" {
                    column = 0
                } else if scalar == "\n" {
                    (row, column) = (row + 1, 0)
                    if row == rows.count { rows.append([]) }
                } else {
                    if column < rows[row].count {
                        rows[row][column] = Character(scalar)
                    } else {
                        rows[row].append(Character(scalar))
                    }
                    column += 1
                }
            }
            return rows.map { String($0) }
        }
    }

    @Test func `what is said stands above the lines, and nothing of them stays`() {
        let screen = Screen()
        let live = LiveLines(size: { (80, 24) }, put: screen.put)
        let plain = Style(isColored: false)
        live.put("before\n", to: STDERR_FILENO)
        live.follow(event(.lock, .begins), style: plain)
        live.follow(event(.stage, .begins, "lb2"), style: plain)
        _ = live.draw()
        #expect(screen.shown == ["before", "  web: lock the cluster", "  lb2: stage the new files", ""])
        live.put("said\n", to: STDERR_FILENO)
        #expect(
            screen.shown == ["before", "said", "  web: lock the cluster", "  lb2: stage the new files", ""])
        live.follow(event(.lock, .ends), style: plain)
        live.put("the answer\n", to: STDOUT_FILENO)
        #expect(screen.shown == ["before", "said", "the answer", "  lb2: stage the new files", ""])
        live.pause()
        #expect(screen.shown == ["before", "said", "the answer", ""])
        live.put("question? ", to: STDERR_FILENO)
        _ = live.draw()
        live.put("\n", to: STDERR_FILENO)
        live.resume()
        _ = live.draw()
        #expect(screen.shown.suffix(2) == ["  lb2: stage the new files", ""])
        live.follow(event(.stage, .ends, "lb2"), style: plain)
        _ = live.draw()
        #expect(screen.shown == ["before", "said", "the answer", "question? ", ""])
    }

    @Test func `lines that stay the same are not written again`() {
        let screen = Screen()
        let live = LiveLines(size: { (80, 24) }, put: screen.put)
        live.follow(event(.lock, .begins), style: Style(isColored: false))
        _ = live.draw()
        let drawn = screen.text
        _ = live.draw()
        #expect(screen.text == drawn)
        live.follow(event(.lock, .ends), style: Style(isColored: false))
        #expect(!live.draw())
    }

    @Test(.timeLimit(.minutes(2))) func `on a terminal a silent node has a line, and elsewhere none`()
        async throws
    {
        // It takes the connection and says nothing.
        let listener = try SilentListener()
        let node = "root@127.0.0.1:\(listener.port)"
        try await Terminal.open { terminal in
            async let exit = terminal.haops("who", "-F", "none", "--connect-timeout", "3", "--nodes", node)
            #expect(await terminal.shows("127.0.0.1: asking (1 s)"))
            let status = try await exit
            #expect(status == .exited(4))
        }
        let run = try await Program.haops("who", "-F", "none", "--connect-timeout", "2", "--nodes", node)
        #expect(run.exit == 4 && !run.err.contains("\u{1b}") && !run.err.contains("asking"), "\(run.err)")
    }
}

/// A port where connections are taken and nothing is said.
private final class SilentListener {
    private let descriptor: Int32
    let port: Int

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        port = try unsafe withUnsafeMutablePointer(to: &address) { pointer in
            try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                try unsafe #require(bind(descriptor, generic, length) == 0)
                try #require(listen(descriptor, 8) == 0)
                try unsafe #require(getsockname(descriptor, generic, &length) == 0)
            }
            return Int(UInt16(bigEndian: unsafe pointer.pointee.sin_port))
        }
    }

    deinit { close(descriptor) }
}
