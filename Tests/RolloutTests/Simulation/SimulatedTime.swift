/// One thread and a clock that stands still while anything can be done: the tasks of a simulation run here, one piece after
/// the other and always in the same order. Time passes only when all of them wait, and then at once.
///
/// All that a simulation consists of is used on this thread alone.
final class SimulatedTime: TaskExecutor, @unchecked Sendable {
    /// Milliseconds since the beginning.
    private(set) var now: Int
    private var jobs: [UnownedJob] = []
    private var nextJob = 0
    private var sleepers: [Sleeper] = []

    private struct Sleeper {
        let end: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    init(startingAt now: Int = 0) { self.now = now }

    func enqueue(_ job: consuming ExecutorJob) { jobs.append(UnownedJob(job)) }

    /// Waits on this clock.
    func sleep(until end: Int) async {
        await withCheckedContinuation { sleepers.append(Sleeper(end: max(end, now), continuation: $0)) }
    }

    func sleep(for milliseconds: Int) async { await sleep(until: now + milliseconds) }

    /// Runs `body` to its end.
    ///
    /// - `pass`: moves the world to a time.
    /// - Returns: `nil` if the body waits for something that never comes.
    func run<Value: Sendable>(
        pass: (Int) -> Void, _ body: @escaping @Sendable () async -> Value
    ) -> Value? {
        let outcome = Outcome<Value>()
        Task(executorPreference: self) { outcome.value = await body() }
        while outcome.value == nil {
            if nextJob < jobs.count {
                let job = jobs[nextJob]
                nextJob += 1
                if nextJob == jobs.count { (jobs, nextJob) = ([], 0) }
                unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            } else if let end = sleepers.map(\.end).min() {
                pass(end)
                now = end
                let awake = sleepers.filter { $0.end == end }
                sleepers.removeAll { $0.end == end }
                for sleeper in awake { sleeper.continuation.resume() }
            } else {
                return nil
            }
        }
        return outcome.value
    }

    private final class Outcome<Value: Sendable>: @unchecked Sendable {
        var value: Value?
    }
}

/// The clock that the engine is given.
struct SimulatedClock: Clock {
    let time: SimulatedTime

    struct Instant: InstantProtocol {
        var milliseconds: Int

        func advanced(by duration: Duration) -> Instant {
            let (seconds, attoseconds) = duration.components
            return Instant(
                milliseconds: milliseconds + Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
        }

        func duration(to other: Instant) -> Duration { .milliseconds(other.milliseconds - milliseconds) }

        static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }
    }

    var now: Instant { Instant(milliseconds: time.now) }
    var minimumResolution: Duration { .milliseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        await time.sleep(until: deadline.milliseconds)
    }
}
