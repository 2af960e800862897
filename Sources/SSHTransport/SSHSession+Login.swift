internal import CLibSSH2
internal import Reactor
internal import Remote

/// The credentials that sessions share: key files, agents and the secrets that the operator has entered.
final class Credentials: Sendable {
    let files: KeyFiles
    let secrets: Secrets
    private let agents: AgentPool

    init(reactor: Reactor, secrets: Secrets) {
        files = KeyFiles(reactor: reactor)
        agents = AgentPool(reactor: reactor)
        self.secrets = secrets
    }

    func agent(at path: String?) -> Agent? { path.map(agents.agent) }
}

extension SSHSession {
    /// Logs in with the methods that the hop's configuration allows, keys first and prompts last.
    ///
    /// Time spent waiting for a person does not count: the deadline is extended by it.
    ///
    /// - Throws: a ``RemoteError`` of kind ``RemoteError/Kind/authenticationFailed`` when nothing is left to try.
    func logIn(_ credentials: Credentials, until limit: ContinuousClock.Instant, timeout: Duration)
        async throws(RemoteError)
    {
        var login = Login(deadline: limit, timeout: timeout)
        if hop.hasCertificates { login.needsOpenSSH = "certificates" }
        do {
            if hop.restrictions.allowsKeys, try await offerKeys(credentials, &login) { return }
            if try await answerQuestions(credentials, &login) { return }
        } catch {
            // A server closes the connection after too many keys.
            if case .ssh = error, !login.tried.isEmpty {
                throw .authenticationFailed(
                    host: host, user: hop.user, tried: login.tried,
                    hint: "the server hung up after these (\(error.cause)): name one key with --identity")
            }
            throw phaseError(error, "login", timeout)
        }
        throw .authenticationFailed(
            host: host, user: hop.user, tried: login.tried,
            hint: login.hint(SessionHandle.libraryVersion) ?? restrictionHint(login))
    }

    /// The hint that names methods which the ssh configuration forbids.
    private func restrictionHint(_ login: Login) -> String? {
        var kept = login.withheld ? ["some keys"] : []
        if !hop.restrictions.allowsKeys { kept.append("keys") }
        if hop.restrictions.methods == ["publickey"] { kept.append("passwords") }
        guard !kept.isEmpty else { return nil }
        let name = hop.name
        return
            "the ssh configuration of `\(name)` forbids \(kept.joined(separator: " and ")): see `ssh -G \(name)`"
    }

    /// The error when no session could be opened, before any command was sent.
    func phaseError(_ interruption: Interruption, _ phase: String, _ timeout: Duration) -> RemoteError {
        switch interruption {
        case .wait(.deadline):
            .connectTimedOut(
                host: host, .connect(to: hop.destination(from: host)), phase: phase, after: timeout)
        case .wait(.cancelled): .cancelled(host: host)
        case .wait(.closed), .ssh:
            .unreachable(
                host: host, .connect(to: hop.destination(from: host)),
                cause: "\(phase): \(interruption.cause)",
                hint: interruption.hint.map { narrowOffer ?? $0 })
        }
    }

    /// The hint when the ssh configuration may exclude all algorithms that the server and libssh2 have in common.
    private var narrowOffer: String? {
        let lists = hop.restrictions.algorithms.keys.map(\.rawValue).sorted().joined(separator: ", ")
        guard !lists.isEmpty else { return nil }
        return
            "the ssh configuration of `\(hop.name)` has \(lists), and the server may have nothing of it that libssh2 "
            + "\(SessionHandle.libraryVersion) has: use --transport openssh"
    }

    // MARK: - Keys

    private func offerKeys(_ credentials: Credentials, _ login: inout Login) async throws(Interruption)
        -> Bool
    {
        let asked = try await load(hop.identities, credentials, &login, mustExist: true)
        let usual = try await load(hop.defaultIdentities, credentials, &login, mustExist: false)
        let agent = credentials.agent(at: hop.agent)
        let held = await agent?.identities(until: login.deadline) ?? []

        for key in asked { if try await offer(key, agent, held, credentials, &login) { return true } }
        if let agent, !hop.identitiesOnly {
            let usualKeys = usual.compactMap(\.publicKey)
            // As ssh does: the agent's keys that are also on disk come first.
            let order =
                held.filter { usualKeys.contains($0.publicKey) }
                + held.filter { !usualKeys.contains($0.publicKey) }
            for key in order where login.offered.insert(key.publicKey).inserted {
                let name = "\(key.comment) (agent)"
                let kind = KnownHosts.kind(of: key.publicKey)
                guard !isForbidden(kind, key.publicKey, isRSA: kind == "ssh-rsa", name: name, &login) else {
                    continue
                }
                if try await sign(with: agent, key.publicKey, name: name, &login) { return true }
            }
        }
        for key in usual { if try await offer(key, agent, held, credentials, &login) { return true } }
        return false
    }

    /// Offers a key file, through the agent when the agent has the key.
    private func offer(
        _ key: PrivateKey, _ agent: Agent?, _ held: [Agent.AgentKey], _ credentials: Credentials,
        _ login: inout Login
    ) async throws(Interruption) -> Bool {
        if let publicKey = key.publicKey {
            guard login.offered.insert(publicKey).inserted else { return false }
        }
        guard !isForbidden(key.kind, key.publicKey, isRSA: key.isRSA, name: key.path, &login) else {
            return false
        }
        if let publicKey = key.publicKey {
            if let agent, held.contains(where: { $0.publicKey == publicKey }) {
                return try await sign(with: agent, publicKey, name: key.path, &login)
            }
        }
        guard !key.text.isEmpty else { return false }
        if key.isOfSecurityKey {
            login.passedOver(key.path, kind: key.kind)
            return false
        }
        // The server may accept the bare key as well. If it does not, the operator probably meant the
        // certificate.
        if key.hasCertificate { login.needsOpenSSH = "certificates" }
        return try await prove(key, credentials, &login)
    }

    /// Whether the ssh configuration forbids a key. A forbidden key is added to the list of what was tried.
    private func isForbidden(
        _ kind: String, _ publicKey: [UInt8]?, isRSA: Bool, name: String, _ login: inout Login
    ) -> Bool {
        // Kinds that libssh2 does not support are reported where they are skipped.
        guard kind.isEmpty || Self.agentKinds.contains(kind),
            let why = hop.restrictions.refusal(
                of: kind, key: publicKey, isRSA: isRSA, rsaSignatures: rsaSignatures)
        else { return false }
        login.tried.append("\(name) (not offered: \(why))")
        login.withheld = true
        return true
    }

    private func load(
        _ paths: [String], _ credentials: Credentials, _ login: inout Login, mustExist: Bool
    ) async throws(Interruption) -> [PrivateKey] {
        var keys: [PrivateKey] = []
        for path in paths {
            let result: Result<PrivateKey, KeyFileError>
            do {
                result = try await credentials.files.key(at: path, until: login.deadline)
            } catch {
                throw .wait(error)
            }
            switch result {
            case .success(let key): keys.append(key)
            case .failure(let failure):
                // An existing file that cannot be read is reported in any case.
                if mustExist || !failure.error.isMissing {
                    login.tried.append("\(failure.file) (\(failure.error.message))")
                }
            }
        }
        // When libssh2 cannot make the RSA signatures that current servers require, other keys go first.
        guard !SessionHandle.canSignRSAWithSHA2 else { return keys }
        return keys.filter { !$0.isRSA } + keys.filter(\.isRSA)
    }

    /// Logs in with a signature of the agent.
    private func sign(with agent: Agent, _ publicKey: [UInt8], name: String, _ login: inout Login)
        async throws(Interruption) -> Bool
    {
        // libssh2 fails for kinds of keys that it does not support.
        let kind = KnownHosts.kind(of: publicKey)
        guard Self.agentKinds.contains(kind) else {
            login.passedOver(name, kind: kind)
            return false
        }
        let request = SignatureRequest()
        while true {
            do {
                let deadline = login.deadline
                try await drive(until: deadline) { () throws(SSHFailure) in
                    let step = try handle.authenticate(
                        user: hop.user, publicKey: publicKey, signature: request)
                    // libssh2 needs the signature and not the socket: leave the loop and continue with the
                    // signature.
                    if case .wouldBlock = step, request.isOpen { return .done(()) }
                    return step
                }
            } catch .ssh(let failure) where !failure.isFatal {
                login.refused(name, rsa: kind == "ssh-rsa")
                return false
            }
            guard request.isOpen, let data = request.data else { return true }
            guard let made = await agent.sign(data, with: publicKey, until: login.deadline) else {
                // Completes the call with an invalid signature, which the server refuses.
                request.complete(with: [])
                login.tried.append("\(name): the agent does not sign")
                continue
            }
            request.complete(with: made)
        }
    }

    private static let agentKinds: Set<String> = [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    ]

    /// Logs in with a key file. The passphrase is asked for only after the server has accepted the key.
    private func prove(_ key: PrivateKey, _ credentials: Credentials, _ login: inout Login)
        async throws(Interruption) -> Bool
    {
        var passphrase: String?
        if key.isEncrypted {
            if let publicKey = key.publicKey, try await !accepts(publicKey, login) {
                login.refused(key.path, rsa: key.isRSA)
                return false
            }
            guard !hop.restrictions.asksNothing else {
                login.tried.append("\(key.path) (encrypted, and the ssh configuration forbids to ask)")
                return false
            }
            let asked = ContinuousClock.now
            passphrase = await credentials.secrets.passphrase(forKey: key.path)
            login.deadline += asked.duration(to: .now)
            guard passphrase != nil else {
                login.tried.append("\(key.path) (encrypted, and nobody to ask for its passphrase)")
                return false
            }
        }
        do {
            try await drive(until: login.deadline) { () throws(SSHFailure) in
                try handle.authenticate(
                    user: hop.user, key: key.text, publicLine: key.publicLine, passphrase: passphrase)
            }
            return true
        } catch .ssh(let failure) where !failure.isFatal {
            // When the public half was known, decoding errors of the private key appear only at signing.
            if failure.isAboutKeyFile
                || (key.isEncrypted && failure.code == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED)
            {
                let why =
                    key.isEncrypted ? "wrong passphrase, or not a key" : "not a key that libssh2 can read"
                login.tried.append("\(key.path) (\(why))")
            } else {
                login.refused(key.path, rsa: key.isRSA)
            }
            return false
        }
    }

    /// Whether the server accepts a key. Signs nothing.
    private func accepts(_ publicKey: [UInt8], _ login: Login) async throws(Interruption) -> Bool {
        let request = SignatureRequest(probeOnly: true)
        do {
            try await drive(until: login.deadline) { () throws(SSHFailure) in
                try handle.authenticate(user: hop.user, publicKey: publicKey, signature: request)
            }
            return true
        } catch .ssh(let failure) where !failure.isFatal {
            return request.data != nil
        }
    }

    // MARK: - Questions

    private func answerQuestions(_ credentials: Credentials, _ login: inout Login) async throws(Interruption)
        -> Bool
    {
        let offered = try await drive(until: login.deadline) { () throws(SSHFailure) in
            try handle.authenticationMethods(user: hop.user)
        }
        guard let methods = offered else { return true }
        login.methods = methods
        guard !hop.restrictions.asksNothing,
            let method = hop.restrictions.methods.first(where: { $0 != "publickey" && methods.contains($0) })
        else { return false }
        let asked = ContinuousClock.now
        let turn = await credentials.secrets.password(user: hop.user).turn()
        login.deadline += asked.duration(to: .now)
        switch turn {
        case .missing: return false
        case .refused(let machine):
            login.tried.append("\(method) (refused by \(machine), and not tried here)")
            return false
        case .proven(let password): return try await show(password, by: method, &login)
        case .trial(let password, let trial):
            let isAccepted = try await show(password, by: method, &login)
            if isAccepted { trial.accepted() } else { trial.refused(by: hop.label) }
            return isAccepted
        }
    }

    /// Whether the server accepts the password.
    private func show(_ password: String, by method: String, _ login: inout Login) async throws(Interruption)
        -> Bool
    {
        let answer = InteractiveAnswer(password)
        do {
            try await drive(until: login.deadline) { () throws(SSHFailure) in
                method == "password"
                    ? try handle.authenticate(user: hop.user, password: password)
                    : try handle.authenticate(user: hop.user, interactive: answer)
            }
            return true
        } catch .ssh(let failure) where !failure.isFatal {
            login.tried.append(method)
            return false
        }
    }
}

/// The state of one login.
private struct Login {
    var deadline: ContinuousClock.Instant
    let timeout: Duration
    var tried: [String] = []
    /// Public keys that the server has seen in this login.
    var offered: Set<[UInt8]> = []
    var methods: [String] = []
    var rsaRefused = false
    /// Whether the ssh configuration forbids an available key.
    var withheld = false
    /// The unsupported kind of credential that the operator probably meant to log in with.
    var needsOpenSSH: String?

    /// Records a key that libssh2 cannot use: a certificate of the agent, or a key in hardware.
    mutating func passedOver(_ name: String, kind: String) {
        tried.append("\(name) (\(kind): passed over)")
        needsOpenSSH = kind.contains("-cert-v01@") ? "certificates" : "keys of this kind"
    }

    mutating func refused(_ name: String, rsa: Bool) {
        tried.append(name)
        if rsa { rsaRefused = true }
    }

    func hint(_ version: String) -> String? {
        if rsaRefused, !SessionHandle.canSignRSAWithSHA2 {
            return
                "libssh2 \(version) signs with RSA as `ssh-rsa` (SHA-1) only, which OpenSSH 8.8 and later refuse: "
                + "use an ed25519 or ECDSA key, libssh2 1.11 or later, or --transport openssh"
        }
        if let needsOpenSSH { return "libssh2 cannot use \(needsOpenSSH): --transport openssh does" }
        if !methods.isEmpty, !methods.contains("publickey") {
            let only = "the server takes \(methods.joined(separator: ", ")) only"
            return methods.contains("gssapi-with-mic") ? only + ": Kerberos needs --transport openssh" : only
        }
        return nil
    }
}
