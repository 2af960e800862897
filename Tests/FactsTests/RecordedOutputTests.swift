import Addresses
import Facts
import Keepalived
import Remote
import Testing

/// Parsers against what real machines printed: Debian 12, iproute2 6.1, keepalived 2.2.7, haproxy 2.6.12.
@Suite struct RecordedOutputTests {
    @Test func `interfaces, their addresses and labels`() throws {
        let interfaces = try InterfacesFact().parse(
            SectionOutput(
                #"""
                1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
                    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
                    inet 127.0.0.1/8 scope host lo
                       valid_lft forever preferred_lft forever
                3: eth1@if14: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
                    link/ether 02:00:00:00:01:0b brd ff:ff:ff:ff:ff:ff link-netnsid 0
                    altname ens3
                    inet 203.0.113.11/24 brd 203.0.113.255 scope global eth1
                       valid_lft forever preferred_lft forever
                    inet 203.0.113.50/24 brd 203.0.113.255 scope global secondary eth1:0
                       valid_lft forever preferred_lft forever
                    inet6 2001:db8:203::11/64 scope global nodad 
                       valid_lft forever preferred_lft forever
                    inet 192.0.2.1 peer 192.0.2.2/31 scope global eth1
                       valid_lft forever preferred_lft forever
                4: eth2: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noop state DOWN group default qlen 1000
                    link/ether 02:00:00:00:02:0b brd ff:ff:ff:ff:ff:ff
                """#))
        #expect(interfaces.map(\.name) == ["lo", "eth1", "eth2"])
        let eth1 = interfaces[1]
        #expect(eth1.mac == MACAddress("02:00:00:00:01:0b"))
        #expect(eth1.isUp && eth1.hasCarrier)
        #expect(interfaces[2].isUp && !interfaces[2].hasCarrier)
        #expect(
            eth1.addresses.map(\.cidr.description) == [
                "203.0.113.11/24", "203.0.113.50/24", "2001:db8:203::11/64", "192.0.2.1/31",
            ])
        #expect(eth1.addresses[1].label == "eth1:0")
        #expect(eth1.addresses[1].isSecondary && !eth1.addresses[0].isSecondary)
    }

    @Test(
        arguments: [
            ("distribution=debian", "apt-get dnf zypper", SystemInfo.PackageManager.apt, false),
            ("distribution=ubuntu\nlike=debian", "apt-get", .apt, false),
            ("distribution=\"rocky\"\nlike=\"rhel centos fedora\"", "apt-get dnf yum", .dnf, true),
            ("distribution=fedora", "apt-get dnf yum", .dnf, true),
            ("distribution=\"centos\"\nlike=\"rhel fedora\"", "yum", .yum, true),
            ("distribution=\"opensuse-leap\"\nlike=\"suse opensuse\"", "apt-get dnf zypper", .zypper, true),
            ("distribution='sles'\nlike='suse'", "zypper", .zypper, true),
            ("distribution=altlinux", "apt-get", .apt, true),
            ("distribution=alpine", "apk", .apk, true),
        ])
    func `a machine's own package manager is not whichever else is installed`(
        release: String, managers: String, own: SystemInfo.PackageManager, usesSysconfig: Bool
    ) throws {
        let system = try SystemFact().parse(
            SectionOutput("now=1\nuid=0\nsysconfig=1\nmanagers=\(managers) \n\(release)\n"))
        #expect(system.packageManager == own)
        #expect(system.usesSysconfig == usesSysconfig)
    }

    @Test func `interfaces without their addresses are no answer`() {
        let links = SectionOutput(
            "3: eth1: <UP,LOWER_UP> mtu 1500\n    link/ether 02:00:00:00:01:0b brd ff:ff:ff:ff:ff:ff",
            status: 255)
        #expect(throws: FactError.self) { try InterfacesFact().parse(links) }
        #expect(throws: FactError.self) { try InterfacesFact().parse(SectionOutput("", status: 127)) }
    }

    @Test func `a broadcast address is no holder, and a longer address no shorter one`() throws {
        var facts = HostFacts(host: HostID("lb1"))
        facts.set(
            InterfacesFact.self,
            to: try InterfacesFact().parse(
                SectionOutput(
                    """
                    2: eth1: <UP,LOWER_UP> mtu 1500
                        link/ether 02:00:00:00:01:0b brd ff:ff:ff:ff:ff:ff
                        inet 203.0.113.50/24 brd 203.0.113.5 scope global eth1
                    """)))
        #expect(facts.interface(holding: try #require(IPAddress("203.0.113.50")))?.name == "eth1")
        #expect(facts.interface(holding: try #require(IPAddress("203.0.113.5"))) == nil)
    }

    @Test func `neighbours with a link-layer address, the failed ones left out`() throws {
        let neighbours = try NeighboursFact().parse(
            SectionOutput(
                """
                198.51.100.2 dev eth0 lladdr 02:00:00:00:00:02 REACHABLE
                203.0.113.5 dev eth1 lladdr 02:00:00:00:01:05 STALE
                203.0.113.77 dev eth1 FAILED
                203.0.113.78 dev eth1  INCOMPLETE
                2001:db8:203::5 dev eth1 lladdr 02:00:00:00:01:05 router STALE
                """))
        #expect(neighbours.map(\.address.description) == ["198.51.100.2", "203.0.113.5", "2001:db8:203::5"])
        #expect(neighbours.map(\.state) == ["REACHABLE", "STALE", "STALE"])
    }

    @Test func `listening sockets and the processes behind them`() throws {
        let state = try HAProxyFact().parse(
            SectionOutput(
                """
                version=HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/
                LISTEN 0      128         0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=116,fd=3))
                LISTEN 0      4096   203.0.113.50:80 0.0.0.0:* users:(("haproxy",pid=4837,fd=6))
                LISTEN 0      4096              *:81       *:* users:(("haproxy",pid=4837,fd=7))
                LISTEN 0      128            [::]:22    [::]:* users:(("sshd",pid=116,fd=4))
                """))
        #expect(state.version == "2.6.12-1+deb12u4")
        #expect(state.isRunning)
        #expect(state.accepts(IPAddress("203.0.113.50"), port: 80))
        #expect(!state.accepts(IPAddress("203.0.113.5"), port: 80))
        #expect(state.accepts(IPAddress("203.0.113.5"), port: 81))
        #expect(!state.accepts(nil, port: 22), "a port that sshd has is not haproxy's")
    }

    @Test func `services under systemd`() throws {
        let services = try ServicesFact().parse(
            SectionOutput(
                """
                service=keepalived
                Result=success
                LoadState=loaded
                ActiveState=active
                SubState=running
                UnitFileState=enabled
                NeedDaemonReload=yes
                KillMode=mixed
                service=haproxy
                LoadState=not-found
                ActiveState=inactive
                SubState=dead
                UnitFileState=
                """))
        var keepalived = ServiceState(isRunning: true, isEnabled: true, detail: "active (running)")
        keepalived.needsReload = true
        keepalived.killMode = "mixed"
        #expect(services["keepalived"] == keepalived)
        #expect(services["haproxy"]?.needsReload == false && services["haproxy"]?.killMode == nil)
        #expect(services["haproxy"]?.isInstalled == false)
        #expect(services["haproxy"]?.isEnabled == nil)
    }

    @Test func `who answers for an address, each machine once`() throws {
        let answers = try SegmentFact([]).parse(
            SectionOutput(
                """
                asked=203.0.113.50
                answer=203.0.113.50 02:00:00:00:01:05
                asked=203.0.113.52
                answer=203.0.113.50 02:00:00:00:01:05
                answer=203.0.113.50 02:00:00:00:01:06
                answer=203.0.113.51 nonsense
                answer=2001:db8::50 02:00:00:00:01:05
                """))
        let vip = try #require(IPAddress("203.0.113.50"))
        #expect(answers[vip]?.map(\.description) == ["02:00:00:00:01:05", "02:00:00:00:01:06"])
        #expect(answers[try #require(IPAddress("203.0.113.52"))] == [])
        #expect(answers[try #require(IPAddress("203.0.113.51"))] == nil, "nobody asked")
        #expect(answers.count == 3)
    }
}
