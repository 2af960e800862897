import Addresses
import Facts
import Keepalived
import Remote

extension DoctorNode {
    func staticLine(naming vip: IPAddress) -> NetworkConfiguration.Line? {
        after?.known(NetworkConfigurationFact.self)?.line(naming: vip)
    }

    /// Whether nftables has the table that keepalived creates for `vrrp_strict`.
    var hasKeepalivedTable: Bool {
        filter?.rules.keys.contains { id in
            if case .nftables(_, let table) = id.tool { table == "keepalived" } else { false }
        } == true
    }

    /// "keepalived is failed (Result: signal)".
    func serviceWords(_ service: String) -> Evidence? {
        after?.known(ServicesFact.self)?[service].map {
            Evidence(.daemon, on: name, "\(service) is \($0.detail)")
        }
    }

    /// Entries of keepalived's log.
    func evidence(of entries: some Sequence<JournalEntry>) -> [Evidence] {
        entries.map { Evidence(.journal, on: name, $0.message) }
    }

    func isEnabledAtBoot(_ service: String) -> Bool? { after?.known(ServicesFact.self)?[service]?.isEnabled }

    /// keepalived does not remove an address whose prefix differs from the configuration's.
    func prefixDifference(of vip: IPAddress) -> Evidence? {
        guard let held = interfaces.flatMap(\.addresses).first(where: { $0.cidr.address == vip }),
            let written = configuration?.instances.flatMap(\.allAddresses).first(where: { $0.address == vip }
            ),
            held.cidr.prefixLength != written.prefixLength
        else { return nil }
        return Evidence(
            .kernel, on: name,
            "it is there as \(held.cidr), and keepalived would set \(vip)/\(written.prefixLength)")
    }
}
