import ArgumentParser
import HaopsTestSupport
import Remote
import Rollout
import Synchronization
import Testing

@testable import HaopsCommands

extension WholeVerbTests {
    /// `--timeout`: what happens to those who have not answered, and to a change under way.
    @Suite struct TimeLimitTests {
        private static let quiet = Console(
            out: Style(isColored: false), err: Style(isColored: false), isQuiet: true, isVerbose: false,
            isInteractive: false, sink: { _, _ in })

        /// The exit code of a verb, run to its end on one machine that answers and one that never does.
        private func exit(_ verb: any HaopsCommand) async throws -> Int32 {
            let transport = ScriptedTransport(["lb1": .says([:]), "lb2": .silent])
            let wiring = Wiring { _, _, _, body in try await body(transport) }
            do {
                try await Wiring.$current.withValue(wiring) { try await verb.run() }
                return 0
            } catch let code as ExitCode {
                return code.rawValue
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a question ends with those who have not answered as unknown`() async throws {
            let arguments = ["--nodes", "lb1,lb2", "--timeout", "1", "-q"]
            #expect(try await exit(try Who.parse(["203.0.113.50"] + arguments)) == 4)
            #expect(try await exit(try Status.parse(arguments)) == 4)
            #expect(try await exit(try Restart.parse(arguments + ["--yes"])) == 4)
        }

        @Test(.timeLimit(.minutes(5)))
        func `a command that may have run is not said to have failed`() async throws {
            let verb = try Exec.parse(["--nodes", "lb1,lb2", "--timeout", "1", "-q", "--", "true"])
            #expect(try await exit(verb) == 6)
        }

        @Test(.timeLimit(.minutes(5)))
        func `a change finishes its step and is not cut off`() async throws {
            let (result, wasCut) = await TimeLimit.bound(.seconds(1), Self.quiet) {
                try await Interrupts.gracefully { interrupt in
                    while !interrupt.isRequested { try await Task.sleep(for: .milliseconds(1)) }
                    return Task.isCancelled
                }
            }
            #expect(try result.get() == false)
            #expect(!wasCut)
        }

        @Test(.timeLimit(.minutes(5)), arguments: [nil, .seconds(1000)] as [Duration?])
        func `what ends in time is not waited for any longer`(limit: Duration?) async throws {
            let (result, wasCut) = await TimeLimit.bound(limit, Self.quiet) { 7 }
            #expect(try result.get() == 7 && !wasCut)
        }

        /// Every thread that tasks run on computes until the clock has been heard.
        @Test(.timeLimit(.minutes(5)))
        func `a computation holds up no deadline`() async throws {
            final class Bell: Sendable {
                let hasRung = Atomic(false)
                func wait() {
                    let patience = ContinuousClock.now + .seconds(20)
                    while !hasRung.load(ordering: .relaxed), ContinuousClock.now < patience {}
                }
            }
            let bell = Bell()
            var console = Self.quiet
            console.sink = { text, _ in
                if text.contains("the time of --timeout is up") {
                    bell.hasRung.store(true, ordering: .relaxed)
                }
            }
            let loud = console
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<64 { group.addTask { bell.wait() } }
                let (_, wasCut) = await TimeLimit.bound(.milliseconds(50), loud) { bell.wait() }
                #expect(wasCut && bell.hasRung.load(ordering: .relaxed))
            }
        }

        @Test func `no time and a time of 0 are for ever`() throws {
            #expect(try Who.parse([]).timeLimit == nil)
            #expect(try Who.parse(["--timeout", "0"]).timeLimit == nil)
            #expect(try Who.parse(["--timeout", "5"]).timeLimit == .seconds(5))
            #expect(throws: (any Error).self) { try Who.parse(["--timeout=-1"]) }
        }
    }
}
