import HaopsTestSupport
import Remote

extension InjectedFault {
    /// What becomes of the connections to a node.
    static let onTheConnection = [
        // Every packet of haops to the node is answered with a reset, for long enough to meet each connection; then new ones work.
        InjectedFault(
            name: "ssh-reset", stride: 6,
            inject: { place in
                _ = try await place.lab.run([
                    "bash", "-c",
                    """
                    rule="OUTPUT -p tcp -d $1 --dport 22 -m comment --comment fault -j REJECT --reject-with tcp-reset"
                    iptables -w -I $rule; sleep 0.5; iptables -w -D $rule
                    """, "bash", place.address,
                ])
                return []
            }, takeBack: { try await mendConnections($0) }),
        InjectedFault(
            name: "ssh-sessions-killed", stride: 8,
            inject: { place in
                try await place.onNode(
                    "for p in $(pgrep -x sshd); do [ \"$(ps -o ppid= -p $p | tr -d ' ')\" = 1 ] || kill -9 $p; done; true"
                )
                return []
            }),
        ofTheLab("sshd-stopped", stride: 9),
        ofTheLab("cut-off", stride: 11, silence: .election, silencesNode: true, isLong: true),
    ]
}

extension InjectedFault.Place {
    /// The node's address for ssh.
    var address: String { "198.51.100.1\(node.dropFirst(2))" }
}
