import Keepalived

/// Nodes with different authentication.
///
/// - Condition: The type or the password differs, where keepalived uses the first eight characters of a password.
/// - Why: Adverts are refused; since 2.0 all nodes become MASTER.
/// - Remedy: Use the same type and password on every node.
struct PeerAuthentication: PeerRule {
    static let id = "x-auth"

    func check(_ peers: Peers) -> [Finding] {
        guard let first = peers.members.first else { return [] }
        return peers.members.dropFirst().compactMap { second in
            guard first.instance.authentication?.value != second.instance.authentication?.value else {
                return nil
            }
            return peers.finding(
                Self.id, .error, [first, second], at: { $0.authentication?.location },
                "\(first.instance.name): the authentication of \(first.node.name) and \(second.node.name) differs",
                effect: peers.refusal, fix: "use the same type and password on every node")
        }
    }
}
