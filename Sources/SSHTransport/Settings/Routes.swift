internal import Glibc
internal import Reactor
internal import Remote
internal import Subprocess
internal import Synchronization

/// Turns targets into routes: the hops to connect through, the machine itself last, each as the operator's
/// ssh configuration describes it.
final class Routes: Sendable {
    private let options: ConnectionOptions
    private let reactor: Reactor
    private let scan = Mutex<Result<ConfigScan, ConfigScan.Unreadable>?>(nil)
    private let scanGate = AsyncSemaphore()
    private let answers = Mutex(Answers())
    /// Limits concurrent `ssh -G` processes, each of which takes milliseconds.
    private let processGate = AsyncSemaphore(permits: 8)

    private struct Question: Hashable {
        var host: String
        var user: String?
        var port: Int?
    }

    private struct Answers {
        var known: [Question: ResolvedConfig] = [:]
        var shared = ResolvedConfig.Shared()
    }

    private static let usualKeys = ["id_ed25519", "id_ecdsa", "id_rsa"]

    init(options: ConnectionOptions, reactor: Reactor) {
        self.options = options
        self.reactor = reactor
    }

    /// - Throws: of kind ``RemoteError/Kind/configuration``: for unsupported keywords, bad jump hosts, files that
    ///   cannot be read completely, failures of `ssh -G`.
    func route(to target: SSHTarget) async throws(RemoteError) -> [Hop] {
        let (last, ownJumps) = try await hop(
            JumpSpec(user: target.user, host: target.host, port: target.port), target)
        var chain: [JumpSpec] = []
        if let jumps = target.jumps {
            for text in jumps {
                guard let specs = JumpSpec.chain(text) else {
                    throw .configuration(host: target.id, cause: "`\(text)` is not a jump host", hint: nil)
                }
                chain += specs
            }
        } else {
            chain = ownJumps
        }
        var hops: [Hop] = []
        for (index, spec) in chain.enumerated() {
            let (hop, before) = try await hop(spec, target)
            // The first jump host may itself need jump hosts; each of the others is reached from the one before.
            if index == 0 { hops = try await lead(to: before, target, depth: 0) }
            hops.append(hop)
        }
        return hops + [last]
    }

    private func lead(to chain: [JumpSpec], _ target: SSHTarget, depth: Int) async throws(RemoteError)
        -> [Hop]
    {
        guard depth < 8 else {
            throw .configuration(host: target.id, cause: "ProxyJump leads in a circle", hint: nil)
        }
        var hops: [Hop] = []
        for (index, spec) in chain.enumerated() {
            let (hop, before) = try await hop(spec, target)
            if index == 0 { hops = try await lead(to: before, target, depth: depth + 1) }
            hops.append(hop)
        }
        return hops
    }

    /// One machine of the route, and the jump hosts that its own configuration puts before it.
    private func hop(_ spec: JumpSpec, _ target: SSHTarget) async throws(RemoteError) -> (Hop, [JumpSpec]) {
        let scan = try await scan(for: target.id)
        let config: ResolvedConfig? =
            if scan.binds(spec.host) { try await ask(spec, for: target.id) } else { nil }
        let (userFiles, globalFiles) = try knownHosts(config, target.id)

        var hop = Hop(
            name: spec.host, address: config?.string("hostname") ?? spec.host,
            port: spec.port ?? config?.number("port") ?? 22,
            user: spec.user ?? config?.string("user") ?? loginName,
            hostKeyAlias: config?.string("hostkeyalias"),
            identities: target.identities.map(expandTilde),
            defaultIdentities: Self.usualKeys.map { homeDirectory + "/.ssh/" + $0 },
            identitiesOnly: config?.isYes("identitiesonly") ?? false,
            agent: environment("SSH_AUTH_SOCK"),
            userKnownHosts: userFiles, globalKnownHosts: globalFiles, acceptNew: options.acceptNew,
            hashKnownHosts: scan.hashesKnownHosts,
            connectTimeout: config?.number("connecttimeout").map { .seconds($0) })
        guard let config else { return (hop, []) }
        let mentions = scan.mentions(of: spec.host)
        try refuseUnfollowed(config, mentions, hop.name, target.id)
        follow(config, &hop)
        hop.restrictions = Restrictions(config, mentions: mentions)
        guard !hop.restrictions.methods.isEmpty else {
            throw .configuration(
                host: target.id,
                cause: "the ssh configuration of `\(hop.name)` allows neither keys nor passwords",
                hint:
                    "use --transport openssh, which has other ways to log in, or look at `ssh -G \(hop.name)`"
            )
        }
        guard let text = config.string("proxyjump") else { return (hop, []) }
        guard let chain = JumpSpec.chain(text) else {
            throw .configuration(
                host: target.id, cause: "ProxyJump `\(text)` of `\(spec.host)` cannot be read", hint: nil)
        }
        return (hop, chain)
    }

    /// The known_hosts files: that of `--known-hosts`, or else those of the configuration.
    private func knownHosts(_ config: ResolvedConfig?, _ id: HostID) throws(RemoteError)
        -> (user: [String], global: [String])
    {
        // `--known-hosts` replaces all other files.
        if let file = options.knownHosts { return ([expandTilde(file)], []) }
        do throws(ResolvedConfig.AmbiguousFiles) {
            return (
                try config?.files("userknownhostsfile")
                    ?? ["known_hosts", "known_hosts2"].map { homeDirectory + "/.ssh/" + $0 },
                try config?.files("globalknownhostsfile") ?? [
                    "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2",
                ]
            )
        } catch {
            throw .configuration(
                host: id,
                cause: "known_hosts files with a blank in a name, or several relative ones: `\(error.value)`",
                hint: "write absolute paths without blanks, give --known-hosts, or use --transport openssh")
        }
    }

    /// Refuses the login when the configuration has a keyword that may restrict it and that haops does not
    /// follow.
    private func refuseUnfollowed(
        _ config: ResolvedConfig, _ mentions: ConfigScan.Mentions, _ name: String, _ id: HostID
    ) throws(RemoteError) {
        // ssh itself reports unknown keywords, except those of `IgnoreUnknown`.
        let ignored = config.list("ignoreunknown") ?? []
        if let word = mentions.unknown.first(where: { word in
            !config.all(word).isEmpty || !ignored.contains { word.matches(glob: $0.lowercased()[...]) }
        }) {
            throw .configuration(
                host: id, cause: "`\(word)` in the ssh configuration of `\(name)` is unknown to haops",
                hint: "use --transport openssh, which knows it")
        }
        for keyword in SSHKeyword.all {
            guard case .refused(let way, let showsValue) = keyword.handling,
                let value = config.string(keyword.name.lowercased())
            else { continue }
            throw .configuration(
                host: id,
                cause:
                    "\(keyword.name)\(showsValue ? " (\(value))" : "") in the ssh configuration of `\(name)` "
                    + "is not followed by libssh2's transport, which \(keyword.what)",
                hint: "use --transport openssh, which \(way)")
        }
    }

    private func follow(_ config: ResolvedConfig, _ hop: inout Hop) {
        let files = config.all("identityfile").filter { $0.lowercased() != "none" }.map(expandTilde)
        // Without an IdentityFile line, `ssh -G` lists its default files.
        if !files.contains(homeDirectory + "/.ssh/id_rsa") {
            hop.identities += files.filter { !hop.identities.contains($0) }
            hop.defaultIdentities = []
        }
        hop.hasCertificates = !config.all("certificatefile").isEmpty
        if !config.all("identityagent").isEmpty {
            switch config.string("identityagent") {
            case nil: hop.agent = nil
            case "SSH_AUTH_SOCK": break
            case let name? where name.hasPrefix("$"): hop.agent = environment(String(name.dropFirst()))
            case let path?: hop.agent = expandTilde(path)
            }
        }
        switch config.string("stricthostkeychecking")?.lowercased() {
        case "accept-new": hop.acceptNew = true
        case "no", "false", "off": hop.ignoresLaxChecking = true
        default: break
        }
        hop.checksAddress = config.isYes("checkhostip")
        hop.family =
            switch config.string("addressfamily")?.lowercased() {
            case "inet": .inet
            case "inet6": .inet6
            default: .any
            }
        hop.source = config.string("bindaddress")
    }

    // MARK: - The configuration

    private func scan(for id: HostID) async throws(RemoteError) -> ConfigScan {
        if let scan = scan.withLock({ $0 }) { return try scan.whole(for: id) }
        guard await scanGate.enter() else { throw .cancelled(host: id) }
        defer { scanGate.leave() }
        if let scan = scan.withLock({ $0 }) { return try scan.whole(for: id) }
        let config = options.sshConfig
        let found: Result<ConfigScan, ConfigScan.Unreadable>
        do {
            found = try await offPool(reactor, until: .now + .seconds(10)) { ConfigScan.ofFiles(config) }
        } catch .cancelled {
            throw .cancelled(host: id)
        } catch {
            throw .configuration(host: id, cause: "the ssh configuration was not read in time", hint: nil)
        }
        scan.withLock { $0 = found }
        return try found.whole(for: id)
    }

    private func ask(_ spec: JumpSpec, for id: HostID) async throws(RemoteError) -> ResolvedConfig {
        let question = Question(host: spec.host, user: spec.user, port: spec.port)
        if let answer = answers.withLock({ $0.known[question] }) { return answer }
        guard !spec.host.hasPrefix("-") else {
            throw .configuration(host: id, cause: "`\(spec.host)` is not a host name", hint: nil)
        }
        var arguments = ["-G"]
        if let file = options.sshConfig { arguments += ["-F", file] }
        if let user = spec.user { arguments += ["-l", user] }
        if let port = spec.port { arguments += ["-p", String(port)] }
        arguments += ["--", spec.host]
        let result: (status: TerminationStatus, output: String?, error: String?)
        do {
            result = try await processGate.pass {
                let run = try await Subprocess.run(
                    .name("ssh"), arguments: Arguments(arguments), output: .string(limit: 1 << 20),
                    error: .string(limit: 65536))
                return (run.terminationStatus, run.standardOutput, run.standardError)
            }
        } catch {
            throw .configuration(
                host: id, cause: "`ssh -G`, which reads the ssh configuration, cannot be run: \(error)",
                hint: "install openssh-client, or give -F none")
        }
        guard result.status.isSuccess, let output = result.output else {
            let words = result.error?.split(whereSeparator: \.isNewline).last.map(String.init)
            throw .configuration(host: id, cause: "ssh -G: \(words ?? "\(result.status)")", hint: nil)
        }
        return answers.withLock { answers in
            let answer = ResolvedConfig(output, sharing: &answers.shared)
            answers.known[question] = answer
            return answer
        }
    }
}

extension Result<ConfigScan, ConfigScan.Unreadable> {
    fileprivate func whole(for id: HostID) throws(RemoteError) -> ConfigScan {
        do throws(ConfigScan.Unreadable) { return try get() } catch {
            throw .configuration(
                host: id, cause: "\(error.file) cannot be read whole: \(error.why)",
                hint: "it may forbid logins: make it readable, or name another with -F")
        }
    }
}

extension JumpSpec {
    init(user: String?, host: String, port: Int?) {
        self.user = user
        self.host = host
        self.port = port
    }
}

/// A variable of the environment.
func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name), unsafe value.pointee != 0 else { return nil }
    return unsafe String(cString: value)
}
