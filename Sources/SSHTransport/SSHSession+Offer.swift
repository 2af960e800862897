internal import CLibSSH2
internal import Remote

extension SSHSession {
    /// Sets the algorithms that this side offers in the handshake: only those that the operator's configuration
    /// allows, and the known kinds of host key first.
    ///
    /// - `kinds`: the kinds of the host's known keys, so that it presents one of them.
    ///
    /// - Throws: of kind ``RemoteError/Kind/configuration`` when libssh2 supports none of the allowed algorithms.
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
            // If none of them is allowed, no RSA key is offered.
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

    /// The signature algorithms of this session for RSA keys.
    ///
    /// libssh2 uses SHA-2 when the server announces it, as OpenSSH does since 7.2. For OpenSSH up to 7.7 libssh2
    /// ignores the announcement (`userauth.c`).
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
