import Addresses
import Glibc
import Synchronization
import Testing

@testable import Reactor

/// Pings by real sockets, which are opened in network namespaces of the tests' own, where the loopback alone is up.
@Suite(.enabled(if: geteuid() == 0, "only root makes network namespaces"), .timeLimit(.minutes(1)))
struct EchoSocketTests {
    private typealias Opened = Result<EchoSocket, ReactorError>

    /// - `groups`: who may ping, as `net.ipv4.ping_group_range` has it.
    private func sockets(to addresses: [IPAddress], groups: String) throws -> [Opened] {
        let opened = Mutex<[Opened]>([])
        try NetworkNamespace.run(groups: groups) {
            let all = addresses.map { address in
                Opened { () throws(ReactorError) in try EchoSocket(to: address) }
            }
            opened.withLock { $0 = all }
        }
        return opened.withLock { $0 }
    }

    private static let loopback = [IPAddress.v4(0x7F00_0001), .v6(high: 0, low: 1)]

    @Test func `every request is answered, over IPv4 and IPv6`() async throws {
        let reactor = try Reactor()
        defer { reactor.shutdown() }
        for opened in try sockets(to: Self.loopback, groups: "0 2147483647") {
            let socket = try opened.get()
            let answers = Mutex<[EchoSocket.Answer]>([])
            let asking = Task {
                try await socket.ask(every: .milliseconds(5), on: reactor) { answer in
                    answers.withLock { $0.append(answer) }
                }
            }
            while answers.withLock({ $0.count }) < 40 { try await Task.sleep(for: .milliseconds(5)) }
            asking.cancel()
            try await asking.value
            let all = answers.withLock { $0 }
            #expect(all.map(\.number).prefix(40) == Array(1...40)[...])
            for answer in all {
                #expect(answer.received >= answer.sent)
            }
        }
    }

    @Test func `an address that nobody has is not answered`() async throws {
        let reactor = try Reactor()
        defer { reactor.shutdown() }
        let nobody = IPAddress.v4(0xCB00_71FA)
        let opened = try sockets(to: [nobody], groups: "0 2147483647")[0]
        // Without a route the address cannot even be connected to.
        #expect(throws: ReactorError(call: "connect", code: ENETUNREACH)) { try opened.get() }
    }

    @Test func `a user who may not ping learns that`() throws {
        for opened in try sockets(to: Self.loopback, groups: "1 0") {
            guard case .failure(let error) = opened else {
                Issue.record("it was opened")
                continue
            }
            #expect(EchoSocket.isRefusal(error), "\(error)")
        }
    }

    @Test func `only a reply to a request of this program is one`() {
        let request = EchoMessage(number: 70_000, time: 1_796_095_743_000_000)
        for isIPv6 in [false, true] {
            var bytes = request.bytes(isIPv6: isIPv6)
            #expect(EchoMessage(reply: bytes[...], isIPv6: isIPv6) == nil)
            bytes[0] = isIPv6 ? 129 : 0
            #expect(EchoMessage(reply: bytes[...], isIPv6: isIPv6) == request)
            #expect(EchoMessage(reply: bytes[...], isIPv6: !isIPv6) == nil)
            #expect(EchoMessage(reply: bytes.dropLast(), isIPv6: isIPv6) == nil)
            bytes[7] &+= 1
            #expect(EchoMessage(reply: bytes[...], isIPv6: isIPv6) == nil)
        }
        #expect(EchoMessage(reply: Array(repeating: 255, count: 24)[...], isIPv6: false) == nil)
    }
}

/// Runs code on a thread of its own in a new network namespace. Descriptors that it opens belong there for good.
private final class NetworkNamespace: Sendable {
    private let groups: String
    private let body: @Sendable () -> Void
    private let isMade = Mutex(false)

    private init(groups: String, _ body: @escaping @Sendable () -> Void) {
        (self.groups, self.body) = (groups, body)
    }

    static func run(groups: String, _ body: @escaping @Sendable () -> Void) throws {
        let namespace = NetworkNamespace(groups: groups, body)
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(namespace).toOpaque()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<NetworkNamespace>.fromOpaque(argument).takeRetainedValue().enter()
                return nil
            }, context)
        try #require(code == 0)
        pthread_join(thread, nil)
        try #require(namespace.isMade.withLock { $0 }, "no network namespace")
    }

    /// `unshare(CLONE_NEWNET)`, which Glibc's module does not have.
    private static func leaveNetwork() -> Bool {
        guard let function = unsafe dlsym(nil, "unshare") else { return false }
        let unshare = unsafe unsafeBitCast(function, to: (@convention(c) (CInt) -> CInt).self)
        return unshare(0x4000_0000) == 0
    }

    private func enter() {
        guard Self.leaveNetwork() else { return }
        let control = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
        defer { close(control) }
        var request = unsafe ifreq()
        unsafe withUnsafeMutableBytes(of: &request.ifr_ifrn) { unsafe $0.copyBytes(from: Array("lo".utf8)) }
        unsafe request.ifr_ifru.ifru_flags = Int16(IFF_UP)
        guard unsafe ioctl(control, UInt(SIOCSIFFLAGS), &request) == 0 else { return }
        let range = unsafe open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY)
        defer { close(range) }
        let count = unsafe write(range, groups, groups.utf8.count)
        guard count == groups.utf8.count else { return }
        isMade.withLock { $0 = true }
        body()
    }
}
