internal import Glibc
internal import Reactor
internal import Remote
internal import Synchronization

/// The agents of a run, one per socket.
final class AgentPool: Sendable {
    private let reactor: Reactor
    private let agents = Mutex<[String: Agent]>([:])

    init(reactor: Reactor) { self.reactor = reactor }

    func agent(at path: String) -> Agent {
        agents.withLock { agents in
            if let agent = agents[path] { return agent }
            let agent = Agent(path: path, reactor: reactor)
            agents[path] = agent
            return agent
        }
    }
}

/// A non-blocking client of ssh-agent. Each request has its own connection, because the protocol is strictly
/// request and answer (draft-miller-ssh-agent).
final class Agent: Sendable {
    let path: String
    private let reactor: Reactor
    private let keys = Mutex<[AgentKey]?>(nil)
    private let gate = AsyncSemaphore()

    /// A key that the agent holds.
    struct AgentKey: Hashable, Sendable {
        let publicKey: [UInt8]
        let comment: String
    }

    init(path: String, reactor: Reactor) {
        self.path = path
        self.reactor = reactor
    }

    private enum Message {
        static let failure: UInt8 = 5
        static let requestIdentities: UInt8 = 11
        static let identitiesAnswer: UInt8 = 12
        static let signRequest: UInt8 = 13
        static let signResponse: UInt8 = 14
    }

    /// The keys in the agent; empty when it does not answer. The first answer is kept for the run.
    func identities(until deadline: ContinuousClock.Instant) async -> [AgentKey] {
        if let keys = keys.withLock({ $0 }) { return keys }
        guard await gate.enter() else { return [] }
        defer { gate.leave() }
        if let keys = keys.withLock({ $0 }) { return keys }
        // A missing answer is not kept: only this machine's time limit may have expired.
        guard let answer = await ask([Message.requestIdentities], until: deadline),
            answer.first == Message.identitiesAnswer
        else { return [] }
        let found = Self.parseIdentities(answer)
        keys.withLock { $0 = found }
        return found
    }

    static func parseIdentities(_ answer: [UInt8]) -> [AgentKey] {
        guard answer.first == Message.identitiesAnswer else { return [] }
        var reader = WireReader(answer.dropFirst())
        var keys: [AgentKey] = []
        for _ in 0..<min(reader.number() ?? 0, 1000) {
            guard let key = reader.string(), let comment = reader.text() else { break }
            keys.append(AgentKey(publicKey: key, comment: comment))
        }
        return keys
    }

    /// Has `data` signed; `nil` when the agent refuses or does not answer.
    ///
    /// - Returns: the bare signature, without the name of its algorithm.
    func sign(_ data: [UInt8], with key: [UInt8], until deadline: ContinuousClock.Instant) async -> [UInt8]? {
        var request = [Message.signRequest]
        request.appendWire(key)
        request.appendWire(data)
        request.appendWire(number: Self.signFlags(data))
        guard let answer = await ask(request, until: deadline), answer.first == Message.signResponse else {
            return nil
        }
        var reader = WireReader(answer.dropFirst())
        guard let signature = reader.string() else { return nil }
        var inner = WireReader(signature)
        guard inner.string() != nil else { return nil }
        return inner.string()
    }

    /// The flags that make an RSA key sign with the algorithm that `data` itself names (RFC 4252 section 7).
    private static func signFlags(_ data: [UInt8]) -> Int {
        var reader = WireReader(data)
        guard reader.string() != nil, reader.skip(1), reader.string() != nil, reader.string() != nil,
            reader.string() != nil, reader.skip(1)
        else { return 0 }
        return switch reader.text() {
        case "rsa-sha2-256": 2
        case "rsa-sha2-512": 4
        default: 0
        }
    }

    // MARK: - One question

    private func ask(_ request: [UInt8], until deadline: ContinuousClock.Instant) async -> [UInt8]? {
        let watch = reactor.makeWatch()
        defer { watch.close() }
        // Connecting to a local socket succeeds or fails at once, unless its backlog is full; then the agent counts as
        // absent.
        guard let descriptor = connectLocally(to: path, flags: CInt(SOCK_NONBLOCK.rawValue)) else {
            return nil
        }
        defer { _ = close(descriptor) }
        guard (try? watch.add(descriptor)) != nil else { return nil }
        defer { watch.remove(descriptor) }
        var message: [UInt8] = []
        message.appendWire(request)
        guard await write(message, to: descriptor, watch, until: deadline),
            let header = await read(4, from: descriptor, watch, until: deadline)
        else { return nil }
        var reader = WireReader(header)
        guard let count = reader.number(), count <= 256 << 10 else { return nil }
        return await read(count, from: descriptor, watch, until: deadline)
    }

    private func write(
        _ bytes: [UInt8], to descriptor: CInt, _ watch: Watch, until deadline: ContinuousClock.Instant
    ) async -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe send(
                    descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent,
                    CInt(MSG_NOSIGNAL))
            }
            if count > 0 {
                sent += count
            } else if count < 0, errno == EAGAIN {
                guard (try? await watch.wait(for: .writable, until: deadline)) != nil else { return false }
            } else if count == 0 || errno != EINTR {
                return false
            }
        }
        return true
    }

    private func read(
        _ count: Int, from descriptor: CInt, _ watch: Watch, until deadline: ContinuousClock.Instant
    ) async -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var received = 0
        while received < count {
            let got = unsafe bytes.withUnsafeMutableBytes { bytes in
                unsafe recv(descriptor, bytes.baseAddress?.advanced(by: received), count - received, 0)
            }
            if got > 0 {
                received += got
            } else if got < 0, errno == EAGAIN {
                guard (try? await watch.wait(for: .readable, until: deadline)) != nil else { return nil }
            } else if got == 0 || errno != EINTR {
                return nil
            }
        }
        return bytes
    }
}
