import FoundationEssentials
import Remote

/// What `haops who -o json` says.
struct WhoAnswer: Decodable {
    struct VIP: Decodable {
        struct Node: Decodable {
            var node: String
            var reachable: Bool
            var holds: Bool?
            var keepalived: String
            var claims: String?
            var priority: Int?
            /// From where the role is known.
            var witness: String?
            /// What a switchover adds to the priority; 0 and `nil` without one.
            var lift: Int?
        }
        struct Neighbour: Decodable {
            var observer: String
            var node: String?
        }
        struct Probe: Decodable {
            struct Port: Decodable {
                var port: Int
                var answer: String
            }
            var observer: String
            var ports: [Port]
        }
        var vip: String
        var reason: String
        /// Whether others are answered; `nil` where that is not known.
        var answers: Bool?
        var probes: [Probe]
        var verdict: String
        var owners: [String]
        var nodes: [Node]
        var arp: [Neighbour]

        func node(_ name: String) -> Node? { nodes.first { $0.node == name } }
    }

    var vips: [VIP]
    /// The exit code.
    var exit = Remote.ExitStatus.code(-1)

    private enum CodingKeys: CodingKey { case vips }

    init(_ output: CommandOutput) throws {
        self = try JSONDecoder().decode(WhoAnswer.self, from: Data(output.stdout))
        exit = output.status
    }

    /// The verdicts in one line, for conditions and for messages: `owned by lb1`.
    var verdicts: [String] {
        vips.map { $0.owners.isEmpty ? $0.verdict : "\($0.verdict) by \($0.owners.joined(separator: "+"))" }
    }
}
