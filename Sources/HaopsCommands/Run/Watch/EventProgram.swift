import FoundationEssentials
import Glibc
import Subprocess
import Survey
import Synchronization

/// The program of `--exec`: it is run for every change, with the change as JSON on its standard input. No shell is involved.
///
/// At most ``mostAtOnce`` run at once, each for ``longest`` at most; changes that come faster wait, and beyond a number of
/// them they are dropped, which is told.
final class EventProgram: Sendable {
    static let mostAtOnce = 4
    /// Seconds.
    static let longest = 10
    private static let mostWaiting = 1000

    private let path: String
    private let changes: AsyncStream<String>
    private let feed: AsyncStream<String>.Continuation
    private let complain: @Sendable (String) -> Void
    private let dropped = Atomic<Int>(0)
    /// Changes that are not handled yet.
    private let open = Atomic<Int>(0)

    /// - `complain`: is told of a run that failed, and of changes that were dropped.
    /// - Throws: ``Failure`` when there is no such program.
    init(_ name: String, complain: @escaping @Sendable (String) -> Void) throws {
        path = try Self.path(of: name)
        self.complain = complain
        (changes, feed) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.mostWaiting))
    }

    /// The program's path: a name without a slash is looked for in `PATH`.
    private static func path(of name: String) throws -> String {
        let candidates =
            name.contains("/")
            ? [name]
            : (Environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map { "\($0)/\(name)" }
        let found = candidates.first { candidate in
            var information = stat()
            guard unsafe stat(candidate, &information) == 0, unsafe access(candidate, X_OK) == 0 else {
                return false
            }
            return information.st_mode & S_IFMT == S_IFREG
        }
        guard let found else {
            throw Failure(
                .usage, "--exec: `\(name)` is no program that can be run",
                hint: "name a file that is executable; arguments belong into a script of your own")
        }
        return found.hasPrefix("/") ? found : FileManager.default.currentDirectoryPath + "/" + found
    }

    /// Runs the program for a change, some time soon.
    func handle(_ event: WatchEvent) {
        open.wrappingAdd(1, ordering: .relaxed)
        if case .dropped = feed.yield(WatchDocument(event).line) {
            open.wrappingSubtract(1, ordering: .relaxed)
            let count = dropped.wrappingAdd(1, ordering: .relaxed).newValue
            if count == 1 || count % 1000 == 0 {
                complain("--exec: it is too slow, \(count.of("change")) dropped")
            }
        }
    }

    /// No more changes will come: ``run()`` returns when all are handled.
    func finish() { feed.finish() }

    /// Waits until all changes are handled, for a while.
    func drained() async {
        let deadline = ContinuousClock.now + .seconds(Self.longest)
        while open.load(ordering: .relaxed) > 0, ContinuousClock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await change in changes {
                if running >= Self.mostAtOnce {
                    await group.next()
                    running -= 1
                }
                running += 1
                group.addTask { await self.run(with: change) }
            }
        }
    }

    private func run(with change: String) async {
        defer { open.wrappingSubtract(1, ordering: .relaxed) }
        var options = PlatformOptions()
        options.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(1))]
        do {
            // timeout(1) ends the program and its children.
            let run = try await Subprocess.run(
                .name("timeout"), arguments: ["-k", "2", "\(Self.longest)", path], platformOptions: options,
                input: .inputWriter, output: .discarded, error: .discarded
            ) { execution in
                // A program need not read what it gets.
                _ = try? await execution.standardInputWriter.write(Array(change.utf8))
                try? await execution.standardInputWriter.finish()
            }
            switch run.terminationStatus {
            case .exited(0): break
            case .exited(124): complain("--exec: it was ended after \(Self.longest) s")
            case .exited(let code): complain("--exec: it ended with exit \(code)")
            case .signaled(let signal): complain("--exec: it was ended by signal \(signal)")
            }
        } catch {
            if !Task.isCancelled { complain("--exec: it could not be run: \(error)") }
        }
    }
}
