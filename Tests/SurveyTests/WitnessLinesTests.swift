import Addresses
import Facts
import Keepalived
import Remote
import Survey
import Testing
import Timeline

/// What machines tell over held sessions, line by line.
struct WitnessLinesTests {
    private func event(_ line: String, on host: String = "lb1", ahead: Int = 0) -> WitnessEvent? {
        WitnessLines(host: HostID(host), clock: ClockOffset(ahead: ahead, bound: 1)).event(of: line)
    }

    @Test func `what the kernel says is read with its time`() throws {
        let vip = try #require(CIDR("203.0.113.50/24"))
        let held = Interface.Held(cidr: vip, label: "eth1:0", isSecondary: true)
        let added = event(
            #"[2026-12-01T03:29:03.459300] 3: eth1    inet 203.0.113.50/24 scope global secondary eth1:0\       valid_lft forever preferred_lft forever"#,
            on: "lb2", ahead: 100)
        #expect(
            added
                == WitnessEvent(
                    time: 1_796_095_743_359_300, host: "lb2",
                    kind: .address(held, interface: "eth1", isAdded: true)))
        let removed = event(
            "[2026-12-01T03:29:03.459300] Deleted 3: eth1    inet 203.0.113.50/24 scope global secondary eth1:0"
        )
        #expect(removed?.kind == .address(held, interface: "eth1", isAdded: false))
        let tentative = event(
            #"[2026-12-01T03:29:03.459300] 3: eth1    inet6 2001:db8::50/64 scope global tentative \       valid_lft forever"#
        )
        guard case .address(let six, "eth1", true)? = tentative?.kind else { return #expect(Bool(false)) }
        #expect(six.unused == .tentative)
        let neighbour = event(
            "[2026-12-01T03:29:03.580762] 203.0.113.50 dev eth1 lladdr 02:00:00:00:01:0c REACHABLE")
        #expect(
            neighbour?.kind == .neighbour(vip.address, try #require(MACAddress("02:00:00:00:01:0c"))))
    }

    @Test func `what was so at the beginning has no time`() {
        #expect(event("now 203.0.113.50 dev eth1 lladdr 02:00:00:00:01:0b STALE")?.time == 0)
        #expect(
            event(#"now 3: eth1    inet 203.0.113.50/24 scope global eth1\       valid_lft forever"#)?.time
                == 0)
    }

    @Test func `a link that loses its carrier is read, and one that is gone`() {
        let down = event(
            #"[2026-12-01T09:11:38.011023] 3: eth1@if8: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DOWN group default \    link/ether 02:00:00:00:01:0b"#
        )
        #expect(down?.kind == .link("eth1", isUp: true, hasCarrier: false))
        let gone = event("[2026-12-01T09:11:38.011023] Deleted 9: vrrp.51@eth1: <BROADCAST> mtu 1500")
        #expect(gone?.kind == .link("vrrp.51", isUp: false, hasCarrier: nil))
    }

    @Test(arguments: [
        "[2026-12-01T03:29:03.585563] 203.0.113.50 dev eth1 FAILED",
        "[2026-12-01T03:29:03.585584] Deleted 203.0.113.50 dev eth1 lladdr 02:00:00:00:01:0c STALE",
        "[2026-12-01T03:29:03] 3: eth1    inet 203.0.113.50/24",
        "[x.000000] 3: eth1 inet 203.0.113.50/24", "[", "", "now", "now 3:", "beat", "ready",
        "[2026-12-01T03:29:03.459300] 3: eth1 inet", "[2026-12-01T03:29:03.459300] 3: eth1 inet \\",
        "[2026-12-01T03:29:03.459300] 3:", "[2026-12-01T03:29:03.459300] Deleted",
    ])
    func `lines that say nothing of it are left out`(line: String) {
        #expect(event(line) == nil)
    }

    @Test func `what the daemons say is read from the journal`() {
        let master = event(
            "1796095743.619000 lb2 Keepalived_vrrp[1315]: (VI_1) Entering MASTER STATE", on: "lb2")
        #expect(master?.time == 1_796_095_743_619_000)
        guard case .log(.keepalived(let said))? = master?.kind else { return #expect(Bool(false)) }
        #expect(said.kind == .becameMaster && said.subject == "VI_1")
        #expect(
            event("1796095743.619000 lb2 systemd[1]: Stopped keepalived.service - Keepalive Daemon.")?.kind
                == .log(.service(.keepalived, .stopped)))
    }
}
