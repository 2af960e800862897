internal import Glibc
internal import Reactor

/// Why no TCP connection could be opened.
enum DialError: Error, Sendable {
    case unresolvable(String)
    /// The address to connect from cannot be used.
    case noSource(String, why: String)
    /// One cause for each address that was tried; with the address when there are several.
    case refused(String)
    /// `EMFILE` or `ENFILE`: this machine has no descriptors left.
    case descriptors(CInt)
    case wait(WaitError)
}

/// Opens TCP connections without blocking: every address of a name in turn, within one deadline.
struct Dialer: Sendable {
    let reactor: Reactor

    /// Returns a connected, non-blocking socket that is registered with `watch`.
    ///
    /// - `source`: the address to connect from; `nil` leaves it to the kernel.
    func connect(
        to host: String, port: Int, family: AddressFamily, from source: String?,
        watch: Watch,
        until deadline: ContinuousClock.Instant
    ) async throws(DialError) -> CInt {
        let addresses = try await addresses(of: host, port: port, family, until: deadline)
        let sources = try await self.sources(source, until: deadline)
        var causes: [(address: SocketAddress, why: String)] = []
        for (index, address) in addresses.enumerated() {
            // Each address gets an equal share of the remaining time, so that one that drops packets leaves time
            // for the others.
            let left = ContinuousClock.now.duration(to: deadline) / (addresses.count - index)
            let share = index == addresses.count - 1 ? deadline : ContinuousClock.now + left
            do {
                return try await connect(to: address, from: sources, watch: watch, until: share)
            } catch .refused(let cause) {
                causes.append((address, cause))
            } catch .wait(.deadline) where index < addresses.count - 1 {
                causes.append((address, "no answer"))
            }
        }
        throw .refused(
            causes.count == 1
                ? causes[0].why
                : causes.map { "\($0.address.text): \($0.why)" }.joined(separator: "; "))
    }

    /// The addresses of `BindAddress`.
    private func sources(_ source: String?, until deadline: ContinuousClock.Instant) async throws(DialError)
        -> (name: String, addresses: [SocketAddress])?
    {
        guard let source else { return nil }
        do {
            return (source, try await addresses(of: source, port: 0, .any, until: deadline))
        } catch .unresolvable(let why) {
            throw .noSource(source, why: why)
        }
    }

    private func addresses(
        of host: String, port: Int, _ family: AddressFamily, until deadline: ContinuousClock.Instant
    ) async throws(DialError) -> [SocketAddress] {
        if let literal = SocketAddress.literal(host, port: port, family) { return literal }
        let result: Result<[SocketAddress], SocketAddress.ResolverError>
        do {
            result = try await offPool(reactor, until: deadline) {
                SocketAddress.resolve(host, port: port, family)
            }
        } catch {
            throw .wait(error)
        }
        switch result {
        case .success(let addresses) where !addresses.isEmpty: return addresses
        case .success: throw .unresolvable("no address")
        case .failure(let error): throw .unresolvable(error.message)
        }
    }

    private func connect(
        to address: SocketAddress, from sources: (name: String, addresses: [SocketAddress])?, watch: Watch,
        until deadline: ContinuousClock.Instant
    ) async throws(DialError) -> CInt {
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else {
            if errno == EMFILE || errno == ENFILE { throw .descriptors(errno) }
            throw .refused(String(errno: errno))
        }
        do {
            if let sources { try bind(descriptor, to: sources, for: address) }
            try await finish(descriptor, address: address, watch: watch, until: deadline)
            return descriptor
        } catch {
            watch.remove(descriptor)
            _ = close(descriptor)
            throw error
        }
    }

    private func bind(
        _ descriptor: CInt, to sources: (name: String, addresses: [SocketAddress]), for address: SocketAddress
    ) throws(DialError) {
        guard let source = sources.addresses.first(where: { $0.family == address.family }) else {
            throw .noSource(sources.name, why: "\(address.text) is of another family")
        }
        let code = unsafe source.bytes.withUnsafeBytes { raw in
            unsafe Glibc.bind(
                descriptor, raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
        }
        if code != 0 { throw .noSource(sources.name, why: String(errno: errno)) }
    }

    private func finish(
        _ descriptor: CInt, address: SocketAddress, watch: Watch, until deadline: ContinuousClock.Instant
    ) async throws(DialError) {
        // TCP_NODELAY: libssh2 writes one packet per call and waits for the answer, so a delay gains nothing.
        var on: CInt = 1
        unsafe setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
        let code = unsafe address.bytes.withUnsafeBytes { raw in
            unsafe Glibc.connect(
                descriptor, raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
        }
        let immediate = code == 0 ? 0 : errno
        guard immediate == 0 || immediate == EINPROGRESS else { throw .refused(String(errno: immediate)) }
        // Registered only now, because an unconnected socket reports a hang-up at once.
        do { try watch.add(descriptor) } catch {
            throw .refused("\(error.call): \(String(errno: error.code))")
        }
        guard immediate == EINPROGRESS else { return }
        while true {
            do { _ = try await watch.wait(for: .writable, until: deadline) } catch { throw .wait(error) }
            var pending: CInt = 0
            var length = socklen_t(MemoryLayout<CInt>.size)
            unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &pending, &length)
            guard pending == 0 else { throw .refused(String(errno: pending)) }
            // The wait may end spuriously; a socket is connected only if it has a peer.
            var peer = sockaddr_storage()
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let connected = unsafe withUnsafeMutablePointer(to: &peer) { peer in
                unsafe peer.withMemoryRebound(to: sockaddr.self, capacity: 1) { peer in
                    unsafe getpeername(descriptor, peer, &size) == 0
                }
            }
            if connected { return }
        }
    }
}
