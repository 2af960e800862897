import Remote
import Testing

@Suite struct RemoteErrorTests {
    private let host = HostID("lb1")

    @Test func `only a change that was sent leaves its outcome unknown`() {
        for changes in [true, false] {
            let errors: [RemoteError] = [
                .timedOut(host: host, operation: "reload", after: .seconds(1), changes: changes),
                .connectionLost(host: host, operation: "reload", cause: "reset", changes: changes),
                .overflowed(host: host, operation: "reload", limit: 1 << 20, changes: changes),
                .cancelled(host: host, operation: "reload", changes: changes),
            ]
            for error in errors {
                #expect(error.outcomeIsKnown == !changes, "\(error)")
                #expect(error.description.hasSuffix(", outcome unknown") == changes, "\(error)")
                #expect((error.hint == "look before you repeat it: haops status") == changes, "\(error)")
            }
        }
        #expect(RemoteError.unreachable(host: host, cause: "refused").outcomeIsKnown)
        #expect(RemoteError.connectTimedOut(host: host, phase: "login", after: .seconds(1)).outcomeIsKnown)
    }

    @Test func `an error says host, operation and what went wrong, and its hint apart`() {
        let lost = RemoteError.connectionLost(
            host: host, operation: "reload keepalived", cause: "reset", changes: true)
        #expect(
            lost.description == "`lb1`: cannot reload keepalived: connection lost (reset), outcome unknown")
        let refused = RemoteError.authenticationFailed(
            host: host, user: "ops", tried: ["publickey", "password"], hint: "give -K")
        #expect(refused.description == "`lb1`: cannot log in as `ops`: tried publickey, password")
        #expect(refused.words == "cannot log in as `ops`: tried publickey, password")
        #expect(refused.hint == "give -K")
        let behind = RemoteError.connectTimedOut(
            host: host, .hop(to: "198.51.100.11", through: "gw"), phase: "TCP connection", after: .seconds(5))
        #expect(
            behind.description
                == "`lb1`: cannot connect to 198.51.100.11 through gw: no TCP connection within 5 s")
        let key = RemoteError.unknownHostKey(
            host: host, shown: "gw", fingerprint: "ssh-ed25519 SHA256:x", knownHosts: "known_hosts")
        #expect(
            key.description
                == "`lb1`: cannot verify the host key of gw: it is not known: ssh-ed25519 SHA256:x")
        #expect(key.hint?.contains("add it to known_hosts") == true)
        let mute = RemoteError.unanswered(
            host: host, question: "what addresses it has", cause: "no `ip`", hint: nil)
        #expect(mute.description == "`lb1`: cannot say what addresses it has: no `ip`")
        #expect(mute.reason == "cannot say what addresses it has")
    }

    @Test func `the mishap of a jump host is said of every machine behind it`() {
        let error = RemoteError.unreachable(
            host: host, .hop(to: nil, through: "gw"), cause: "it ended")
        #expect(
            error.moved(to: "lb2").description == "`lb2`: cannot connect through gw: it ended")
        #expect(error.moved(to: "lb1") == error)
    }

    @Test func `a login and a command may both take too long`() {
        #expect(RemoteError.connectTimedOut(host: host, phase: "login", after: .seconds(1)).isTimeout)
        #expect(
            RemoteError.timedOut(host: host, operation: "ask", after: .seconds(1), changes: true).isTimeout)
        #expect(!RemoteError.unreachable(host: host, cause: "refused").isTimeout)
        #expect(RemoteError.cancelled(host: host).isCancelled)
    }

    @Test func `what many machines have in common is said once`() {
        func refused(_ number: Int, _ why: String = "Connection refused") -> RemoteError {
            .unreachable(
                host: HostID("lb\(number)"), .connect(to: "198.51.100.\(number)"), cause: why)
        }
        let denied = RemoteError.privilegeDenied(host: "db1", cause: "no sudo", hint: "install it")
        let errors = (1...3).map { refused($0) } + [refused(4, "No route to host"), denied]
        let folded = FoldedErrors.fold(errors, fewest: 3)
        #expect(
            folded.map { $0.description("lb[1-3]") } == [
                "3 nodes unreachable: lb[1-3]: Connection refused",
                "`lb4`: cannot connect to 198.51.100.4: No route to host",
                "`db1`: cannot become root: no sudo",
            ])
        #expect(folded.map(\.hint) == [nil, nil, "install it"])
        #expect(folded.first?.hosts == ["lb1", "lb2", "lb3"])
        #expect(FoldedErrors.fold(errors, fewest: 4).count == 5)
        let lost = ["a", "b", "c"].map {
            RemoteError.connectionLost(host: $0, operation: "reload", cause: "reset", changes: true)
        }
        #expect(
            FoldedErrors.fold(lost, fewest: 3).map { $0.description("a,b,c") } == [
                "3 nodes: a,b,c: cannot reload: connection lost (reset), outcome unknown"
            ])
    }
}
