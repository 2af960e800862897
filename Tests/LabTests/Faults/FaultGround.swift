import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

/// The pair that the cases run on, which each of them leaves well.
actor FaultGround {
    let lab: LabFixture
    /// What is in force on both nodes; `nil` where that has to be found out.
    private var variant: FaultVariant?
    private var foretold: [String: Int] = [:]

    init(lab: LabFixture) { self.lab = lab }

    /// One per process: the tests of a process share its lab.
    static let shared: FaultGround? = LabFixture.running.map(FaultGround.init(lab:))

    /// Says what is in force now; `nil` has the next case begin from bare machines.
    func stands(on variant: FaultVariant?) { self.variant = variant }

    /// Makes the pair well, from bare machines where it was not left so.
    func ready() async throws -> FaultVariant {
        if let variant { return variant }
        try await lab.healAll()
        try await clear()
        try await lab.reset()
        for node in ManagedPair.nodes {
            try await ClosedFilter.iptables.close(node, of: lab)
            // The client may ping from the beginning, so that an apply that opens the filter can be measured.
            try await lab.eventually(
                "iptables -I INPUT -p icmp -s 203.0.113.5 -j ACCEPT && sed -i '/-j DROP/i iptables -A INPUT -p icmp -s 203.0.113.5 -j ACCEPT' /etc/own-firewall",
                on: node)
        }
        let base = FaultVariant()
        let pair = try base.pair(on: lab)
        let output = try await pair.haops("apply", "--yes")
        guard output.status == .code(0) else {
            throw LabFixture.Failure.failed(command: "haops apply", output: output)
        }
        try await pair.isWell()
        variant = base
        return base
    }

    /// Takes back what a run that was ended in the middle of a case has left, and what the lab knows nothing of.
    private func clear() async throws {
        for node in ManagedPair.nodes {
            _ = try await lab.console(
                node,
                """
                awk '$4 ~ "^/faults/" || $5 ~ "^/(etc|tmp|var/lib/haops|run/faults/own)$" { print $5 }' /proc/self/mountinfo |
                  while read -r place; do umount -l "$place"; done
                rm -rf /run/faults /run/.filler /run/systemd/system/*.service.d/fault.conf
                mount -o remount,size=1g /run; pkill -f 'sockaddr_in|lock-frontend'; systemctl daemon-reload
                """)
        }
        let controller = InjectedFault.Place(lab: lab, node: "lb1", process: 0, again: [])
        _ = try await InjectedFault.mendConnections(controller)
    }

    /// Takes a change back without haops' help, or with another apply, so that it can be made again.
    func undo(_ scenario: FaultScenario, from variant: FaultVariant) async throws -> FaultVariant {
        guard let toggled = scenario.toggles, variant.contains(toggled) else { return variant }
        let without = variant.subtracting(toggled)
        let script: String? =
            switch toggled {
            case .firewall:
                "iptables -w -D INPUT -p icmp -m comment --comment haops -j ACCEPT; sed -i '/-p icmp/d; s/VRRP and ICMP/VRRP/' /etc/haops/firewall.sh"
            case .package: "dpkg --purge \(FaultVariant.packageName) >/dev/null 2>&1"
            default: nil
            }
        if let script {
            for node in ManagedPair.nodes { try await lab.eventually(script, on: node) }
        } else {
            try await without.pair(on: lab).expect(0, "apply", "--yes")
            try await without.pair(on: lab).isWell()
        }
        self.variant = without
        return without
    }

    /// The longest silence that haops foretells for a scenario, in milliseconds. It is asked once for each direction of a change.
    func foretold(_ scenario: FaultScenario, _ key: String, _ ask: () async throws -> Int) async throws -> Int
    {
        if let known = foretold[scenario.rawValue + key] { return known }
        let answer = try await ask()
        foretold[scenario.rawValue + key] = answer
        return answer
    }

    /// Both nodes' states.
    func states() async throws -> [String: FaultNodeState] {
        async let first = FaultNodeState.read("lb1", on: lab)
        async let second = FaultNodeState.read("lb2", on: lab)
        return try await ["lb1": first, "lb2": second]
    }
}
