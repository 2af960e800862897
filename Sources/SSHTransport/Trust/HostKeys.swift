internal import Glibc
internal import Reactor
internal import Remote
internal import Synchronization

/// Decides whether the key that a machine shows is the key that it should show; remembers new ones if told to.
final class HostKeys: Sendable {
    private let reactor: Reactor
    /// Files read so far, each set once per run.
    private let read = Mutex<[[String]: KnownHosts]>([:])
    private let gate = Gate()

    init(reactor: Reactor) { self.reactor = reactor }

    /// What is known, for a hop's files.
    func known(for hop: Hop, until deadline: ContinuousClock.Instant) async throws(WaitError) -> KnownHosts {
        let files = hop.userKnownHosts + hop.globalKnownHosts
        if let known = read.withLock({ $0[files] }) { return known }
        guard await gate.enter() else { throw .cancelled }
        defer { gate.leave() }
        if let known = read.withLock({ $0[files] }) { return known }
        let known = try await offPool(reactor, until: deadline) {
            var known = KnownHosts()
            for file in files {
                if case .success(let bytes) = readFile(file) {
                    known.add(String(decoding: bytes, as: UTF8.self), file: file)
                }
            }
            return known
        }
        read.withLock { $0[files] = known }
        return known
    }

    /// Lets a key pass, or says why not.
    ///
    /// - Throws: ``RemoteError``: unknown, changed or revoked keys, and lines that cannot be used.
    func check(
        key: [UInt8], digest: [UInt8], of hop: Hop, for host: HostID, until deadline: ContinuousClock.Instant
    )
        async throws(RemoteError)
    {
        let known: KnownHosts
        do {
            known = try await self.known(for: hop, until: deadline)
        } catch {
            throw .unreachable(host: host, cause: "known_hosts could not be read in time", hint: nil)
        }
        let fingerprint = "\(KnownHosts.kind(of: key)) \(KnownHosts.fingerprint(digest: digest))"
        let file = hop.userKnownHosts.first ?? "known_hosts"
        switch known.verdict(on: key, of: hop.knownHostsName) {
        case .known: return
        case .changed(let at):
            throw .changedHostKey(host: host, shown: hop.label, fingerprint: fingerprint, expectedAt: at)
        case .revoked(let at):
            throw .changedHostKey(
                host: host, shown: hop.label, fingerprint: fingerprint, expectedAt: "\(at) (@revoked)")
        case .otherKinds(let at, let kinds):
            throw .configuration(
                host: host,
                cause:
                    "\(hop.label) is known by \(kinds.joined(separator: ", ")) (\(at)), but shows \(fingerprint)",
                hint: "compare the fingerprint on the machine's console and add this key too, "
                    + "or use --transport openssh")
        case .unusable(let at, let why):
            throw .configuration(
                host: host, cause: "\(hop.label) shows \(fingerprint), and \(at) cannot confirm it: \(why)",
                hint: "repair or remove that line, or use --transport openssh for host certificates")
        case .unknown where hop.acceptNew:
            try await accept(key, digest: digest, of: hop, for: host, until: deadline)
        case .unknown:
            throw .unknownHostKey(host: host, shown: hop.label, fingerprint: fingerprint, knownHosts: file)
        }
    }

    /// Appends a line to the first file of the user.
    private func accept(
        _ key: [UInt8], digest: [UInt8], of hop: Hop, for host: HostID,
        until deadline: ContinuousClock.Instant
    ) async throws(RemoteError) {
        guard let file = hop.userKnownHosts.first else { return }
        let name = hop.knownHostsName
        let line = KnownHosts.line(for: name, key: key, hashed: hop.hashKnownHosts)
        let outcome: Result<Bool, FileError>
        do {
            outcome = try await offPool(reactor, until: deadline) {
                appendLocked(line, to: file) { text in
                    // Another run may have met the machine in the meantime, and seen another key.
                    var now = KnownHosts()
                    now.add(text, file: file)
                    return now.verdict(on: key, of: name) == .unknown
                }
            }
        } catch {
            throw .cancelled(host: host, operation: "add the host key", changes: false)
        }
        switch outcome {
        case .failure(let error):
            throw .configuration(
                host: host, cause: "cannot add the host key to \(file): \(error.message)", hint: nil)
        case .success(let written):
            read.withLock { read in
                if written {
                    for files in read.keys where files.contains(file) {
                        read[files]?.add(line, file: file)
                    }
                } else {
                    read = [:]
                }
            }
            // Somebody else wrote a line for this host: judge the key by that.
            guard written else {
                var strict = hop
                strict.acceptNew = false
                return try await check(key: key, digest: digest, of: strict, for: host, until: deadline)
            }
        }
    }
}
