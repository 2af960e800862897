import Addresses
import Facts
import HaopsTestSupport
import Import
import Inventory
import Keepalived
import Remote
import Rendering
import Testing

/// What an import adds, and that `--minimal` adds nothing.
@Suite struct MinimalImportTests {
    private func surveyed(_ pair: AdoptedPair) -> Surveyed {
        var others = pair.others
        if let haproxy = pair.haproxy { others["/etc/haproxy/haproxy.cfg"] = haproxy }
        return Surveyed(pair.first, pair.second, others: others)
    }

    @Test(arguments: AdoptedPair.all)
    func `a minimal import means the same and adds nothing`(_ pair: AdoptedPair) throws {
        let imported = importCluster(surveyed(pair).nodes, isMinimal: true)
        #expect(imported.refusals.map(\.description) == [], "\(imported.inventory)")
        #expect(imported.additions.map(\.description) == [])
        let cluster = try imported.cluster
        #expect(cluster.isAdopted && cluster.files.isEmpty)
        for (text, name) in zip([pair.first, pair.second], ["lb1", "lb2"]) {
            let index = name == "lb1" ? 0 : 1
            let rendered = try imported.rendered()[index]
            var files = pair.others.mapValues { ConfigurationFile(Array($0.utf8)) }
            files[conf] = ConfigurationFile(Array(text.utf8))
            let before = ConfigurationReader(files: FileSet(files), configID: name, version: .assumed)
                .read(path: conf)
            let after = ConfigurationReader(path: conf, bytes: Array(rendered.utf8), configID: name)
                .read(path: conf)
            #expect(difference(from: before, to: after).map(\.description) == [], "\(rendered)")
        }
    }

    @Test func `an import announces what the first apply adds`() throws {
        var surveyed = Surveyed()
        for (name, text) in [("lb1", AdoptedPair.all[0].first), ("lb2", AdoptedPair.all[0].second)] {
            surveyed.add(name, address: "198.51.100.1\(name.last ?? "1")", [conf: text])
        }
        for index in surveyed.nodes.indices {
            surveyed.nodes[index].facts.set(
                ServicesFact.self,
                to: ["keepalived": ServiceState(isRunning: true, isEnabled: false, detail: "active")])
        }
        let additions = surveyed.imported.additions.map(\.text)
        for words in [
            "`/etc/default/keepalived` is new", "`/etc/keepalived/haops-notify.sh` is new", "vrrp_track_file",
            "mode 0644 of `/etc/keepalived/keepalived.conf` becomes 0640", "`keepalived` will start at boot",
            "vrrp_garp_master_refresh 60", "router_id",
        ] {
            #expect(additions.contains { $0.contains(words) }, "\(words) is not among \(additions)")
        }
    }

    @Test func `an address outside its interface's networks is imported with a warning`() throws {
        var surveyed = surveyed(AdoptedPair.all[3])
        for index in surveyed.nodes.indices {
            let own = try #require(CIDR("198.51.100.1\(index + 1)/24"))
            surveyed.nodes[index].facts.set(
                InterfacesFact.self,
                to: [Interface(name: "eth0", addresses: [Interface.Held(cidr: own)])])
        }
        let imported = importCluster(surveyed.nodes)
        #expect(imported.isFaithful && imported.inventory.contains("outside: true"))
        #expect(imported.notes.contains { $0.text.contains("is outside the networks of `eth0`") })
    }

    @Test func `unicast over two legs has each instance's own addresses`() throws {
        let pair = try #require(AdoptedPair.all.first { $0.name == "unicast on two legs" })
        let imported = surveyed(pair).imported
        #expect(imported.refusals.map(\.description) == [])
        #expect(imported.inventory.contains("vrrp_addresses: { lb1: 203.0.113.11, lb2: 203.0.113.12 }"))
        #expect(imported.notes.contains { $0.text.contains("another leg") })
    }
}
