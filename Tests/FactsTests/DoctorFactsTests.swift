import Addresses
import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

@testable import Facts

/// The facts that only doctor asks for, from output as machines print it.
@Suite struct DoctorFactsTests {
    @Test func `adverts are read from tcpdump, each different one once`() throws {
        let capture = try ListenFact(tenths: 10).parse(
            SectionOutput(
                """
                possible
                09:35:48.540992 eth0  Out IP 198.51.100.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, authtype simple, intvl 1s, length 20
                09:35:49.541992 eth0  Out IP 198.51.100.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, authtype simple, intvl 1s, length 20
                09:35:49.543039 eth0  M   IP 198.51.100.12 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 100, authtype simple, intvl 1s, length 20
                09:35:49.600000 IP6 fe80::1 > ff02::12: VRRPv3, Advertisement, vrid 52, prio 90, intvl 10cs, length 24
                """))
        #expect(capture.isPossible)
        #expect(capture.adverts.count == 3)
        let six = try #require(capture.adverts.first { $0.routerID == 52 })
        #expect(six.source == IPAddress("fe80::1"))
        #expect(six.destination == IPAddress("ff02::12"))
        #expect(six.interface == nil)
        #expect((six.version, six.priority, six.interval) == (3, 90, "10cs"))
        let two = try #require(capture.adverts.first { $0.priority == 100 })
        #expect((two.interface, two.authentication) == ("eth0", "simple"))
    }

    @Test func `an advert has its interface, its direction and its addresses`() throws {
        let capture = try ListenFact(tenths: 10).parse(
            SectionOutput(
                """
                possible
                02:43:37.126420 eth0  Out IP (tos 0xc0, ttl 255, id 4, offset 0, flags [none], proto VRRP (112), length 40)
                    198.51.100.12 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 100, authtype none, intvl 1s, length 20, addrs(2): 203.0.113.50,203.0.113.51
                02:43:37.126564 eth1  M   IP (tos 0xc0, ttl 255, id 8, offset 0, flags [none], proto VRRP (112), length 40)
                    198.51.100.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, authtype simple, intvl 1s, length 20, addrs: 203.0.113.50
                02:43:23.675350 eth0  In  IP6 (class 0xc0, flowlabel 0x0c939, hlim 64, next-header VRRP (112) payload length: 24) fe80::c > 2001:db8:51::11: VRRPv3, Advertisement, (ttl 64), vrid 66, prio 100, intvl 100cs, length 24, addrs: 2001:db8:203::50
                02:43:24.000000 eth0  In  IP6 (class 0xc0, hlim 64, next-header VRRP (112) payload length: 24) fe80::d > ff02::12: VRRPv3, Advertisement, (ttl 64), vrid 67, prio 100, intvl 100cs, length 24, addrs: 32.1.13.184
                """))
        let adverts = capture.adverts.sorted { $0.source < $1.source }
        #expect(adverts.map(\.interface) == ["eth1", "eth0", "eth0", "eth0"])
        #expect(adverts.map(\.isOutgoing) == [false, true, false, false])
        #expect(
            adverts.map { $0.addresses.map(\.description) } == [
                ["203.0.113.50"], ["203.0.113.50", "203.0.113.51"], ["2001:db8:203::50"], [],
            ])
        #expect(adverts[2].destination == IPAddress("2001:db8:51::11"))
    }

    @Test func `a password does not leave the node`() async throws {
        let line =
            #"x > y: VRRPv2, authtype simple, intvl 1s, length 20, addrs: 203.0.113.50 auth "pa"ss$^J""#
        let script = ListenFact(tenths: 10).script
        let sed = try #require(script.split(separator: "| ").last?.split(separator: " &").first)
        let target = SSHTarget(id: HostID("here"), host: "here")
        let shown = try await LocalTransport().ask(
            target, Command("printf '%s\\n' '\(line)' | \(sed)", operation: "cut", privileged: false)
        ).get().stdout
        #expect(
            String(decoding: shown, as: UTF8.self)
                == "x > y: VRRPv2, authtype simple, intvl 1s, length 20, addrs: 203.0.113.50\n")
    }

    @Test(
        arguments: [
            "", "IP", "IP >", "09:35:48 IP a > b: VRRPv2",
            "x IP 1.2.3.4 > 5.6.7.8: VRRPv, Advertisement, vrid, prio",
            "x IP 1.2.3.4 > 5.6.7.8: VRRPv2, Advertisement, vrid 51, prio",
        ])
    func `what is no advert is passed over`(line: String) throws {
        #expect(try ListenFact(tenths: 10).parse(SectionOutput(line)) == Capture())
    }

    @Test func `tcpdump is bounded in time and packets, and its passwords stay on the node`() {
        let script = ListenFact(tenths: 40).script
        #expect(script.contains("most=$listen || most=4"))
        #expect(script.contains("timeout \"$most\" tcpdump"))
        #expect(script.contains("-c \(ListenFact.mostPackets)"))
        #expect(script.contains("| sed 's/ auth \".*//'"))
    }

    @Test func `a script is judged with the directories above it`() throws {
        let states = try ScriptsFact([]).parse(
            SectionOutput(
                """
                script=check
                executable=1
                uid=0
                path=755 0 0 regular file|/etc/keepalived/check.sh
                path=777 0 0 d|/etc/keepalived
                path=1777 0 0 d|/tmp
                path=755 1000 0 d|/home
                path=775 0 0 d|/opt
                path=775 0 50 d|/srv
                out=the backend says 503
                status=1
                script=gone
                """))
        let check = try #require(states["check"])
        #expect(check.isExecutable)
        #expect(check.path.map(\.isInsecure) == [false, true, false, true, false, true])
        #expect(check.trial == ScriptState.Trial(status: 1, output: ["the backend says 503"]))
        #expect(states["gone"]?.exists == false)
    }

    @Test func `a script that others can replace is not run as root for them`() async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/haops-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let script = directory + "/check"
        try "#!/bin/sh\ntouch '\(directory)/ran'; echo I ran; exit 3\n".write(
            toFile: script, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: script)
        let state = try await tried(script)
        #expect(state?.isExecutable == true)
        #expect(state?.trial == nil)
        #expect(!FileManager.default.fileExists(atPath: directory + "/ran"))
    }

    @Test func `what only root can replace is tried, and a link is judged by where it leads`() async throws {
        let state = try await tried("/bin/false")
        #expect(state?.trial == ScriptState.Trial(status: 1, output: []))
        #expect(state?.userID == 0)
        #expect(state?.path.map(\.groupID).allSatisfy { $0 == 0 } == true)
    }

    private func tried(_ words: String..., user: String = "root") async throws -> ScriptState? {
        let fact = ScriptsFact([
            ScriptsFact.Question(name: "check", arguments: words, user: user, isTried: true)
        ])
        let target = SSHTarget(id: HostID("here"), host: "here")
        return try await LocalTransport().facts(of: target, Probe([fact])).get().value(of: ScriptsFact.self)[
            "check"]
    }

    @Test func `the words of a check stand in no list of processes`() {
        let fact = ScriptsFact([
            ScriptsFact.Question(
                name: "check", arguments: ["/bin/check", "--password", "hunter22"], isTried: true)
        ])
        let (command, _) = Probe([SystemFact(), fact]).command()
        #expect(!command.script.contains("hunter22"))
        #expect(String(decoding: command.input, as: UTF8.self).contains("hunter22"))
        #expect(Probe([SystemFact()]).command().command.input.isEmpty)
    }

    @Test func `addresses of the network configuration are compared as addresses`() throws {
        let configuration = try NetworkConfigurationFact().parse(
            SectionOutput(
                """
                manager=systemd-networkd
                managed=eth1
                line=/etc/network/interfaces:7:    up ip addr add 203.0.113.50/32 dev eth1
                line=/etc/netplan/a.yaml:3:      addresses: [203.0.113.11/24, "2001:DB8::50/64"]
                line=garbage
                """))
        #expect(configuration.managers == ["systemd-networkd"])
        #expect(configuration.managedInterfaces == ["eth1"])
        #expect(configuration.line(naming: .v4(0xCB00_7132))?.number == 7)
        #expect(configuration.line(naming: .v4(0xCB00_7105)) == nil)
        #expect(
            IPAddress("2001:db8::50").flatMap { configuration.line(naming: $0) }?.path
                == "/etc/netplan/a.yaml")
    }

    @Test func `haproxy's statistics are read by the names of their columns`() throws {
        let health = try HAProxyHealthFact().parse(
            SectionOutput(
                """
                log=Server web/web1 is DOWN, reason: Layer4 connection problem
                stat=# pxname,svname,qcur,status,check_status,check_code
                stat=web,web1,0,DOWN,L4CON,
                stat=web,BACKEND,0,DOWN,,
                """))
        #expect(health.rows.map(\.status) == ["DOWN", "DOWN"])
        #expect(health.rows.first?.check == "L4CON")
        #expect(health.log.count == 1)
        #expect(health.bindFailure == nil)
    }

    @Test func `the last time that haproxy could not listen, and whether another has the port`() {
        let absent =
            "[ALERT] (1) : Starting frontend web: cannot bind socket (Cannot assign requested address) [203.0.113.50:80]"
        let taken =
            "[ALERT] (1) : Starting frontend web: cannot bind socket (Address already in use) [0.0.0.0:80]"
        #expect(HAProxyHealth(log: [taken, absent, "Server web/web1 is UP"]).bindFailure?.isTaken == false)
        #expect(HAProxyHealth(log: [absent, taken]).bindFailure == .init(message: taken, isTaken: true))
    }

    @Test func `an answer to ARP is more than silence and less than an answer to a ping`() throws {
        let reach = try ReachFact([]).parse(
            SectionOutput("answers 198.51.100.12\nlink 198.51.100.13\nsilent 198.51.100.14\nodd 1.2.3.4\n"))
        #expect(
            reach == [.v4(0xC633_640C): .answers, .v4(0xC633_640D): .linkOnly, .v4(0xC633_640E): .silent])
    }
}
