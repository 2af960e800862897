internal import Glibc
internal import Reactor
internal import Remote
internal import Synchronization

/// Checks the host keys of machines against known_hosts, and adds new ones if the options allow it.
final class HostKeys: Sendable {
    private let reactor: Reactor
    /// The files read so far. Each set of files is read once per run.
    private let read = Mutex<[[String]: Result<KnownHosts, Unreadable>]>([:])
    private let gate = AsyncSemaphore()

    /// A known_hosts file that cannot be read completely, so that its changed and revoked keys are unknown.
    private struct Unreadable: Error {
        let file: String
        let why: String
    }

    init(reactor: Reactor) { self.reactor = reactor }

    /// The contents of a hop's known_hosts files.
    ///
    /// - Throws: ``RemoteError`` when a file exists and cannot be read completely.
    func known(for hop: Hop, on host: HostID, until deadline: ContinuousClock.Instant)
        async throws(RemoteError)
        -> KnownHosts
    {
        let files = hop.userKnownHosts + hop.globalKnownHosts
        do {
            return try await result(files, on: host, until: deadline).get()
        } catch let error as Unreadable {
            throw .configuration(
                host: host, operation: .verifyHostKey(of: hop.label),
                cause: "\(error.file) cannot be read whole: \(error.why)",
                hint:
                    "changed and revoked host keys may stand in it: make it readable, or take out what is not needed"
            )
        } catch let error as RemoteError {
            throw error
        } catch {
            throw .configuration(host: host, operation: .verifyHostKey(of: hop.label), cause: "\(error)")
        }
    }

    private func result(_ files: [String], on host: HostID, until deadline: ContinuousClock.Instant)
        async throws(RemoteError) -> Result<KnownHosts, Unreadable>
    {
        if let known = read.withLock({ $0[files] }) { return known }
        guard await gate.enter() else { throw .cancelled(host: host) }
        defer { gate.leave() }
        if let known = read.withLock({ $0[files] }) { return known }
        do {
            let known = try await offPool(reactor, until: deadline) { Self.read(files) }
            read.withLock { $0[files] = known }
            return known
        } catch .cancelled {
            throw .cancelled(host: host)
        } catch {
            throw .unreachable(
                host: host, cause: "\(files.joined(separator: ", ")): not read in time")
        }
    }

    private static func read(_ files: [String]) -> Result<KnownHosts, Unreadable> {
        var known = KnownHosts()
        for file in files {
            switch readFile(file, atMost: FileLimit.trust) {
            case .success(let bytes):
                if let why = damage(of: bytes) { return .failure(Unreadable(file: file, why: why)) }
                known.add(bytes, file: file)
            case .failure(let error):
                if !error.isMissing { return .failure(Unreadable(file: file, why: error.message)) }
            }
        }
        return .success(known)
    }

    /// Why the file is damaged, or `nil`. A crash may leave zero bytes, at which ssh stops reading a line.
    private static func damage(of bytes: [UInt8]) -> String? {
        let zero = unsafe bytes.withUnsafeBufferPointer { bytes -> Int? in
            guard let base = bytes.baseAddress, let found = unsafe memchr(base, 0, bytes.count) else {
                return nil
            }
            return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
        return zero.map { zero in
            "line \(bytes[..<zero].count { $0 == UInt8(ascii: "\n") } + 1) has a zero byte"
        }
    }

    /// Checks a host key.
    ///
    /// - `address`: the address of the connection, when `CheckHostIP` requires a check of its line too.
    ///
    /// - Throws: ``RemoteError`` for unknown, changed or revoked keys, and for lines that cannot be used.
    func check(
        key: [UInt8], digest: [UInt8], of hop: Hop, at address: String? = nil, for host: HostID,
        until deadline: ContinuousClock.Instant
    )
        async throws(RemoteError)
    {
        let known = try await known(for: hop, on: host, until: deadline)
        let fingerprint = "\(KnownHosts.kind(of: key)) \(KnownHosts.fingerprint(digest: digest))"
        let file = hop.userKnownHosts.first ?? "known_hosts"
        if let bits = KnownHosts.rsaBits(of: key), bits < hop.restrictions.requiredRSASize {
            throw .configuration(
                host: host,
                operation: .verifyHostKey(of: hop.label),
                cause: "it is \(fingerprint) of \(bits) bits, and RequiredRSASize is "
                    + "\(hop.restrictions.requiredRSASize)",
                hint: "give the host a longer key, or an ed25519 one")
        }
        if let address, address != hop.address {
            switch known.verdict(on: key, of: hop.knownHostsName(of: address), bareName: address) {
            case .changed(let at), .revoked(let at):
                throw .changedHostKey(
                    host: host, shown: "\(hop.label) by its address \(address) (CheckHostIP)",
                    fingerprint: fingerprint, expectedAt: at)
            default: break
            }
        }
        switch known.verdict(on: key, of: hop.knownHostsName, bareName: hop.bareName) {
        case .known: return
        case .changed(let at):
            throw .changedHostKey(host: host, shown: hop.label, fingerprint: fingerprint, expectedAt: at)
        case .revoked(let at):
            throw .revokedHostKey(host: host, shown: hop.label, fingerprint: fingerprint, revokedAt: at)
        case .knownByRevokedOnly(let at):
            throw .configuration(
                host: host, operation: .verifyHostKey(of: hop.label),
                cause:
                    "it shows \(fingerprint), and is known only by a key that is marked as revoked (\(at))",
                hint:
                    "if the machine got a new key, compare the fingerprint on its console and add it to \(file) by hand"
            )
        case .otherKinds(let at, let kinds):
            throw .configuration(
                host: host, operation: .verifyHostKey(of: hop.label),
                cause: "it shows \(fingerprint), and is known by \(kinds.joined(separator: ", ")) (\(at))",
                hint: "compare the fingerprint on the machine's console and add this key too, "
                    + "or use --transport openssh")
        case .unusable(let at, let why):
            throw .configuration(
                host: host, operation: .verifyHostKey(of: hop.label),
                cause: "it shows \(fingerprint), and \(at) cannot confirm it: \(why)",
                hint: "repair or remove that line, or use --transport openssh for host certificates")
        case .unknown where hop.acceptNew:
            try await accept(key, digest: digest, of: hop, for: host, until: deadline)
        case .unknown:
            throw .unknownHostKey(host: host, shown: hop.label, fingerprint: fingerprint, knownHosts: file)
        }
    }

    /// Appends a line for the key to the user's first file.
    private func accept(
        _ key: [UInt8], digest: [UInt8], of hop: Hop, for host: HostID,
        until deadline: ContinuousClock.Instant
    ) async throws(RemoteError) {
        guard let file = hop.userKnownHosts.first else { return }
        let name = hop.knownHostsName
        let line = KnownHosts.line(for: name, key: key, hashed: hop.hashKnownHosts)
        let outcome: Result<Int?, FileError>
        do {
            outcome = try await offPool(reactor, until: deadline) {
                appendLocked(line, to: file) { bytes in
                    // Another run may have added another key of the machine in the meantime.
                    var now = KnownHosts()
                    now.add(bytes, file: file)
                    return now.verdict(on: key, of: name, bareName: hop.bareName) == .unknown
                }
            }
        } catch {
            throw .cancelled(host: host, .verifyHostKey(of: hop.label))
        }
        switch outcome {
        case .failure(let error):
            throw .configuration(
                host: host, operation: .verifyHostKey(of: hop.label),
                cause: "it cannot be added to \(file): \(error.message)")
        case .success(let number?):
            read.withLock { read in
                for files in read.keys where files.contains(file) {
                    guard case .success(var known) = read[files] else { continue }
                    // The stored value is removed first, so that adding a line does not copy its tables.
                    read[files] = nil
                    known.add(line, file: file, firstLine: number)
                    read[files] = .success(known)
                }
            }
        case .success(nil):
            // Another process has added a line for this host: check the key against it.
            read.withLock { $0 = [:] }
            var strict = hop
            strict.acceptNew = false
            try await check(key: key, digest: digest, of: strict, for: host, until: deadline)
        }
    }
}
