import FoundationEssentials
import Remote
import Testing

@testable import Rollout

/// The engine of a run against simulated clusters, by the hundred thousand: lost answers, dead nodes and dead controllers at any
/// moment, and no time that passes.
struct SimulationTests {
    /// Schedules that failed once, with as few decisions as show it, and what was wrong.
    static let kept: [(why: String, decisions: [Int])] = [
        (
            "one node was confirmed and cut off before the other failed: it was said to roll back by itself",
            [0, 0, 0, 0, 0, 1, 120, 1, 1, 1, 0, 1] + Array(repeating: 0, count: 55) + [3]
        ),
        (
            "the only MASTER hears nobody, which no gate can see",
            [0, 1, 2, 0, 0, 3, 0, 0, 0, 3, 60, 0, 0, 2, 0, 0, 0, 0, 4]
        ),
        (
            "a node that lost its power went back, and the other was confirmed at the same moment",
            [0, 0, 2, 1, 0, 3, 45, 0, 0, 2, 0, 0, 0, 0, 4, 228] + Array(repeating: 0, count: 41) + [1]
        ),
    ]

    @Test(arguments: kept.indices)
    func `a schedule that failed once does not fail again`(_ index: Int) {
        let schedule = Schedule(Choices(replaying: Self.kept[index].decisions))
        #expect(schedule.violations.isEmpty, "\(Self.kept[index].why): \(schedule.story)")
    }

    /// Seeds from 1 on; `HAOPS_SIMULATIONS` says how many, and `make test-simulation` asks for a hundred thousand.
    private static let count =
        ProcessInfo.processInfo.environment["HAOPS_SIMULATIONS"].flatMap(UInt64.init) ?? 2000

    @Test(.timeLimit(.minutes(30)))
    func `no schedule of faults breaks a promise`() async {
        let first = UInt64(1)
        let count = Self.count
        let workers = UInt64(2)
        let failures = await withTaskGroup(of: [UInt64].self) { group in
            for worker in 0..<workers {
                group.addTask {
                    stride(from: first + worker, to: first + count, by: Int(workers)).filter {
                        !Schedule(Choices(seed: $0)).violations.isEmpty
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }.sorted()
        }
        print("simulation: \(count) schedules, \(failures.count) failures")
        var kinds: Set<String> = []
        for seed in failures where kinds.count < 12 {
            let kind = Self.kind(Schedule(Choices(seed: seed)))
            if kinds.insert(kind).inserted { Issue.record("\(Self.report(seed))") }
        }
        #expect(failures.isEmpty)
    }

    /// What the first violation is about, whatever the node.
    private static func kind(_ schedule: Schedule) -> String {
        String((schedule.violations.first ?? "").filter { !$0.isNumber }.prefix(40))
    }

    /// A failing schedule, made as small as it gets.
    private static func report(_ seed: UInt64) -> String {
        let failed = Schedule(Choices(seed: seed))
        let kind = Self.kind(failed)
        let smallest = Choices.shrink(failed.decisions) { decisions in
            Self.kind(Schedule(Choices(replaying: decisions))) == kind
        }
        let schedule = Schedule(Choices(replaying: smallest))
        return """
            seed \(seed): \(schedule.story)
            \(schedule.violations.joined(separator: "\n"))
            outcome: \(schedule.outcome.map { "\($0)" } ?? "none")
            decisions: \(smallest)
            """
    }
}

/// A transport that reaches nobody: a simulation has no use for one.
struct NoTransport: Transport {
    func withSession<Value: Sendable>(
        to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Value
    ) async throws -> Value {
        throw RemoteError.unreachable(host: target.id, cause: "simulated")
    }

    func withNewSession<Value: Sendable>(
        to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Value
    ) async throws -> Value {
        throw RemoteError.unreachable(host: target.id, cause: "simulated")
    }

    func ask(_ target: SSHTarget, _ command: Command) async -> Result<CommandOutput, RemoteError> {
        .failure(.unreachable(host: target.id, cause: "simulated"))
    }
}
