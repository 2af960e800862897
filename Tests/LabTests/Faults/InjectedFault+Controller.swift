import Glibc
import HaopsTestSupport
import Remote

extension InjectedFault {
    /// One signal to haops.
    private static func signal(
        _ name: String, _ signal: Int32, stride: Int, exits: Set<Int>
    ) -> InjectedFault {
        InjectedFault(
            name: name, stride: stride, exits: exits,
            inject: { place in
                kill(place.process, signal)
                return []
            })
    }

    /// What becomes of haops itself, and a second one.
    static let onTheController = [
        signal("kill-9", SIGKILL, stride: 1, exits: [0, 137]),
        signal("int", SIGINT, stride: 4, exits: [0, 130]),
        InjectedFault(
            name: "int-twice", stride: 5, exits: [0, 130],
            inject: { place in
                // Some wrappers pass one Ctrl-C on twice; the second one counts after 0.3 s.
                kill(place.process, SIGINT)
                try await Task.sleep(for: .milliseconds(400))
                kill(place.process, SIGINT)
                return []
            }),
        signal("term", SIGTERM, stride: 7, exits: [0, 130]),
        signal("hup", SIGHUP, stride: 7, exits: [0, 130]),
        // Nobody comes back: what is scheduled happens by itself.
        InjectedFault(
            name: "kill-9-alone", stride: 9, exits: [0, 137], isLong: true,
            fits: { scenario, _ in scenario != .switchover },
            inject: { place in
                kill(place.process, SIGKILL)
                return []
            },
            takeBack: { place in
                try await place.lab.eventually(
                    "nothing is scheduled or locked any more", within: .seconds(420)
                ) { () -> Bool? in
                    for node in ManagedPair.nodes {
                        let state = try await FaultNodeState.read(node, on: place.lab)
                        // Notes stay for the next run.
                        let waits = state.pending.filter {
                            !$0.hasSuffix("/unfinished") && !$0.hasSuffix("/staged")
                        }
                        if !waits.isEmpty { return nil }
                    }
                    return true
                }
                return []
            }),
        // No packet leaves any more, not even the FIN of the kernel that ends the process.
        InjectedFault(
            name: "controller-power-lost", stride: 9, exits: [0, 137], leavesLock: true,
            inject: { place in
                _ = try await place.lab.run(["bash", "-c", cutConnections, "bash", "\(place.process)"])
                kill(place.process, SIGKILL)
                return []
            }, takeBack: { try await mendConnections($0) }),
        InjectedFault(
            name: "second-controller", stride: 7, exits: [0],
            inject: { place in
                let other = try await place.lab.run(place.again, limit: .seconds(200))
                // It may come after the end of the first one; then there is nothing left to do, or it does the same again.
                guard [0, 3].map({ .code($0) }).contains(other.status) else {
                    return ["the second controller: \(other.everything)"]
                }
                return []
            }),
    ]

    /// Drops the packets of a process's connections in both directions.
    private static let cutConnections = """
        for port in $(ss -Htnp | sed -n "s/.* [^ ]*:\\([0-9]*\\) .*pid=$1,.*/\\1/p" | sort -u); do
          iptables -w -A OUTPUT -p tcp --sport "$port" -m comment --comment fault -j DROP
          iptables -w -A INPUT -p tcp --dport "$port" -m comment --comment fault -j DROP
        done
        """

    /// Removes what ``cutConnections`` and resets have added.
    static func mendConnections(_ place: Place) async throws -> [String] {
        _ = try await place.lab.run([
            "bash", "-c",
            "iptables -w -S | grep -- '--comment fault' | sed 's/^-A/-D/' | while read -r rule; do iptables -w $rule; done",
        ])
        return []
    }
}
