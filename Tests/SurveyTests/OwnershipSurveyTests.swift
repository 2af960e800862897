import Addresses
import Checks
import HaopsTestSupport
import Inventory
import Remote
import Survey
import Testing

/// Which addresses are asked about, and whom.
struct OwnershipSurveyTests {
    /// Two clusters of two nodes each, with nothing known of their addresses but one of `web`.
    private func fleet() throws -> Fleet {
        func cluster(_ name: String, _ vip: String) throws -> Cluster {
            let nodes = ["1", "2"].map { HostID(name + $0) }
            let instance = VRRPInstance(
                name: "VI_1", routerID: 51, addresses: [VirtualAddress(cidr: try #require(CIDR(vip)))],
                preferred: nodes[0], priorities: [nodes[0]: 150, nodes[1]: 100])
            return Cluster(
                name: name,
                nodes: nodes.map { Node(id: $0, target: SSHTarget(id: $0, host: $0.name)) },
                keepalived: KeepalivedSettings(interface: "eth1", instances: [instance]))
        }
        return Fleet(
            source: "",
            clusters: [try cluster("web", "203.0.113.50/24"), try cluster("db", "203.0.113.60/24")])
    }

    private func survey(
        _ wanted: [String], _ scenes: [HostID: String]
    ) async throws -> [OwnershipSurvey.Outcome] {
        let survey = OwnershipSurvey(
            fleet: try fleet(), wanted: try wanted.map { try #require(IPAddress($0)) })
        return try await survey.take(in: SurveyContext(transport: StagedNodes(scenes: scenes)))
    }

    private static let bare = StagedNodes.card()
    private static let all: [HostID: String] = ["web1": bare, "web2": bare, "db1": bare, "db2": bare]

    @Test func `an address that no cluster knows is asked of all of them, and answered once`() async throws {
        var scenes = Self.all
        scenes["db2"] = StagedNodes.card(addresses: ["203.0.113.99/24"])
        let found = try await survey(["203.0.113.50", "203.0.113.99"], scenes).flatMap(\.ownerships)
        #expect(found.map(\.vip.description) == ["203.0.113.50", "203.0.113.99"])
        let stranger = try #require(found.last)
        #expect(stranger.holders == ["db2"] && stranger.cluster == "db")
        #expect(stranger.nodes.count == 4)
        let nobody = try await survey(["203.0.113.98"], Self.all)
        #expect(nobody.flatMap(\.ownerships).map(\.verdict) == [.unowned])
    }

    @Test func `an address that nobody lists and nobody holds is none of theirs`() async throws {
        let wanted = try ["203.0.113.50", "203.0.113.98", "203.0.113.99"].map { try #require(IPAddress($0)) }
        var scenes = Self.all
        scenes["db2"] = StagedNodes.card(addresses: ["203.0.113.99/24"])
        func unlisted() async throws -> [IPAddress] {
            OwnershipSurvey.unlisted(
                among: wanted, in: try await survey(wanted.map(\.description), scenes)
            ).unlisted
        }
        #expect(try await unlisted() == [wanted[1]])
        // A node that does not answer may have it.
        scenes["web1"] = "ip() { return 1; }\n"
        #expect(try await unlisted() == [])
    }

    @Test func `a node that cannot run ip is silent, and the fleet's answer not complete`() async throws {
        var scenes = Self.all
        scenes["web1"] = "ip() { echo 'ip: cannot fork' >&2; return 1; }\n"
        let outcomes = try await survey(["203.0.113.50"], scenes)
        #expect(outcomes.flatMap(\.ownerships).map(\.verdict) == [.unknown])
        #expect(outcomes.map(\.isComplete) == [false, true])
    }
}
