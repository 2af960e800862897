internal import CLibSSH2
internal import Reactor
internal import Remote

/// What sessions share to log in: key files, agents and what the operator was asked for.
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
    /// Logs in with whatever the hop's configuration offers, keys first and questions last.
    ///
    /// Time spent on a human is not counted: the deadline moves on while a question is open.
    ///
    /// - Throws: of kind ``RemoteError/Kind/authenticationFailed`` when nothing is left to try.
    func logIn(_ credentials: Credentials, until limit: ContinuousClock.Instant, timeout: Duration)
        async throws(RemoteError)
    {
        var login = Login(deadline: limit, timeout: timeout)
        if hop.hasCertificates { login.needsOpenSSH = "certificates" }
        do {
            if hop.restrictions.allowsKeys, try await offerKeys(credentials, &login) { return }
            if try await answerQuestions(credentials, &login) { return }
        } catch {
            // A server that has had enough of keys hangs up.
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

    /// What the ssh configuration kept from being tried.
    private func restrictionHint(_ login: Login) -> String? {
        var kept = login.withheld ? ["some keys"] : []
        if !hop.restrictions.allowsKeys { kept.append("keys") }
        if hop.restrictions.methods == ["publickey"] { kept.append("passwords") }
        guard !kept.isEmpty else { return nil }
        let name = hop.name
        return
            "the ssh configuration of `\(name)` forbids \(kept.joined(separator: " and ")): see `ssh -G \(name)`"
    }

    /// Why no session came about, before any command was sent.
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

    /// What the ssh configuration may have taken away where the server and this side have no algorithm in common.
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

    /// A key file, by way of the agent where the agent has it.
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
        // The key itself may be let in too; if it is not, its certificate is what was meant to be shown.
        if key.hasCertificate { login.needsOpenSSH = "certificates" }
        return try await prove(key, credentials, &login)
    }

    /// Whether the ssh configuration forbids a key; then it is noted among what was tried.
    private func isForbidden(
        _ kind: String, _ publicKey: [UInt8]?, isRSA: Bool, name: String, _ login: inout Login
    ) -> Bool {
        // Kinds that libssh2 does not know are named by those who pass over them.
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
                // What is there and cannot be read is named, whoever asked for it.
                if mustExist || !failure.error.isMissing {
                    login.tried.append("\(failure.file) (\(failure.error.message))")
                }
            }
        }
        // Where libssh2 cannot make the signatures that today's servers want from RSA, others go first.
        guard !SessionHandle.canSignRSAWithSHA2 else { return keys }
        return keys.filter { !$0.isRSA } + keys.filter(\.isRSA)
    }

    /// Has the agent sign.
    private func sign(with agent: Agent, _ publicKey: [UInt8], name: String, _ login: inout Login)
        async throws(Interruption) -> Bool
    {
        // Keys of kinds that libssh2 does not know would end in an error.
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
                    // A signature is wanted, not the socket: leave the loop and come back with it.
                    if case .wouldBlock = step, request.isOpen { return .done(()) }
                    return step
                }
            } catch .ssh(let failure) where !failure.isFatal {
                login.refused(name, rsa: kind == "ssh-rsa")
                return false
            }
            guard request.isOpen, let data = request.data else { return true }
            guard let made = await agent.sign(data, with: publicKey, until: login.deadline) else {
                // Completes the call with a signature that nobody accepts; the server says no.
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

    /// Signs with a key file. The passphrase is asked for once it is known that the server would take the key.
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
            // Where the public half was at hand, a key that cannot be decoded shows only when it has to sign.
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

    /// Whether the server would take a key, without signing anything.
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

    /// Whether the server takes the password.
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

/// The course of one login.
private struct Login {
    var deadline: ContinuousClock.Instant
    let timeout: Duration
    var tried: [String] = []
    /// Public keys that the server has seen in this login.
    var offered: Set<[UInt8]> = []
    var methods: [String] = []
    var rsaRefused = false
    /// The ssh configuration forbids a key that was at hand.
    var withheld = false
    /// What the operator meant to log in with, of a kind that libssh2 does not know.
    var needsOpenSSH: String?

    /// A key of a kind that libssh2 cannot use: a certificate of the agent, or a key in hardware.
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
