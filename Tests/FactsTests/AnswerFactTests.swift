import Addresses
import Facts
import HaopsTestSupport
import Remote
import Testing

@Suite struct AnswerFactTests {
    private let vip = IPAddress.v4(0xcb00_7132)

    private func read(_ text: String) throws -> AnswerProbe {
        try AnswerFact([], companions: []).parse(SectionOutput(text))
    }

    @Test func `every answer to ARP and of a port is read, and who else is heard`() throws {
        let probe = try read(
            """
            port=203.0.113.50 80 answers
            asked=203.0.113.50 eth1
            mac=203.0.113.50 02:00:00:00:01:0B
            mac=203.0.113.50 02:00:00:00:01:15
            port=203.0.113.50 443 silent
            heard=eth1 203.0.113.21
            listened=eth1
            """)
        let answer = try #require(probe.answers[vip])
        #expect(answer.isAsked && !answer.isHolder && answer.interface == "eth1")
        #expect(answer.macs.map(\.description).sorted() == ["02:00:00:00:01:0b", "02:00:00:00:01:15"])
        #expect(answer.ports == [80: .answers, 443: .silent])
        #expect(probe.hearsSomebody(on: "eth1") == true)
        #expect(probe.hearsSomebody(on: "eth0") == nil, "nobody was asked there")
    }

    /// As iputils' arping prints them: it hears the requests of other machines too, and says whom they are for.
    @Test func `a request that another machine sends meanwhile is no answer`() async throws {
        let scene = """
            timeout() { shift; "$@"; }
            ip() { case $* in "-o addr show to 203.0.113.50") echo "2: eth1    inet 203.0.113.50/24 scope global eth1" ;; esac; }
            arping() {
              echo "ARPING 203.0.113.50 from 0.0.0.0 eth1"
              echo "Broadcast request from 203.0.113.12 [02:00:00:00:01:0C] for 203.0.113.50 [FF:FF:FF:FF:FF:FF]"
              echo "Unicast reply from 203.0.113.50 [02:00:00:00:01:15]  0.595ms"
              echo "Sent 1 probes (1 broadcast(s))"
            }

            """
        let fact = AnswerFact([AnswerFact.Question(address: vip, ports: [])], companions: [])
        let facts = try await LocalTransport(scene: scene)
            .facts(of: SSHTarget(id: HostID("here"), host: "here"), Probe([fact])).get()
        let answer = try #require(try facts.value(of: AnswerFact.self).answers[vip])
        #expect(answer.isHolder)
        #expect(answer.macs.map(\.description) == ["02:00:00:00:01:15"])
        #expect(try read("mac=203.0.113.50 ff:ff:ff:ff:ff:ff").answers[vip]?.macs.isEmpty == true)
    }

    @Test func `a holder's interface is the one that others reach, not lo`() throws {
        for text in [
            "holds=203.0.113.50 lo\nholds=203.0.113.50 eth1",
            "holds=203.0.113.50 eth1\nholds=203.0.113.50 lo",
        ] {
            let answer = try #require(try read(text).answers[vip])
            #expect(answer.isHolder && answer.interface == "eth1")
        }
        #expect(try read("listened=eth1").hearsSomebody(on: "eth1") == false)
    }

    @Test func `lines of a node that is not to be trusted make nothing up`() throws {
        let probe = try read(
            """
            port=203.0.113.50 80
            port=203.0.113.50 eighty answers
            port=203.0.113.50 80 wonderful
            mac=203.0.113.50 nonsense
            asked=
            =
            mac
            heard=eth1 nobody
            asked=not-an-address eth1
            """)
        #expect(probe.answers.keys.map(\.description) == ["203.0.113.50"])
        let answer = try #require(probe.answers[vip])
        #expect(answer.ports.isEmpty && answer.macs.isEmpty && !answer.isAsked)
        #expect(probe.hearsSomebody(on: "eth1") == nil)
    }

    @Test func `what stands in the kernel's settings decides whether lo is quiet`() throws {
        func settings(_ text: String) throws -> ARPSettings {
            try ARPSettingsFact().parse(SectionOutput(text))
        }
        let strict = try settings("all/arp_ignore:1\neth1/arp_ignore:0\nlo/arp_ignore:0\neth1/proxy_arp:1")
        #expect(strict.keepsLoopbackQuiet && strict.ignores(on: "eth1") == 1)
        #expect(strict.isProxy(on: "eth1") && !strict.isProxy(on: "eth0"))
        #expect(
            try settings("all/arp_ignore:0\neth0/arp_ignore:1\neth1/arp_ignore:0").keepsLoopbackQuiet == false
        )
        #expect(try settings("eth0.7/arp_ignore:2\nall/arp_ignore:0").keepsLoopbackQuiet)
        #expect(try settings("").keepsLoopbackQuiet == false, "what is not known keeps nothing quiet")
    }

    @Test func `no more addresses than one look can bear are asked about`() {
        let ports = [80, 443].map { ServedPort(number: $0, isHTTP: false) }
        let many = (0..<300).map { AnswerFact.Question(address: .v4(0xcb00_7100 + UInt32($0)), ports: ports) }
        let asked = AnswerFact(many, companions: []).questions
        #expect(asked.count == AnswerFact.most)
        #expect(asked.flatMap(\.ports).count == AnswerFact.most)
    }

    @Test func `a later answer counts alone for its addresses and leaves the others`() throws {
        func probe(_ lines: String) throws -> AnswerProbe {
            try AnswerFact([], companions: []).parse(SectionOutput(lines))
        }
        var known = try probe(
            "asked=203.0.113.50 eth1\nasked=203.0.113.60 eth1\nping=203.0.113.60\nlistened=eth1\n")
        known.update(with: try probe("asked=203.0.113.50 eth1\nmac=203.0.113.50 02:00:00:00:00:0b\n"))
        let first = try #require(IPAddress("203.0.113.50")), other = try #require(IPAddress("203.0.113.60"))
        #expect(known.answers[first]?.macs.count == 1)
        #expect(known.answers[other]?.isPinged == true)
        #expect(known.listened == ["eth1"])
    }
}
