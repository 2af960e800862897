import Glibc
import Reactor
import Testing

/// Waits on real descriptors: socket pairs.
@Suite(.timeLimit(.minutes(5)))
struct ReactorTests {
    private let soon = Duration.milliseconds(50)
    private var later: ContinuousClock.Instant { .now + .seconds(30) }

    private func with(_ body: (Reactor, Watch, SocketPair) async throws -> Void) async throws {
        let reactor = try Reactor()
        defer { reactor.shutdown() }
        let pair = try SocketPair()
        defer { pair.close() }
        let watch = reactor.makeWatch()
        try watch.add(pair.here)
        try await body(reactor, watch, pair)
    }

    @Test
    func `bytes from the other end make a descriptor readable`() async throws {
        try await with { _, watch, pair in
            async let woken = outcome(watch, .readable, until: later)
            pair.say("x")
            #expect(await woken == .success(.readable))
        }
    }

    @Test
    func `an edge that nobody waited for is kept`() async throws {
        try await with { _, watch, pair in
            // Whatever else is ready is consumed first, so that only the edge can end the second wait.
            _ = try await watch.wait(for: .writable, until: later)
            pair.say("x")
            _ = try await watch.wait(for: .readable, until: later)
            pair.drain()
            pair.say("y")
            #expect(await outcome(watch, .readable, until: later) == .success(.readable))
        }
    }

    @Test
    func `a wait for one direction leaves the other latched`() async throws {
        try await with { _, watch, pair in
            pair.say("x")
            _ = try await watch.wait(for: .readable, until: later)
            #expect(await outcome(watch, .writable, until: later) == .success(.writable))
        }
    }

    @Test
    func `room in a full socket makes it writable`() async throws {
        try await with { _, watch, pair in
            _ = try await watch.wait(for: .writable, until: later)
            pair.fill()
            async let woken = outcome(watch, .writable, until: later)
            pair.drainThere()
            #expect(await woken == .success(.writable))
        }
    }

    @Test
    func `the end of the other side wakes readers`() async throws {
        try await with { _, watch, pair in
            pair.closeThere()
            #expect(await outcome(watch, .readable, until: later) == .success(.readable))
        }
    }

    @Test
    func `a wait ends at its deadline and not before`() async throws {
        try await with { _, watch, _ in
            let deadline = ContinuousClock.now + soon
            #expect(await outcome(watch, .readable, until: deadline) == .failure(.deadline))
            #expect(ContinuousClock.now >= deadline)
        }
    }

    @Test
    func `an earlier deadline is not held up by a later one`() async throws {
        let reactor = try Reactor()
        defer { reactor.shutdown() }
        let (observation, hasty) = (reactor.makeWatch(), reactor.makeWatch())
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = try? await observation.wait(for: .readable, until: .now + .seconds(600)) }
            // Both orders of arrival occur over the rounds.
            for round in 1...20 {
                #expect(
                    await outcome(hasty, .readable, until: .now + .milliseconds(round % 5))
                        == .failure(.deadline))
            }
            group.cancelAll()
        }
    }

    @Test
    func `many deadlines at once all fire`() async throws {
        let reactor = try Reactor()
        defer { reactor.shutdown() }
        let fired = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<300 {
                let watch = reactor.makeWatch()
                group.addTask {
                    return await outcome(watch, .both, until: .now + .milliseconds(number % 40))
                        == .failure(.deadline)
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(fired == 300)
    }

    @Test
    func `cancelling ends a wait, before or after it began`() async throws {
        try await with { _, watch, _ in
            for delay in 0..<200 {
                let result = await withTaskGroup(of: Result<Readiness, WaitError>.self) { group in
                    group.addTask {
                        await outcome(watch, .readable, until: .now + .seconds(60))
                    }
                    for _ in 0..<delay { await Task.yield() }
                    group.cancelAll()
                    return await group.next()
                }
                #expect(result == .failure(.cancelled))
            }
        }
    }

    @Test
    func `raising wakes from any thread`() async throws {
        let reactor = try Reactor()
        defer { reactor.shutdown() }
        let watch = reactor.makeWatch()
        for _ in 0..<500 {
            async let woken = outcome(watch, .readable, until: later)
            watch.raise()
            #expect(await woken == .success(.readable))
        }
    }

    @Test
    func `events of a descriptor that is gone do not reach the next one with its number`() async throws {
        let reactor = try Reactor()
        defer { reactor.shutdown() }
        var same = 0
        for _ in 0..<200 {
            // The lowest free number is given again, unless another test was faster.
            let old = try SocketPair(from: 900)
            let oldWatch = reactor.makeWatch()
            try oldWatch.add(old.here)
            old.say("x")
            oldWatch.remove(old.here)
            oldWatch.close()
            old.close()
            let new = try SocketPair(from: 900)
            defer { new.close() }
            guard new.here == old.here else { continue }
            same += 1
            let watch = reactor.makeWatch()
            try watch.add(new.here)
            #expect(await outcome(watch, .readable, until: .now + .milliseconds(2)) == .failure(.deadline))
            watch.remove(new.here)
            watch.close()
        }
        #expect(same > 0)
    }

    @Test
    func `shutting down ends waits and refuses new ones`() async throws {
        let reactor = try Reactor()
        let watch = reactor.makeWatch()
        await withTaskGroup(of: Result<Readiness, WaitError>.self) { group in
            group.addTask {
                await outcome(watch, .readable, until: .now + .seconds(60))
            }
            await Task.yield()
            reactor.shutdown()
            let result = await group.next()
            #expect(result == .failure(.closed))
        }
        #expect(await outcome(watch, .readable, until: later) == .failure(.closed))
        #expect(await outcome(reactor.makeWatch(), .readable, until: later) == .failure(.closed))
    }

    @Test
    func `one watch hears of all its descriptors`() async throws {
        try await with { _, watch, first in
            let second = try SocketPair()
            defer { second.close() }
            try watch.add(second.here)
            _ = try await watch.wait(for: .writable, until: later)
            second.say("x")
            #expect(await outcome(watch, .readable, until: later) == .success(.readable))
            first.say("x")
            #expect(await outcome(watch, .readable, until: later) == .success(.readable))
        }
    }
}

/// How a wait ends.
private func outcome(_ watch: Watch, _ interest: Readiness, until deadline: ContinuousClock.Instant) async
    -> Result<Readiness, WaitError>
{
    do throws(WaitError) { return .success(try await watch.wait(for: interest, until: deadline)) } catch {
        return .failure(error)
    }
}

/// Two connected, non-blocking sockets.
struct SocketPair {
    let here: CInt
    let there: CInt

    /// With `here` numbered from `lowest` on.
    init(from lowest: CInt) throws {
        let pair = try SocketPair()
        there = pair.there
        here = fcntl(pair.here, F_DUPFD_CLOEXEC, lowest)
        Glibc.close(pair.here)
    }

    init() throws {
        var ends: [CInt] = [-1, -1]
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw ReactorError(call: "socketpair", code: errno)
        }
        (here, there) = (ends[0], ends[1])
    }

    func say(_ text: String) { _ = unsafe write(there, text, text.utf8.count) }

    func fill() {
        let bytes = [UInt8](repeating: 0, count: 65536)
        while unsafe write(here, bytes, bytes.count) > 0 {}
    }

    func drain() { drain(here) }
    func drainThere() { drain(there) }

    private func drain(_ descriptor: CInt) {
        var bytes = [UInt8](repeating: 0, count: 65536)
        while unsafe read(descriptor, &bytes, bytes.count) > 0 {}
    }

    func closeThere() { _ = Glibc.shutdown(there, CInt(SHUT_RDWR)) }

    func close() {
        Glibc.close(here)
        Glibc.close(there)
    }
}
