import Synchronization
import Testing

@testable import Remote

/// The pool over logins that are made up: how many there are, and which of them are lent again.
@Suite struct SessionPoolTests {
    private func target(_ name: String) -> SSHTarget { SSHTarget(id: HostID(name), host: name) }
    private let question = Command("true", operation: "ask")

    private func withPool<Value: Sendable>(
        _ machines: Machines, logins: Int = 8, sessions: Int = 8, keepsIdle: Bool = true,
        _ body: (SessionPool) async throws -> Value
    ) async throws -> Value {
        try await SessionPool.withPool(
            over: machines, SessionPool.Limits(logins: logins, sessions: sessions, keepsIdle: keepsIdle), body
        )
    }

    @Test func `many questions to a machine need one login`() async throws {
        let machines = Machines()
        try await withPool(machines) { pool in
            for _ in 0..<5 { _ = try await pool.ask(target("a"), question).get() }
            await withDiscardingTaskGroup { group in
                for _ in 0..<5 { group.addTask { _ = await pool.ask(target("a"), question) } }
            }
        }
        #expect(machines.logins("a") == 1)
        #expect(machines.open == 0)
    }

    @Test func `a run that keeps no session closes each after its question`() async throws {
        let machines = Machines()
        try await withPool(machines, keepsIdle: false) { pool in
            for name in ["a", "b", "a"] { _ = try await pool.ask(target(name), question).get() }
            #expect(machines.open == 0)
        }
        #expect(machines.logins("a") == 2)
    }

    @Test func `a session that broke while it was idle is opened anew`() async throws {
        let machines = Machines()
        try await withPool(machines) { pool in
            _ = try await pool.ask(target("a"), question).get()
            machines.breakIdle()
            _ = try await pool.ask(target("a"), question).get()
        }
        #expect(machines.logins("a") == 2)
    }

    @Test func `a question under which the session breaks is asked once more, and a change is not`()
        async throws
    {
        let machines = Machines()
        let change = Command("rm", operation: "change", changes: true)
        try await withPool(machines) { pool in
            _ = try await pool.ask(target("a"), question).get()
            machines.breakNextCommand()
            _ = try await pool.ask(target("a"), question).get()
            #expect(machines.logins("a") == 2)
            machines.breakNextCommand()
            guard case .failure(let error) = await pool.ask(target("a"), change) else {
                Issue.record("the change was sent twice")
                return
            }
            #expect(!error.outcomeIsKnown)
            #expect(machines.logins("a") == 2)
        }
    }

    @Test func `a question that breaks a new login too is not asked a third time`() async throws {
        let machines = Machines()
        try await withPool(machines) { pool in
            machines.breakNextCommand()
            guard case .failure(let error) = await pool.ask(target("a"), question), error.isConnectionLost
            else {
                Issue.record("it was asked again")
                return
            }
        }
        #expect(machines.logins("a") == 1)
    }

    @Test func `a proof logs in, and takes the place of the idle session`() async throws {
        let machines = Machines()
        try await withPool(machines) { pool in
            _ = try await pool.ask(target("a"), question).get()
            _ = try await pool.askAnew(target("a"), question).get()
            #expect(machines.open == 1)
            _ = try await pool.ask(target("a"), question).get()
        }
        #expect(machines.logins("a") == 2)
    }

    @Test func `whoever holds a session leaves the questions one of their own`() async throws {
        let machines = Machines()
        try await withPool(machines) { pool in
            try await pool.withSession(to: target("a")) { _ in
                for _ in 0..<3 { _ = try await pool.ask(target("a"), question).get() }
            }
        }
        #expect(machines.logins("a") == 2)
    }

    @Test func `no more sessions are open than may be, and idle ones make room`() async throws {
        let machines = Machines()
        try await withPool(machines, sessions: 3) { pool in
            for name in ["a", "b", "c", "d", "e"] { _ = try await pool.ask(target(name), question).get() }
            #expect(machines.open == 3)
            // The last ones are still there.
            _ = try await pool.ask(target("e"), question).get()
            #expect(machines.logins("e") == 1)
            await withDiscardingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask { _ = await pool.ask(target("n\(number)"), question) }
                }
            }
        }
        #expect(machines.mostOpen == 3)
        #expect(machines.open == 0)
    }

    @Test func `no more logins are in flight than may be`() async throws {
        let machines = Machines()
        try await withPool(machines, logins: 2, sessions: 64) { pool in
            await withDiscardingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask { _ = await pool.ask(target("n\(number)"), question) }
                }
            }
        }
        #expect(machines.mostLogins == 2)
    }

    @Test func `a login that fails is an error for its machine, and gives its place back`() async throws {
        let machines = Machines()
        try await withPool(machines, sessions: 1) { pool in
            guard case .failure(let error) = await pool.ask(target("down"), question),
                error.kind == .unreachable
            else {
                Issue.record("it answers")
                return
            }
            _ = try await pool.ask(target("a"), question).get()
        }
        #expect(machines.open == 0)
    }

    @Test func `whoever is cancelled while waiting for a turn asks nothing`() async throws {
        let machines = Machines()
        let asked = try await withPool(machines, sessions: 1) { pool in
            try await pool.withSession(to: target("a")) { _ in
                await withTaskGroup(of: Bool.self) { group in
                    group.addTask {
                        if case .failure(let error) = await pool.ask(target("b"), question) {
                            !error.isCancelled
                        } else {
                            true
                        }
                    }
                    group.cancelAll()
                    return await group.next() ?? true
                }
            }
        }
        #expect(!asked)
        #expect(machines.logins("b") == 0)
    }
}

/// Machines that let everybody in and answer nothing, and count.
private final class Machines: Connector {
    private let state = Mutex(State())

    private struct State {
        var logins: [String: Int] = [:]
        var inFlight = 0
        var mostLogins = 0
        var open = 0
        var mostOpen = 0
        var generation = 0
        var breaksNext = false
    }

    func logins(_ name: String) -> Int { state.withLock { $0.logins[name] ?? 0 } }
    var open: Int { state.withLock { $0.open } }
    var mostOpen: Int { state.withLock { $0.mostOpen } }
    var mostLogins: Int { state.withLock { $0.mostLogins } }
    /// Sessions that are open now are of no use any more.
    func breakIdle() { state.withLock { $0.generation += 1 } }
    func breakNextCommand() { state.withLock { $0.breaksNext = true } }

    func connect(to target: SSHTarget) async throws(RemoteError) -> any PooledSession {
        state.withLock { state in
            state.inFlight += 1
            state.mostLogins = max(state.mostLogins, state.inFlight)
        }
        await Task.yield()
        let generation = state.withLock { state in
            state.inFlight -= 1
            return state.generation
        }
        if target.host == "down" { throw .unreachable(host: target.id, cause: "nobody is there", hint: nil) }
        state.withLock { state in
            state.logins[target.host, default: 0] += 1
            state.open += 1
            state.mostOpen = max(state.mostOpen, state.open)
        }
        return Session(host: target.id, machines: self, generation: generation)
    }

    private struct Session: PooledSession {
        let host: HostID
        let machines: Machines
        let generation: Int
        let isBroken = Flag()

        var isUsable: Bool {
            get async { !isBroken.isSet && machines.state.withLock { $0.generation } == generation }
        }

        func isAlive(within timeout: Duration) async -> Bool { await isUsable }
        func close() async { machines.state.withLock { $0.open -= 1 } }

        func run(_ command: Command) async throws(RemoteError) -> CommandOutput {
            await Task.yield()
            let breaks = machines.state.withLock { state in
                defer { state.breaksNext = false }
                return state.breaksNext
            }
            if breaks {
                isBroken.set()
                throw .connectionLost(
                    host: host, operation: command.operation, cause: "cut", changes: command.changes)
            }
            return CommandOutput(stdout: [], stderr: [], status: .code(0))
        }

        func hold<Result: Sendable>(
            _ command: Command, _ body: sending (any HeldCommand) async throws -> Result
        ) async throws -> Result {
            throw RemoteError.configuration(host: host, cause: "holds nothing", hint: nil)
        }
    }
}

private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}
