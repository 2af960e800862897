import HaopsTestSupport
import Remote

extension InjectedFault {
    private static func laboratory(
        _ name: String, of fault: String, stride: Int, silence: Silence, isLong: Bool = true,
        after pause: Duration? = nil, onPeer: Bool = false
    ) -> InjectedFault {
        @Sendable func victim(_ place: Place) -> String { onPeer ? place.peer : place.node }
        return InjectedFault(
            name: name, stride: stride, silence: silence, silencesNode: true, isLong: isLong,
            inject: { place in
                try await place.lab.fault(fault, victim(place))
                guard let pause else { return [] }
                try await Task.sleep(for: pause)
                try await place.lab.heal(fault, victim(place))
                return []
            },
            takeBack: { place in
                try await place.lab.heal(fault, victim(place))
                return []
            })
    }

    /// What becomes of the machines. A frozen one's kernel goes on to answer pings, its keepalived sends no adverts.
    static let onTheMachine = [
        laboratory(
            "frozen-5s", of: "frozen", stride: 8, silence: .election, isLong: false, after: .seconds(5)),
        laboratory("frozen-60s", of: "frozen", stride: 14, silence: .start, after: .seconds(60)),
        laboratory("frozen", of: "frozen", stride: 12, silence: .start),
        laboratory("power-cut", of: "powered-off", stride: 12, silence: .start),
        laboratory("peer-power-cut", of: "powered-off", stride: 12, silence: .start, onPeer: true),
        InjectedFault(
            name: "power-cut-and-back", stride: 8, silence: .start, silencesNode: true,
            inject: { place in
                try await place.lab.reboot(place.node)
                return []
            }),
        InjectedFault(
            name: "peer-dies", stride: 8, silence: .start,
            inject: { place in
                try await place.lab.console(
                    place.peer, "pkill -KILL keepalived; ip address flush dev eth1 to 203.0.113.48/28; true"
                )
                .status.isSuccess ? [] : ["the peer did not die"]
            },
            takeBack: { place in
                _ = try await place.lab.console(
                    place.peer, "systemctl reset-failed keepalived; systemctl start keepalived")
                return []
            }),
        // Its cable for the addresses is pulled and plugged in again: keepalived follows that interface.
        InjectedFault(
            name: "owner-flaps", stride: 8, silence: .election,
            inject: { place in
                let down = "ip link set dev eth1 down; sleep 1; ip link set dev eth1 up"
                _ = try await place.lab.console(
                    "lb1", "\(down); ip address replace 2001:db8:203::11/64 dev eth1 nodad")
                return []
            }),
        // The kernel's clock is that of all labs, so that the clock is set for what scripts ask: date(1).
        clock("clock-plus-1-day", "+1 day"),
        clock("clock-minus-1-day", "-1 day"),
    ]

    private static func clock(_ name: String, _ shift: String) -> InjectedFault {
        InjectedFault(
            name: name, stride: 13, exits: [0],
            inject: { place in
                try await place.replace(
                    "date",
                    """
                    for word; do case $word in -d | --date* | -s) exec "$real" "$@" ;; esac; done
                    exec "$real" -d '\(shift)' "$@"
                    """)
                return []
            },
            takeBack: { place in
                try await place.putBack("date")
                return []
            })
    }
}
