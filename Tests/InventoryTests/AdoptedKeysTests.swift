import Addresses
import Remote
import Testing

@testable import Inventory

/// The keys that clusters written by others need.
@Suite struct AdoptedKeysTests {
    private static let inventory = """
        haops: 1
        secrets:
          one: { env: ONE }
          stats: { env: STATS }
        clusters:
          web:
            nodes: { lb1: { address: 198.51.100.11 }, lb2: { address: 198.51.100.12 } }
            keepalived:
              interface: eth0
              initial_state: backup
              transport: unicast
              unicast_source: false
              broadcast: false
              script_security: false
              options: ""
              scripts:
                check: { run: /bin/check, weight: -60, own: true, extra: "user nobody" }
              instances:
                VI_1:
                  router_id: 51
                  auth_pass: { secret: one }
                  handover: false
                  addresses:
                    - { vip: 203.0.113.50/24, options: "scope link no_track" }
              extra:
                blocks: |
                  vrrp_sync_group VG {
                      group {
                          VI_1
                      }
                  }
            haproxy:
              shipped: false
              extra:
                sections: |
                  listen stats
                      bind :8404
                      stats auth admin:${secret:stats}

        """

    private func cluster(_ edits: (String, String)...) throws -> Cluster {
        let text = edits.reduce(Self.inventory) { $0.replacing($1.0, with: $1.1) }
        let fleet = try readFleet(yaml: Array(text.utf8), file: "haops.yaml", directory: "")
        return try #require(fleet.clusters.first)
    }

    @Test func `each is read`() throws {
        let cluster = try cluster()
        let settings = try #require(cluster.keepalived)
        #expect(settings.initialState == .backup)
        #expect(!settings.namesUnicastSource && !settings.setsBroadcast && !settings.scriptSecurity)
        #expect(settings.options == "")
        #expect(settings.scripts[0].isOwn && settings.scripts[0].extra == "user nobody")
        let instance = settings.instances[0]
        #expect(!instance.followsHandover)
        #expect(instance.addresses[0].options == "scope link no_track")
        #expect(
            settings.authPass(of: instance) == .reference(name: "one", source: .environment("ONE")))
        #expect(settings.extraBlocks?.hasPrefix("vrrp_sync_group VG {") == true)
        #expect(cluster.haproxy?.isShipped == false)
        #expect(cluster.textSecrets == ["stats": .reference(name: "stats", source: .environment("STATS"))])
    }

    @Test func `a raw line may name only secrets that there are`() {
        #expect {
            _ = try cluster(("${secret:stats}", "${secret:stat}"))
        } throws: { error in
            (error as? InventoryError)?.diagnostics.contains {
                $0.message == "no secret `stat` is among `secrets`" && $0.remedy == "did you mean `stats`?"
            } == true
        }
    }

    @Test func `every secret is fetched, those in raw lines too`() async throws {
        let fleet = try readFleet(yaml: Array(Self.inventory.utf8), file: "haops.yaml", directory: "")
        let secrets = try await ResolvedSecrets.resolving(
            fleet, environment: { ["ONE": "hunter22", "STATS": "t0psecret"][$0] }, run: { _ in [] })
        #expect(secrets[.reference(name: "one", source: .environment("ONE"))]?.revealed == "hunter22")
        #expect(secrets[.reference(name: "stats", source: .environment("STATS"))]?.revealed == "t0psecret")
    }
}
