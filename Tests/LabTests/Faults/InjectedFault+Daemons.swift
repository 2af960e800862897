import HaopsTestSupport
import Remote

extension InjectedFault {
    /// What a unit has besides its own file until the fault is taken back.
    private static func dropIn(
        _ name: String, for unit: String, _ lines: String, stride: Int, isLong: Bool = false,
        fits: @escaping @Sendable (FaultScenario) -> Bool
    ) -> InjectedFault {
        InjectedFault(
            name: name, stride: stride, isLong: isLong,
            fits: { scenario, step in
                // Later nothing starts or loads any more.
                fits(scenario) && !["verify", "confirm", "clean", "give-back"].contains(step.stage)
            },
            inject: { place in
                try await place.lab.put(
                    "[Service]\n\(lines)\n", at: "/run/systemd/system/\(unit).service.d/fault.conf",
                    on: place.node)
                try await place.onNode("systemctl daemon-reload")
                return []
            },
            takeBack: { place in
                try await place.onNode(
                    """
                    rm -rf /run/systemd/system/\(unit).service.d && systemctl daemon-reload
                    systemctl is-active --quiet \(unit) || { systemctl reset-failed \(unit); systemctl stop \(unit); systemctl start \(unit); }
                    """)
                return []
            })
    }

    /// Daemons that do not start, do not load, or do not get what they need.
    static let onTheDaemons = [
        dropIn(
            "keepalived-crashes", for: "keepalived", "ExecStartPre=/bin/sh -c 'kill -SEGV $$$$'", stride: 2
        ) { $0.startsKeepalived },
        dropIn(
            "keepalived-hangs", for: "keepalived", "ExecStartPre=/bin/sleep 600\nTimeoutStartSec=20",
            stride: 3,
            isLong: true
        ) { $0.startsKeepalived },
        dropIn(
            "haproxy-refuses", for: "haproxy", "ExecReload=\nExecReload=/bin/false\nExecStartPre=/bin/false",
            stride: 3
        ) { $0.loadsHAProxy },
        InjectedFault(
            name: "haproxy-cannot-bind", stride: 1, isOfMaking: true,
            fits: { scenario, step in
                scenario == .applyHAProxy && ["lock", "stage", "validate"].contains(step.stage)
            },
            inject: { place in
                try await place.onNode(
                    """
                    setsid perl -MSocket -e 'socket S, PF_INET, SOCK_STREAM, 0; setsockopt S, SOL_SOCKET, SO_REUSEADDR, 1; \
                    bind S, sockaddr_in(\(FaultVariant.port), INADDR_ANY) or die $!; listen S, 9; sleep 300' </dev/null >/dev/null 2>&1 &
                    echo $! >/run/fault.pid; for n in 1 2 3 4 5 6 7 8 9; do ss -Hltn | grep -q :\(FaultVariant.port) && exit 0; sleep 0.1; done; exit 1
                    """)
                return []
            },
            takeBack: { place in
                _ = try await place.lab.console(
                    place.node, "pkill -f 'sockaddr_in.\(FaultVariant.port)'; rm -f /run/fault.pid; true")
                return []
            }),
    ]
}
