internal import CLibSSH2
internal import Remote

extension SSHSession {
    /// Says what this side offers in the handshake: nothing that the operator's configuration does not allow, and the host
    /// keys of the kinds that the host is known by first.
    ///
    /// - `kinds`: of the keys that the host is known by, so that it shows one of them.
    ///
    /// - Throws: of kind ``RemoteError/Kind/configuration`` when libssh2 has nothing of what is allowed.
    func offerAlgorithms(knownBy kinds: [String]) throws(RemoteError) {
        let allowed = hop.restrictions.algorithms
        let hostKeys = KnownHosts.algorithms(
            of: kinds, among: handle.supported(.hostKey), allowed: allowed[.hostKeyAlgorithms])
        try offer(hostKeys, .hostKey, .hostKeyAlgorithms)
        for (method, list) in [
            (SessionHandle.Method.keyExchange, Restrictions.Algorithms.kexAlgorithms), (.cipher, .ciphers),
            (.mac, .macs),
        ] {
            guard let wanted = allowed[list] else { continue }
            let supported = handle.supported(method)
            try offer(wanted.filter(supported.contains), method, list)
        }
        if let signatures = hop.restrictions.signatures, SessionHandle.canSignRSAWithSHA2 {
            let made = ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"].filter(signatures.contains)
            // With none of them allowed no RSA key is offered.
            if !made.isEmpty {
                do { try handle.prefer(rsaSignatures: made) } catch { throw refused(error) }
            }
        }
    }

    private func offer(
        _ algorithms: [String], _ method: SessionHandle.Method, _ list: Restrictions.Algorithms
    )
        throws(RemoteError)
    {
        guard !algorithms.isEmpty else {
            throw .configuration(
                host: host,
                cause:
                    "libssh2 \(SessionHandle.libraryVersion) has none of the \(list.rawValue) that the ssh "
                    + "configuration of `\(hop.name)` allows (\(hop.restrictions.algorithms[list]?.joined(separator: ", ") ?? ""))",
                hint: "use --transport openssh")
        }
        do { try handle.offer(algorithms, for: method) } catch { throw refused(error) }
    }

    private func refused(_ failure: SSHFailure) -> RemoteError {
        .configuration(host: host, cause: "libssh2 refuses its own algorithms: \(failure.message)", hint: nil)
    }

    /// What this session signs with when it logs in with an RSA key.
    ///
    /// libssh2 uses SHA-2 where the server says that it may, which OpenSSH does from 7.2 on; but up to 7.7 libssh2 does not
    /// believe it (`userauth.c`).
    var rsaSignatures: [String] {
        guard SessionHandle.canSignRSAWithSHA2, let signatures = hop.restrictions.signatures,
            let version = handle.banner().split(separator: "OpenSSH_").dropFirst().first
        else { return ["ssh-rsa"] }
        let numbers = version.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        let made = ["rsa-sha2-512", "rsa-sha2-256"].filter(signatures.contains)
        return made.isEmpty || numbers.count < 2 || numbers.lexicographicallyPrecedes([7, 8])
            ? ["ssh-rsa"] : made
    }
}
