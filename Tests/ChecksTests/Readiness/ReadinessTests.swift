import Addresses
import Facts
import FoundationEssentials
import HaopsTestSupport
import Keepalived
import Testing

@testable import Checks

/// What a failure does to a cluster, without any machine.
@Suite struct ReadinessTests {
    private let pair = ReadyMachine.pair()

    // MARK: - Who owns, and after how long

    @Test func `a machine that goes silent is replaced after the master down time`() {
        // Version 2: three adverts of a second and a skew of (256 - 100) / 256 s; the last advert is up to a second old.
        #expect(pair.ends("crash lb1") == "lb2 fine 2.6 to 3.6 s")
        #expect(pair.row("crash lb1")?.way == "back to lb1 after 3.4 s")
        #expect(pair.ends("crash lb2") == "lb1 fine none")
        #expect(pair.row("crash lb2")?.afterwards == .unchanged)
    }

    @Test func `version 3 counts in the owner's interval, skew and all`() {
        let slow = ReadyMachine.pair { one, two in
            (one.version, two.version) = (3, 3)
            (one.interval, two.interval) = (3, 1)
        }
        // 3 x 3 s + 3 s x 156 / 256, although lb2 has an interval of 1 s itself.
        #expect(slow.ends("crash lb1") == "lb2 fine 7.8 to 10.8 s")
        #expect(slow.ends("stop lb1") == "lb2 fine 1.8 s")
    }

    @Test func `a stop says farewell, so that only the skew is waited for`() {
        #expect(pair.ends("stop lb1") == "lb2 fine 0.6 s")
        let eager = ReadyMachine.pair { _, two in two.livePriority = 140 }
        #expect(eager.ends("stop lb1") == "lb2 fine 0.5 s")
    }

    @Test func `more adverts that may be missed make it longer`() {
        let withLongTimer = ReadyMachine.pair { one, two in
            (one.settings, two.settings) = (["down_timer_adverts 5"], ["down_timer_adverts 5"])
        }
        #expect(withLongTimer.ends("crash lb1") == "lb2 fine 4.6 to 5.6 s")
    }

    @Test func `killed, keepalived leaves its addresses; where it is started again it does not`() {
        #expect(pair.ends("kill lb1") == "lb2 leftover none")
        #expect(pair.row("kill lb1")?.leftovers == ["lb1"])
        let mended = ReadyMachine.pair { one, _ in one.restart = RestartPolicy("on-failure") }
        // Dark from its start, 0.1 to 1.1 s after the kill, until lb2 has waited for its time; then lb1 takes them back.
        #expect(mended.ends("kill lb1") == "lb1 fine 1.5 to 3.5 s")
        let told = ReadyMachine.pair { one, _ in one.restart = RestartPolicy("no") }
        #expect(told.ends("kill lb1") == "lb2 leftover none")
        #expect(told.row("kill lb1")?.evidence.map(\.text) == ["keepalived.service has Restart=no"])
    }

    @Test func `unicast nodes elect alike`() {
        let unicast = ReadyMachine.pair { one, two in (one.isUnicast, two.isUnicast) = (true, true) }
        #expect(unicast.ends("crash lb1") == "lb2 fine 2.6 to 3.6 s")
        #expect(unicast.ends("adverts-out lb1") == "lb1+lb2 two-owners lasting")
    }

    // MARK: - Back again

    @Test func `with nopreempt the addresses stay, with a delay they wait`() {
        let calm = ReadyMachine.pair { one, two in
            (one.settings, two.settings) = (["nopreempt"], ["nopreempt"])
        }
        #expect(calm.row("crash lb1")?.afterwards == .stays(on: "lb2", why: "nopreempt"))
        let delayed = ReadyMachine.pair { one, _ in one.settings = ["preempt_delay 60"] }
        // The last lower advert that it accepts is up to a second old when the delay is over.
        #expect(delayed.row("stop lb1")?.way == "back to lb1 after 62.4 to 63.4 s")
        let lower = ReadyMachine.pair { one, two in
            one.priority = 100
            two.priority = 150
            two.settings = ["nopreempt"]
        }
        #expect(lower.ends("crash lb1") == "lb2 fine 2.4 to 3.4 s")
        #expect(
            lower.row("crash lb1")?.afterwards == .stays(on: "lb2", why: "priority 100 is not above its 150"))
    }

    // MARK: - Interfaces

    @Test func `an interface that carries the addresses is tracked since 2.0, but for no_track`() {
        // Another one than the adverts': the farewell still goes out.
        #expect(pair.ends("interface eth1 on lb1") == "lb2 fine 0.6 s")
        let untracked = ReadyMachine.pair { one, two in
            one.vipLine += " no_track"
            two.vipLine += " no_track"
        }
        #expect(untracked.ends("interface eth1 on lb1") == "lb1 no-move lasting")
        #expect(untracked.row("interface eth1 on lb1")?.fix.contains("track_interface { eth1 }") == true)
        let old = ReadyMachine.pair { one, two in
            (one.keepalived, two.keepalived) = (KeepalivedVersion(1, 2, 2), KeepalivedVersion(1, 2, 2))
        }
        #expect(old.ends("interface eth1 on lb1") == "lb1 no-move lasting")
        let tracking = ReadyMachine.pair { one, two in
            (one.keepalived, two.keepalived) = (KeepalivedVersion(1, 2, 2), KeepalivedVersion(1, 2, 2))
            one.settings = ["track_interface {\neth1\n}"]
        }
        #expect(tracking.ends("interface eth1 on lb1") == "lb2 fine 0.6 s")
    }

    @Test func `on one network the farewell is lost with the link`() {
        let one = ReadyMachine.pair { one, two in (one.interface, two.interface) = ("eth1", "eth1") }
        #expect(one.ends("interface eth1 on lb1") == "lb2 fine 2.6 to 3.6 s")
        #expect(one.row("advert-interface eth1 on lb1") == nil)
    }

    @Test func `a weighted interface moves the addresses by the adverts, and they are dark until then`() {
        let weighted = ReadyMachine.pair { one, two in
            one.vipLine += " no_track"
            two.vipLine += " no_track"
            one.settings = ["track_interface {\neth1 weight -60\n}"]
        }
        #expect(weighted.ends("interface eth1 on lb1") == "lb2 fine 2.6 to 3.6 s")
    }

    @Test func `the adverts' interface takes the owner out, unless it is not tracked`() {
        #expect(pair.ends("advert-interface eth0 on lb1") == "lb2 fine 2.6 to 3.6 s")
        let blind = ReadyMachine.pair { one, _ in one.settings = ["dont_track_primary"] }
        #expect(blind.ends("advert-interface eth0 on lb1") == "lb1+lb2 two-owners lasting")
    }

    // MARK: - Adverts

    @Test func `adverts that are lost without a link make two owners`() {
        #expect(pair.ends("adverts-out lb1") == "lb1+lb2 two-owners lasting")
        #expect(pair.ends("adverts-both lb1") == "lb1+lb2 two-owners lasting")
        // Nobody else sends any, so that nothing changes for the owner.
        #expect(pair.ends("adverts-in lb1") == "lb1 fine none")
        #expect(pair.row("adverts-out lb1")?.afterwards == .oneIsLeft("lb1"))
        #expect(
            pair.row("adverts-out lb1")?.fix.hasPrefix("let the adverts travel where the clients are") == true
        )
    }

    @Test func `an owner of lower priority steps back for whoever does not hear it`() {
        let lower = ReadyMachine.pair { one, two in
            (one.priority, two.priority) = (100, 150)
            two.settings = ["nopreempt"]
        }
        #expect(lower.ends("adverts-out lb1") == "lb2 fine none")
        #expect(lower.ends("adverts-both lb1") == "lb1+lb2 two-owners lasting")
    }

    @Test func `a filter that drops adverts already is found before it does harm`() throws {
        // The owner receives nothing: unnoticed, until it comes back beside another MASTER.
        let rules = try FirewallFact().parse(
            SectionOutput(
                "@save iptables\n*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p vrrp -j DROP\nCOMMIT\n@end\n"))
        let deaf = ReadyMachine.pair { one, two in
            (one.priority, two.priority) = (100, 150)
            two.settings = ["nopreempt"]
            one.filter = rules
        }
        #expect(deaf.row("crash lb1")?.afterwards == .severalOwners(["lb1", "lb2"]))
        #expect(deaf.row("crash lb1")?.verdict == .twoOwners)
        #expect(pair.row("crash lb1")?.verdict == .fine)
    }

    // MARK: - Checks

    @Test func `a check without a weight means FAULT and a farewell`() {
        let pair = checked(weight: 0)
        #expect(pair.ends("check-fails chk on lb1") == "lb2 fine 0.6 s")
        // fall 2, every 2 s: counted from the failure.
        #expect(pair.row("check-fails chk on lb1")?.takeover?.words == "2.6 to 4.6 s")
        #expect(pair.ends("check-fails chk on lb2") == "lb1 fine none")
    }

    @Test func `a weight hands over without silence, if it is large enough`() {
        #expect(checked(weight: -60).ends("check-fails chk on lb1") == "lb2 fine none")
        #expect(checked(weight: -60).row("check-fails chk on lb1")?.takeover?.words == "4.6 to 7.6 s")
        let small = checked(weight: -50)
        #expect(small.ends("check-fails chk on lb1") == "lb1 no-move lasting")
        #expect(
            small.row("check-fails chk on lb1")?.reasons
                == ["with `chk` failing lb1 has priority 100, and lb2 has 100"])
        #expect(small.row("check-fails chk on lb1")?.fix.contains("larger than 50") == true)
        #expect(checked(weight: 60).ends("check-fails chk on lb1") == "lb2 fine none")
    }

    @Test func `with nopreempt a weight moves nothing`() {
        let calm = checked(weight: -60) { one, two in
            one.settings.append("nopreempt")
            two.settings.append("nopreempt")
        }
        #expect(calm.ends("check-fails chk on lb1") == "lb1 no-move lasting")
        #expect(calm.row("check-fails chk on lb1")?.fix.contains("without a weight") == true)
    }

    @Test func `a check that fails on the successor already has no row, and counts`() {
        let weak = checked(weight: -60) { _, two in
            two.failing = ["chk"]
            two.livePriority = 40
        }
        #expect(weak.row("check-fails chk on lb2") == nil)
        #expect(weak.ends("check-fails chk on lb1") == "lb1 no-move lasting")
        #expect(weak.ends("stop lb1") == "lb2 fine 0.8 s")
    }

    @Test func `processes, files and other interfaces are tracked too`() {
        let many = ReadyMachine.pair { one, two in
            for (machine, isFirst) in [(one, true), (two, false)] {
                var copy = machine
                copy.blocks = """
                    vrrp_track_process px {
                      process haproxy
                      delay 1
                      weight -60
                    }
                    vrrp_track_file tf {
                      file /etc/keepalived/tf
                      weight 1
                    }
                    """
                copy.settings = [
                    "track_process {\npx\n}", "track_file {\ntf\n}", "track_interface {\neth2 weight -70\n}",
                ]
                if isFirst { one = copy } else { two = copy }
            }
        }
        #expect(many.ends("check-fails px on lb1") == "lb2 fine none")
        #expect(many.row("check-fails px on lb1")?.takeover?.words == "3.6 to 4.6 s")
        #expect(many.ends("check-fails tf on lb1") == "lb2 fine 0.6 s")
        #expect(many.ends("check-fails eth2 on lb1") == "lb2 fine none")
    }

    // MARK: - The service

    @Test func `haproxy that ends is noticed by what looks for its process`() {
        // From the end of haproxy: fall 2 every 2 s, and the skew of lb2.
        #expect(checked(weight: 0).ends("haproxy lb1") == "lb2 fine 2.6 to 4.6 s")
        #expect(checked(weight: -60).ends("haproxy lb1") == "lb2 fine 4.6 to 7.6 s")
        #expect(pair.ends("haproxy lb1") == "lb1 no-move lasting")
        #expect(pair.row("haproxy lb1")?.reasons == ["VI_1 on lb1 tracks nothing that sees it"])
        let other = checked(weight: 0) { one, _ in one.script = "#!/bin/sh\npidof nginx\n" }
        #expect(other.ends("haproxy lb1") == "lb1 no-move lasting")
    }

    @Test func `a check of somebody else's is not provable, unless its weight is too small anyway`() {
        let script = "#!/bin/sh\ncurl -fs http://localhost/health || exit 1\n"
        let foreign = checked(weight: 0) { one, _ in one.script = script }
        #expect(foreign.row("haproxy lb1")?.verdict == .notProvable)
        #expect(foreign.row("backend lb1")?.verdict == .notProvable)
        let feeble = checked(weight: -20) { one, _ in one.script = script }
        #expect(feeble.ends("haproxy lb1") == "lb1 no-move lasting")
        #expect(
            !foreign.readiness().findings.contains { $0.id == "ready-not-provable" && $0.severity == .error })
    }

    @Test func `haops' own check sees its process and not what is behind`() throws {
        let path = "\(LabFixture.project)/templates/check_haproxy.sh.mustache"
        let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        let own = checked(weight: -60) { one, _ in one.script = text }
        #expect(own.ends("haproxy lb1") == "lb2 fine 4.6 to 7.6 s")
        #expect(own.ends("backend lb1") == "lb1 no-move lasting")
    }

    @Test func `what a command looks for is read, and nothing else is guessed`() {
        func sight(_ words: String, _ script: String? = nil) -> CheckSight {
            CheckSight(command: words.split(separator: " ").map(String.init), script: script)
        }
        #expect(sight("/usr/bin/killall -0 haproxy") == .process)
        #expect(sight("pidof haproxy") == .process && sight("pgrep -x haproxy") == .process)
        #expect(sight("systemctl is-active --quiet haproxy.service") == .process)
        #expect(sight("pidof nginx") == .blind)
        #expect(sight("killall haproxy") == .unknown && sight("curl localhost") == .unknown)
        #expect(sight("/x", "#!/bin/sh\n# pidof haproxy\nexit 0\n") == .unknown)
        #expect(sight("/x", "#!/bin/sh\npidof haproxy >/dev/null\nexit $?\n") == .process)
        #expect(sight("/x", "#!/bin/sh\nif pidof haproxy; then exit 1; fi\n") == .unknown)
    }

    @Test func `a successor that does not serve is no successor`() {
        let dead = ReadyMachine.pair { _, two in two.haproxy = false }
        #expect(dead.ends("crash lb1") == "lb2 does-not-serve 2.6 to 3.6 s")
        #expect(dead.row("crash lb1")?.fix == "systemctl start haproxy on lb2")
        let deaf = ReadyMachine.pair { _, two in two.listening = ["203.0.113.12"] }
        #expect(deaf.row("stop lb1")?.reasons == ["haproxy on lb2 does not listen on 203.0.113.50 port 80"])
        let cut = ReadyMachine.pair { _, two in two.backend = "DOWN" }
        #expect(cut.ends("stop lb1") == "lb2 does-not-serve 0.6 s")
        #expect(pair.row("stop lb1")?.service == .yes)
        let plain = ReadyMachine.pair { one, two in (one.hasProxy, two.hasProxy) = (false, false) }
        #expect(plain.row("stop lb1")?.service == .addressOnly)
        #expect(plain.row("haproxy lb1") == nil && plain.row("backend lb1") == nil)
    }

    @Test func `a successor that serves something else is a warning`() {
        func differences(_ change: (inout ReadyMachine, inout ReadyMachine) -> Void) -> [String] {
            guard case .differently(let words)? = ReadyMachine.pair(change).row("stop lb1")?.service else {
                return []
            }
            return words
        }
        #expect(
            differences { _, two in two.proxyText += "  server web2 203.0.113.22:80 check\n" }
                == ["haproxy.cfg of lb2 and lb1 differ in backend app"])
        // What must differ does not count.
        #expect(
            differences { one, two in
                one.proxyText += "frontend stats\n  bind 203.0.113.11:8404\n"
                two.proxyText += "# by hand\nfrontend   stats\n  bind 203.0.113.12:8404\n"
            } == [])
        #expect(
            differences { one, two in
                one.certificates = ["/etc/ssl/a.pem": "1"]
                two.certificates = ["/etc/ssl/a.pem": "2"]
            } == ["/etc/ssl/a.pem of lb2 is another file than lb1's"])
        let other = ReadyMachine.pair { one, _ in one.certificates = ["/etc/ssl/a.pem": "1"] }
        #expect(
            other.readiness().findings.filter { $0.severity == .warning }.map(\.id) == [
                "ready-serves-differently"
            ])
    }

    // MARK: - Clusters

    @Test func `nobody is left when the other one cannot take over`() {
        let down = ReadyMachine.pair { _, two in two.runs = false }
        #expect(down.ends("crash lb1") == "- nobody lasting")
        #expect(down.row("crash lb1")?.fix == "systemctl start keepalived on lb2")
        let faulty = ReadyMachine.pair { _, two in two.role = .fault }
        #expect(faulty.row("stop lb1")?.reasons == ["lb2 is in FAULT"])
        let single = [ReadyMachine(number: 1, role: .master)]
        #expect(single.ends("crash lb1") == "- nobody lasting")
        #expect(single.row("crash lb1")?.reasons == ["no other node has VI_1"])
    }

    @Test func `of three nodes every pair may fail`() {
        let three = [
            ReadyMachine(number: 1, priority: 150, role: .master), ReadyMachine(number: 2, priority: 120),
            ReadyMachine(number: 3, priority: 100),
        ]
        #expect(three.ends("crash lb1") == "lb2 fine 2.5 to 3.5 s")
        #expect(three.ends("crash lb1+lb2") == "lb3 fine 2.6 to 3.6 s")
        #expect(three.ends("crash lb2+lb3") == "lb1 fine none")
        #expect(three.ends("adverts-in lb2") == "lb1+lb2 two-owners lasting")
        // Both others take over, the second for want of what the first says of itself to nobody.
        #expect(three.ends("adverts-both lb1") == "lb1+lb2 two-owners lasting")
        #expect(three.rows().filter { $0.nodes.count == 2 }.count == 3)
    }

    @Test func `two instances are foretold each by its own owner`() {
        func second(_ role: LiveState.Role, _ priority: Int) -> (String, LiveState.Instance) {
            (
                """
                vrrp_instance VI_2 {
                  interface eth0
                  virtual_router_id 52
                  priority \(priority)
                  virtual_ipaddress {
                    203.0.113.60/24 dev eth1
                  }
                }
                """,
                LiveState.Instance(
                    name: "VI_2", role: role, interface: "eth0", routerID: 52, basePriority: priority,
                    effectivePriority: priority, addresses: ["203.0.113.60/24"], version: 2,
                    advertInterval: 100)
            )
        }
        let both = ReadyMachine.pair { one, two in
            one.more = [second(.backup, 100)]
            two.more = [second(.master, 150)]
        }
        #expect(both.ends("crash lb1") == "lb2 fine 2.6 to 3.6 s")
        #expect(both.ends("crash lb2", "VI_2") == "lb1 fine 2.6 to 3.6 s")
    }

    @Test func `a sync group goes to FAULT as a whole`() {
        let group = ReadyMachine.pair { one, _ in
            one.blocks = """
                vrrp_script chk {
                  script /etc/keepalived/chk.sh
                }
                vrrp_sync_group G {
                  group {
                    VI_1
                  }
                  track_script {
                    chk
                  }
                }
                """
        }
        #expect(group.ends("check-fails chk on lb1") == "lb2 fine 0.6 s")
    }

    // MARK: - The answer as a whole

    @Test func `rows that end badly for one reason are one finding, and what is accepted is none`() {
        let dead = ReadyMachine.pair { _, two in two.haproxy = false }
        let findings = dead.readiness().findings
        let deadEnds = findings.filter { $0.id == "ready-does-not-serve" }
        #expect(deadEnds.count == 1)
        #expect(deadEnds.first?.message.contains("crash lb1") == true)
        #expect(deadEnds.first?.message.contains("interface eth1 on lb1") == true)
        let ids = pair.readiness().findings.filter { $0.severity == .error }.map(\.id)
        #expect(Set(ids) == ["ready-leftover", "ready-two-owners", "ready-no-move"])
        let known: Set<FailureCase> = [.kill, .advertsOut, .advertsBoth, .haproxy, .backend]
        #expect(pair.readiness(accepting: known).findings.isEmpty)
    }

    @Test func `without one owner nothing is foretold`() {
        let split = ReadyMachine.pair { _, two in two.role = .master }
        #expect(split.rows().isEmpty && split.readiness().findings.map(\.id) == ["ready-not-now"])
        let silent = ReadyMachine.pair { _, two in two.isSilent = true }
        #expect(
            silent.readiness().instances.first?.notes == ["lb2 did not answer: foretold as if it were down"])
        // Whether it would take over is not known, so that nobody is woken up.
        #expect(silent.row("crash lb1")?.verdict == .notProvable)
        #expect(
            !silent.readiness(accepting: [.haproxy, .backend]).findings.contains {
                $0.severity == .error && $0.id == "ready-nobody"
            })
    }

    private func checked(
        weight: Int, _ change: (inout ReadyMachine, inout ReadyMachine) -> Void = { _, _ in }
    ) -> [ReadyMachine] {
        let (blocks, lines) = ReadyMachine.check(weight: weight)
        return ReadyMachine.pair { one, two in
            (one.blocks, two.blocks) = (blocks, blocks)
            (one.settings, two.settings) = (lines, lines)
            // A positive weight counts while the check succeeds.
            if weight > 0 {
                (one.livePriority, two.livePriority) = (one.priority + weight, two.priority + weight)
            }
            change(&one, &two)
        }
    }
}

extension ReadinessRow {
    /// What happens to the addresses when the failure ends.
    fileprivate var way: String {
        guard case .goesBack(let node, let after) = afterwards else { return "\(afterwards)" }
        return "back to \(node) after \(after.words)"
    }
}
