package import Addresses
internal import Glibc

/// Pings one address by ICMP datagrams, which the kernel lets ordinary users send where `net.ipv4.ping_group_range` has their
/// group (icmp(7)). It hands only the replies to this socket's own requests to it.
package final class EchoSocket: Sendable {
    /// A request that was answered. Times are microseconds since 1970.
    package struct Answer: Hashable, Sendable {
        /// The number of the request, from 1.
        package var number: Int
        package var sent: Int
        package var received: Int
    }

    private let descriptor: CInt
    private let isIPv6: Bool

    /// Opens the socket and connects it to the address.
    ///
    /// - Throws: ``ReactorError``; ``isRefusal(_:)`` says whether this user may not.
    package init(to address: IPAddress) throws(ReactorError) {
        isIPv6 = address.isIPv6
        let family = address.isIPv6 ? AF_INET6 : AF_INET
        let type = CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(family, type, CInt(address.isIPv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
        guard descriptor >= 0 else { throw ReactorError(call: "socket", code: errno) }
        guard Self.connect(descriptor, address) == 0 else {
            let code = errno
            _ = Glibc.close(descriptor)
            throw ReactorError(call: "connect", code: code)
        }
    }

    deinit { _ = Glibc.close(descriptor) }

    /// Whether a failure means that this user may not open such a socket.
    package static func isRefusal(_ error: ReactorError) -> Bool {
        error.call == "socket" && (error.code == EACCES || error.code == EPERM)
    }

    /// Whether this user may ping over IPv4 and IPv6. A family that this machine does not have forbids nothing.
    package static var isAllowed: Bool {
        [IPAddress.v4(0x7F00_0001), .v6(high: 0, low: 1)].allSatisfy { address in
            do throws(ReactorError) {
                _ = try EchoSocket(to: address)
                return true
            } catch {
                return !isRefusal(error)
            }
        }
    }

    /// Sends requests at equal intervals and hands the answers on, until the task is cancelled. Answers may come out of order.
    ///
    /// - Throws: ``ReactorError`` when the reactor does not take the socket.
    package func ask(
        every interval: Duration, on reactor: Reactor, _ each: @escaping @Sendable (Answer) -> Void
    ) async throws(ReactorError) {
        let watch = reactor.makeWatch()
        defer { watch.close() }
        try watch.add(descriptor)
        defer { watch.remove(descriptor) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.send(every: interval) }
            group.addTask { await self.receive(on: watch, each) }
            await group.waitForAll()
        }
    }

    private func send(every interval: Duration) async {
        var next = ContinuousClock.now
        var number = 0
        while !Task.isCancelled {
            number += 1
            // A request that cannot be sent is one that is not answered: no route, no neighbour.
            let request = EchoMessage(number: number, time: Self.now).bytes(isIPv6: isIPv6)
            _ = unsafe Glibc.send(descriptor, request, request.count, 0)
            // After a pause of this machine the requests that it has missed are not sent all at once.
            next = max(next + interval, ContinuousClock.now - interval)
            try? await Task.sleep(until: next, clock: .continuous)
        }
    }

    private func receive(on watch: Watch, _ each: @Sendable (Answer) -> Void) async {
        var buffer = [UInt8](repeating: 0, count: 512)
        while !Task.isCancelled {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            let now = Self.now
            if count >= 0 {
                guard let message = EchoMessage(reply: buffer.prefix(count), isIPv6: isIPv6),
                    message.time <= now, message.number > 0
                else { continue }
                each(Answer(number: message.number, sent: message.time, received: now))
                continue
            }
            // Errors of single requests are reported here too, once each.
            if errno == EAGAIN || errno == EWOULDBLOCK {
                _ = try? await watch.wait(for: .readable, until: .now + .seconds(1))
            } else {
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    private static var now: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
    }

    private static func connect(_ descriptor: CInt, _ address: IPAddress) -> CInt {
        func connect<Address>(_ value: Address) -> CInt {
            unsafe withUnsafePointer(to: value) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
                }
            }
        }
        switch address {
        case .v4(let value):
            var four = sockaddr_in()
            four.sin_family = sa_family_t(AF_INET)
            four.sin_addr.s_addr = value.bigEndian
            return connect(four)
        case .v6(let high, let low):
            var six = sockaddr_in6()
            six.sin6_family = sa_family_t(AF_INET6)
            unsafe withUnsafeMutableBytes(of: &six.sin6_addr) { bytes in
                unsafe bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
                unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            return connect(six)
        }
    }
}

/// An echo request or reply of RFC 792 and RFC 4443: a head of eight bytes, and what this program needs to know of its request.
struct EchoMessage: Hashable {
    var number: Int
    /// When the request was sent; microseconds since 1970.
    var time: Int

    init(number: Int, time: Int) { (self.number, self.time) = (number, time) }

    /// The kernel writes the identifier, which is the socket's, and the checksum.
    func bytes(isIPv6: Bool) -> [UInt8] {
        [
            isIPv6 ? 128 : 8, 0, 0, 0, 0, 0, UInt8(truncatingIfNeeded: number >> 8),
            UInt8(truncatingIfNeeded: number),
        ]
            + Self.bytes(number) + Self.bytes(time)
    }

    /// `nil` for anything that is not a reply to such a request.
    init?(reply: ArraySlice<UInt8>, isIPv6: Bool) {
        let bytes = Array(reply)
        guard bytes.count == 24, bytes[0] == (isIPv6 ? 129 : 0), bytes[1] == 0 else { return nil }
        guard let number = Int(exactly: Self.number(bytes[8..<16])),
            let time = Int(exactly: Self.number(bytes[16..<24])),
            number & 0xFFFF == Int(bytes[6]) << 8 | Int(bytes[7])
        else { return nil }
        self.init(number: number, time: time)
    }

    private static func bytes(_ value: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
