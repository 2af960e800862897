import Glibc
import HaopsTestSupport
import Remote
import SSHTransport
import Subprocess
import Testing

extension RealServerTests {
    /// The ways in that libssh2 does not know: by the system's ssh they work, by libssh2 they are refused with a way out.
    @Suite
    struct OpenSSHOnlyTests {
        @Test
        func `a user certificate logs in where the key itself is not known`() async throws {
            try await SSHServer.with(prelude: trustAnAuthority) { server in
                let key = server.key("certified")
                try await makeKey(key, kind: "ed25519")
                try await certify(
                    key, by: server.directory + "/authority",
                    ["-I", "an operator", "-n", currentUser(), "-V", "+5m"])
                let target = server.target(identities: [key])
                #expect(await failure(.openssh, server, target: target) == nil)
                #expect(server.log.contains("ID an operator"))
                try expectWayOut(await failure(.libssh2, server, target: target), naming: "certificates")

                // Somewhere else than beside the key, as the configuration says.
                try await run("mv", [key + "-cert.pub", server.directory + "/mine-cert.pub"])
                try write("CertificateFile \(server.directory)/mine-cert.pub\n", to: server.config)
                var options = server.options()
                options.sshConfig = server.config
                #expect(await failure(.openssh, server, target: target, options: options) == nil)
                try expectWayOut(
                    await failure(.libssh2, server, target: target, options: options), naming: "certificates")
            }
        }

        @Test
        func `a certificate in the agent logs in`() async throws {
            try await SSHServer.with(prelude: trustAnAuthority) { server in
                let key = server.key("certified")
                try await makeKey(key, kind: "ed25519")
                try await certify(
                    key, by: server.directory + "/authority", ["-I", "an operator", "-n", currentUser()])
                let socket = server.directory + "/agent"
                let agent = try Daemon(["/usr/bin/ssh-agent", "-D", "-a", socket])
                try await poll("the agent listens") { fileSize(socket) != nil }
                try await run("/bin/sh", ["-c", "SSH_AUTH_SOCK=\(socket) ssh-add -q \(key)"])
                for suffix in ["", ".pub", "-cert.pub"] { _ = unsafe unlink(key + suffix) }
                try write("IdentityAgent \(socket)\n", to: server.config)
                var options = server.options()
                options.sshConfig = server.config
                let target = server.target(identities: [])
                #expect(await failure(.openssh, server, target: target, options: options) == nil)
                try expectWayOut(
                    await failure(.libssh2, server, target: target, options: options), naming: "certificates")
                await agent.stop()
            }
        }

        @Test
        func `a host that shows a certificate is known by its authority`() async throws {
            try await SSHServer.with(prelude: { directory in
                try await makeKey(directory + "/authority", kind: "ed25519")
                try await certifyHost(in: directory, by: "authority")
                return []
            }) { server in
                let authority = try read(server.directory + "/authority.pub")
                try write("@cert-authority [127.0.0.1]:\(server.port) \(authority)", to: server.knownHosts)
                #expect(await failure(.openssh, server) == nil)
                let refusal = try require(await failure(.libssh2, server), .configuration)
                let hint = try #require(refusal.hint)
                #expect(hint.contains("--transport openssh"))
            }
        }

        @Test
        func `a host whose certificate is another authority's is refused`() async throws {
            try await SSHServer.with(prelude: { directory in
                for name in ["authority", "stranger"] {
                    try await makeKey(directory + "/" + name, kind: "ed25519")
                }
                try await certifyHost(in: directory, by: "stranger")
                return []
            }) { server in
                let authority = try read(server.directory + "/authority.pub")
                try write("@cert-authority [127.0.0.1]:\(server.port) \(authority)", to: server.knownHosts)
                let refusal = try require(await failure(.openssh, server), .unknownHostKey)
                #expect(refusal.host == HostID("node"))
                #expect(!server.log.contains("Accepted"))
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [TransportKind.libssh2, .openssh])
        func `a run that only looks waits for a dead machine as long as for its TCP connection`(
            kind: TransportKind
        ) async throws {
            try await SSHServer.with { server in
                // A listener whose backlog is full swallows the next connection's SYN, as a dead machine does.
                let dead = try SilentListener(backlog: 0)
                defer { dead.close() }
                let fillers = try (0..<4).map { _ in try dead.connectWithoutWaiting() }
                defer { for filler in fillers { close(filler) } }
                var target = server.target()
                target.port = dead.port
                var options = server.options()
                options.requestedConnectTimeout = nil
                options.dialTimeout = .seconds(1)
                let refusal = try #require(await failure(kind, server, target: target, options: options))
                #expect(refusal.isTimeout && refusal.detail == "no TCP connection within 1 s", "\(refusal)")
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [TransportKind.libssh2, .openssh])
        func `a machine that greets later than that is waited for`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                var options = server.options()
                options.requestedConnectTimeout = nil
                options.dialTimeout = .seconds(1)
                // The kernel accepts connections for a stopped server.
                kill(server.processID, SIGSTOP)
                let wakeUp = Task {
                    try? await Task.sleep(for: .milliseconds(2500))
                    kill(server.processID, SIGCONT)
                }
                #expect(await failure(kind, server, options: options) == nil)
                await wakeUp.value
            }
        }

        @Test
        func `a ProxyCommand is run`() async throws {
            try await SSHServer.with { gateway in
                try await SSHServer.with { server in
                    try server.authorize(gateway.key("ed25519"))
                    try write(try read(gateway.knownHosts) + read(server.knownHosts), to: gateway.knownHosts)
                    // The gateway's account may be another one, with other options: what ProxyJump cannot say.
                    try write(
                        """
                        Host node
                          HostName 127.0.0.1
                          ProxyCommand ssh -F none -o BatchMode=yes -o UserKnownHostsFile=\(gateway.knownHosts) \
                        -i \(gateway.key("ed25519")) -p \(gateway.port) -W %h:%p \(currentUser())@127.0.0.1

                        """, to: gateway.config)
                    var options = gateway.options()
                    options.sshConfig = gateway.config
                    let target = server.target(identities: [gateway.key("ed25519")], host: "node")
                    let bytes = [UInt8](repeating: 9, count: 3 << 20)
                    let output = try await withTransport(.openssh, options: options, prompt: NoPrompt()) {
                        transport in
                        try await transport.ask(target, Command("cat", operation: "test", input: bytes)).get()
                    }
                    #expect(output.stdout == bytes)
                    #expect(gateway.log.contains("Accepted publickey"))
                    let refusal = try require(
                        await failure(.libssh2, server, target: target, options: options), .configuration)
                    let hint = try #require(refusal.hint)
                    #expect(hint.contains("--transport openssh"))
                }
            }
        }

        @Test
        func `a ProxyCommand that fails is no answer, and says why`() async throws {
            try await SSHServer.with { server in
                try write(
                    "Host *\n  ProxyCommand sh -c 'echo the gateway is closed >&2; exit 1'\n",
                    to: server.config)
                var options = server.options()
                options.sshConfig = server.config
                let error = await failure(.openssh, server, options: options)
                let refusal = try require(error, .unreachable)
                #expect(refusal.host == HostID("node"))
                #expect(refusal.detail.contains("the gateway is closed"))
            }
        }

        @Test
        func `no agent is forwarded, whatever the configuration says`() async throws {
            try await SSHServer.with { gateway in
                try await SSHServer.with { server in
                    try server.authorize(gateway.key("ed25519"))
                    try write(try read(gateway.knownHosts) + read(server.knownHosts), to: gateway.knownHosts)
                    let socket = gateway.directory + "/agent"
                    let agent = try Daemon(["/usr/bin/ssh-agent", "-D", "-a", socket])
                    try await poll("the agent listens") { fileSize(socket) != nil }
                    let marker = gateway.directory + "/local"
                    let port = try freePort()
                    try write(
                        """
                        IdentityAgent \(socket)
                        ForwardAgent yes
                        ForwardX11 yes
                        PermitLocalCommand yes
                        LocalCommand touch \(marker)
                        RemoteForward \(port) 127.0.0.1:1
                        GSSAPIDelegateCredentials yes
                        IdentityFile \(gateway.key("ed25519"))

                        """, to: gateway.config)
                    // The configuration does forward: ssh itself says so.
                    let plain = try await run(
                        "ssh",
                        [
                            "-F", gateway.config, "-o", "UserKnownHostsFile=\(gateway.knownHosts)", "-p",
                            "\(gateway.port)", "-o", "BatchMode=yes", "\(currentUser())@127.0.0.1",
                            "echo ${SSH_AUTH_SOCK-none}",
                        ])
                    #expect(plain != "none\n" && fileSize(marker) != nil)
                    _ = unsafe unlink(marker)
                    var options = gateway.options()
                    options.sshConfig = gateway.config
                    var behind = server.target(identities: [gateway.key("ed25519")])
                    behind.jumps = ["\(currentUser())@127.0.0.1:\(gateway.port)"]
                    for target in [gateway.target(), behind] {
                        let output = try await withTransport(.openssh, options: options, prompt: NoPrompt()) {
                            transport in
                            try await transport.ask(
                                target,
                                Command("echo ${SSH_AUTH_SOCK-none} ${DISPLAY-none}", operation: "test")
                            ).get()
                        }
                        #expect(output.text == "none none\n" && output.errorText == "")
                    }
                    #expect(fileSize(marker) == nil && !canConnect(port: port))
                    await agent.stop()
                }
            }
        }

        @Test
        func `a key on a security key logs in`() async throws {
            try await SSHServer.with { server in
                let (key, options) = try await securityKey(for: server)
                let target = server.target(identities: [key])
                #expect(await failure(.openssh, server, target: target, options: options) == nil)
                #expect(server.log.contains("ED25519-SK"))
                try expectWayOut(
                    await failure(.libssh2, server, target: target, options: options), naming: "of this kind")
            }
        }

        @Test
        func `a security key that nobody touches is named with what to do`() async throws {
            try await SSHServer.with { server in
                let (key, usual) = try await securityKey(for: server, flags: ["-DNOBODY_TOUCHES"])
                var options = usual
                options.connectTimeout = .seconds(3)
                let error = await failure(
                    .openssh, server, target: server.target(identities: [key]), options: options)
                let refusal = try require(error, .timedOut(.known))
                #expect(refusal.detail.hasPrefix("no login within"))
                let hint = try #require(refusal.hint)
                #expect(hint.contains("\(key).pub is on a security key") && hint.contains("--parallel 1"))
            }
        }

        @Test(
            .enabled(
                if: KerberosRealm.isInstalled, "needs a KDC (packages krb5-kdc, krb5-admin-server, krb5-user)"
            ))
        func `a Kerberos ticket logs in`() async throws {
            let directory = try makeTemporaryDirectory()
            defer { removeDirectory(directory) }
            let realm = try await KerberosRealm(below: directory)
            try await SSHServer.with(
                options: [
                    "GSSAPIAuthentication yes", "GSSAPIStrictAcceptorCheck no", "PubkeyAuthentication no",
                ],
                prelude: { _ in
                    ["env", "KRB5_CONFIG=\(directory)/krb5.conf", "KRB5_KTNAME=\(realm.keytab)"]
                }
            ) { server in
                let known = try read(server.knownHosts)
                try write(known + known.replacing("[127.0.0.1]", with: "[localhost]"), to: server.knownHosts)
                try write("GSSAPIAuthentication yes\n", to: server.config)

                // The program itself, because a realm is known by the environment of a process.
                func haops(_ transport: String) async throws -> (status: TerminationStatus, said: String) {
                    let assignments = realm.environment.map { "\($0.key)=\($0.value)" }
                    let node = "\(currentUser())@localhost:\(server.port)"
                    let run = try await Subprocess.run(
                        .name("env"),
                        arguments: Arguments(
                            assignments + [
                                "timeout", "60", LabFixture.haops, "exec", "--nodes", node, "--transport",
                                transport, "-F", server.config, "--known-hosts", server.knownHosts, "--yes",
                                "--", "echo", "let in",
                            ]),
                        output: .string(limit: 65536), error: .string(limit: 65536))
                    return (run.terminationStatus, run.standardOutput + run.standardError)
                }
                #expect(try await haops("openssh").status == .exited(4), "let in without a ticket")
                try await realm.logIn()
                let answer = try await haops("openssh")
                #expect(answer.status == .exited(0), "\(answer.said)")
                #expect(answer.said.contains("let in"))
                #expect(server.log.contains("Accepted gssapi-with-mic"))
                let refusal = try await haops("libssh2")
                #expect(refusal.status == .exited(4))
                #expect(refusal.said.contains("Kerberos needs --transport openssh"))
            }
            await realm.stop()
        }

        private func expectWayOut(_ error: RemoteError?, naming what: String) throws {
            let refusal = try require(error, .authenticationFailed)
            let hint = try #require(refusal.hint)
            #expect(hint.contains(what) && hint.contains("--transport openssh"), "\(hint)")
        }
    }
}

private let securityKeySource = LabFixture.project + "/Tests/SSHTransportTests/SecurityKey/security-key.c"

/// A key whose private half only the security key in software has, and the options to log in with it.
private func securityKey(
    for server: SSHServer, flags: [String] = []
) async throws -> (key: String, options: ConnectionOptions) {
    let middleware = server.directory + "/security-key.so"
    try await run(
        "cc", ["-shared", "-fPIC", "-Wall"] + flags + ["-o", middleware, securityKeySource, "-lcrypto"])
    let key = server.key("hardware")
    try await makeKey(key, kind: "ed25519-sk", extra: ["-w", middleware])
    try server.authorize(key)
    try write("SecurityKeyProvider \(middleware)\nIdentitiesOnly yes\n", to: server.config)
    var options = server.options()
    options.sshConfig = server.config
    return (key, options)
}

private func append(_ text: String, to path: String) throws { try write(try read(path) + text, to: path) }

/// An authority whose user certificates the server takes.
private func trustAnAuthority(_ directory: String) async throws -> [String] {
    try await makeKey(directory + "/authority", kind: "ed25519")
    try append("TrustedUserCAKeys \(directory)/authority.pub\n", to: directory + "/sshd_config")
    return []
}

/// Has the server show a certificate for 127.0.0.1 that `authority` has signed.
private func certifyHost(in directory: String, by authority: String) async throws {
    try await certify(
        directory + "/host_ed25519", by: "\(directory)/\(authority)",
        ["-I", "a node", "-h", "-n", "127.0.0.1"])
    try append("HostCertificate \(directory)/host_ed25519-cert.pub\n", to: directory + "/sshd_config")
}

private func certify(_ key: String, by authority: String, _ words: [String]) async throws {
    try await run("ssh-keygen", ["-q", "-s", authority] + words + [key + ".pub"])
}
