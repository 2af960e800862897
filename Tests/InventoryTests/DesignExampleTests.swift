import Addresses
import Remote
import Testing

@testable import Inventory

/// The example of the design, word for word.
let designExample = """
    haops: 1
    ssh: { user: root, identity: ~/.ssh/id_ed25519, jump: bastion.example.net }   # per cluster and per node too
    secrets:
      vrrp: { env: HAOPS_VRRP_PASS }              # or {file: path} or {command: [pass, show, vrrp]}
    clusters:
      web:
        nodes:                                     # ranges work: lb[01-02]
          lb1: { address: 198.51.100.11, priority: 150 }
          lb2: { address: 198.51.100.12, priority: 100 }
        observers: { client: { address: 198.51.100.5 } }     # hosts asked what ARP says; optional
        keepalived:
          interface: eth0                          # where adverts travel
          transport: multicast                     # or unicast: peers and source addresses are derived
          version: 2
          advert_interval: 1
          auth_pass: { secret: vrrp }
          preempt: true                            # false renders nopreempt and state BACKUP everywhere
          preferred: lb1                           # renders state MASTER here, BACKUP elsewhere
          scripts:
            check_haproxy: { run: /etc/keepalived/check_haproxy.sh, interval: 2, fall: 2, rise: 2, weight: -60 }
          notify: true                             # install haops' own state-file notify script
          instances:
            VI_1:
              router_id: 51
              addresses:
                - { vip: 203.0.113.50/24, interface: eth1, label: "eth1:0" }
                - 203.0.113.51/24
              excluded: []                         # virtual_ipaddress_excluded
              track_interfaces: [eth1]
              track_scripts: [check_haproxy]
          options: "--vrrp"                        # DAEMON_ARGS
          extra: { global_defs: "vrrp_garp_master_refresh 60", VI_1: "garp_master_delay 2" }
        haproxy:
          frontends: { web: { bind: ["203.0.113.50:80"], mode: http, backend: web } }
          backends:
            web: { mode: http, balance: roundrobin, check: { http: /health },
                   servers: { web1: 203.0.113.21:80, web2: 203.0.113.22:80 } }
          extra: { global: "maxconn 20000", defaults: "timeout client 30s" }
        sysctl: { net.ipv4.ip_nonlocal_bind: 1 }
        firewall: { backend: auto, allow: [vrrp, icmp] }     # auto finds iptables, nftables or firewalld
        packages: [keepalived, haproxy]            # installed with the node's own package manager when missing
    """

@Suite struct DesignExampleTests {
    @Test func `the example of the design reads without a diagnostic, every value in its place`() throws {
        let fleet = try readFleet(
            yaml: Array(designExample.utf8), file: "haops.yaml", directory: "/etc/haops")
        #expect(fleet.warnings.map(\.message) == [])
        let web = try #require(fleet.clusters.first)
        #expect(fleet.clusters.count == 1)
        #expect(web.name == "web")
        #expect(web.nodes.map(\.id.name) == ["lb1", "lb2"])
        #expect(web.nodes.map(\.target.host) == ["198.51.100.11", "198.51.100.12"])
        #expect(web.nodes[0].target.user == "root")
        #expect(web.nodes[0].target.identities == ["~/.ssh/id_ed25519"])
        #expect(web.nodes[0].target.jumps == ["bastion.example.net"])
        #expect(web.nodes[0].vrrpAddress == IPAddress("198.51.100.11"))
        #expect(web.observers.map(\.target.host) == ["198.51.100.5"])

        let keepalived = try #require(web.keepalived)
        #expect(keepalived.interface == "eth0")
        #expect(keepalived.transport == .multicast)
        #expect(keepalived.version == 2)
        #expect(keepalived.advertInterval == 100)
        #expect(
            keepalived.authPass == .reference(name: "vrrp", source: .environment("HAOPS_VRRP_PASS")))
        #expect(keepalived.preempt)
        #expect(keepalived.notify == NotifySettings())
        #expect(keepalived.options == "--vrrp")
        #expect(keepalived.extraGlobal == "vrrp_garp_master_refresh 60")
        #expect(
            keepalived.scripts == [
                TrackScript(
                    name: "check_haproxy", run: "/etc/keepalived/check_haproxy.sh", interval: 2, fall: 2,
                    rise: 2, weight: -60)
            ])
        let instance = try #require(keepalived.instances.first)
        #expect(instance.routerID == 51)
        #expect(instance.preferred == HostID("lb1"))
        #expect(instance.priorities == [HostID("lb1"): 150, HostID("lb2"): 100])
        #expect(instance.addresses.map(\.cidr.description) == ["203.0.113.50/24", "203.0.113.51/24"])
        #expect(instance.addresses.map(\.label) == ["eth1:0", nil])
        #expect(instance.addresses.map(\.interface) == ["eth1", nil])
        #expect(instance.excluded.isEmpty)
        #expect(instance.trackInterfaces == ["eth1"])
        #expect(instance.trackScripts == ["check_haproxy"])
        #expect(instance.extra == "garp_master_delay 2")

        let haproxy = try #require(web.haproxy)
        #expect(haproxy.frontends.map(\.binds) == [["203.0.113.50:80"]])
        #expect(haproxy.frontends.map(\.mode) == [.http])
        #expect(haproxy.backends.map(\.check) == [.http(path: "/health")])
        #expect(haproxy.backends[0].servers.map(\.name) == ["web1", "web2"])
        #expect(haproxy.extraGlobal == "maxconn 20000")
        #expect(web.sysctl == [SysctlSetting(key: "net.ipv4.ip_nonlocal_bind", value: "1")])
        #expect(web.firewall == FirewallSettings(backend: .auto, allow: [.vrrp, .icmp]))
        #expect(web.packages == ["keepalived", "haproxy"])
        #expect(
            fleet.location(of: .address(cluster: "web", instance: "VI_1", index: 1))
                == SourceLocation(file: "haops.yaml", line: 27, column: 15, length: 15))
    }
}
