import Addresses
import Facts
import Keepalived

/// Whether one node of a router reaches another.
struct PeerReachability {
    var from: String
    var to: String
    var address: IPAddress
    var reach: Reach

    var evidence: Evidence {
        let words =
            switch reach {
            case .answers: "ping to \(to) (\(address)) is answered"
            case .linkOnly: "\(to) (\(address)) answers ARP, though no ping"
            case .silent: "\(to) (\(address)) answers neither ping nor ARP"
            }
        return Evidence(.probe, on: from, words)
    }

    static func pairs(of router: VirtualRouter, in observation: ClusterObservation) -> [PeerReachability] {
        router.members.flatMap { member in
            router.members.filter { $0.name != member.name }.flatMap { other in
                other.ownAddresses(besides: router.addresses).compactMap { address in
                    observation.reach[member.name]?[address].map {
                        PeerReachability(from: member.name, to: other.name, address: address, reach: $0)
                    }
                }
            }
        }
    }
}
