import Testing

@testable import Keepalived

@Suite struct ChangeTests {
    private let base = """
        vrrp_script check {
            script "/etc/keepalived/check.sh"
            weight -60
        }
        vrrp_instance VI_1 {
            state MASTER
            interface eth0
            virtual_router_id 51
            priority 150
            authentication {
                auth_type PASS
                auth_pass first
            }
            virtual_ipaddress {
                203.0.113.50/24
                203.0.113.51/24
            }
            track_script {
                check
            }
        }
        """

    private func edited(_ old: String, _ new: String) -> String {
        String(
            base.split(separator: "\n").map { line in
                let body = line.drop { $0 == " " }
                return body == old ? Substring(new) : line
            }.joined(separator: "\n"))
    }

    private func judge(_ old: String, _ new: String, _ version: KeepalivedVersion = .assumed) -> ChangeEffect
    {
        effect(of: configuration(base), to: configuration(edited(old, new)), version: version)
    }

    @Test func `spelling, order and comments mean nothing`() {
        let other = """
            $P=150
            vrrp_script check { script /etc/keepalived/check.sh # the check
            weight -60 }
            vrrp_instance VI_1 {
              virtual_ipaddress { 203.0.113.51/24
                203.0.113.50/24 }
              priority $P
              interface eth0
              virtual_router_id 51
              advert_int 1.0
              state MASTER
              track_script { check weight -60 }
              authentication { auth_pass first
               auth_type PASS }
            }
            """
        #expect(difference(from: configuration(base), to: configuration(other)).isEmpty)
        #expect(effect(of: configuration(base), to: configuration(other), version: .assumed).level == .none)
    }

    @Test(arguments: [
        ("priority 150", "priority 140", ChangeEffect.Level.reload),
        ("state MASTER", "state BACKUP", .reload),
        ("virtual_router_id 51", "virtual_router_id 52", .failover),
        ("interface eth0", "interface eth1", .failover),
        ("auth_pass first", "auth_pass second", .synchronisedReload),
        ("203.0.113.51/24", "203.0.113.52/24", .synchronisedReload),
        ("priority 150", "priority 150\nadvert_int 2", .synchronisedReload),
        ("priority 150", "priority 150\nunicast_peer {\n203.0.113.12\n}", .failover),
        ("weight -60", "weight -70", .reload),
        ("vrrp_script check {", "net_namespace x\nvrrp_script check {", .restart),
        ("vrrp_instance VI_1 {", "vrrp_instance WEB {", .reload),
    ])
    func `what each change takes on 2_2_7`(old: String, new: String, level: ChangeEffect.Level) {
        let effect = judge(old, new)
        #expect(effect.level == level)
        #expect(!effect.reasons.isEmpty)
    }

    @Test func `another list of addresses depends on the release`() {
        for (version, level) in [
            (KeepalivedVersion(1, 3, 5), ChangeEffect.Level.reload),
            (KeepalivedVersion(2, 0, 0), .synchronisedReload),
            (KeepalivedVersion(2, 3, 2), .synchronisedReload), (KeepalivedVersion(2, 3, 3), .reload),
        ] {
            #expect(judge("203.0.113.51/24", "203.0.113.52/24", version).level == level)
        }
    }

    @Test func `a new script without weight drops the addresses before 2_2_5`() {
        let text = "vrrp_script b {\nscript /bin/true\n}\n" + edited("check", "check\nb")
        func level(_ version: KeepalivedVersion) -> ChangeEffect.Level {
            effect(of: configuration(base), to: configuration(text), version: version).level
        }
        #expect(level(KeepalivedVersion(2, 2, 4)) == .failover)
        #expect(level(KeepalivedVersion(2, 2, 5)) == .reload)
    }

    @Test func `a removed instance gives up its addresses`() {
        let gone = effect(of: configuration(base), to: configuration("global_defs {\n}\n"), version: .assumed)
        #expect(gone.level == .failover)
    }

    @Test func `a reason names instance and keyword and hides the password`() throws {
        let reason = try #require(judge("auth_pass first", "auth_pass second").reasons.first)
        #expect(reason.text.hasPrefix("VI_1: authentication: PASS (secret) -> PASS (secret)"))
        #expect(judge("priority 150", "priority 90").mayMoveAddresses)
        #expect(!judge("state MASTER", "state BACKUP").mayMoveAddresses)
    }

    @Test func `a label or a device is in no advert, so every node may change it by itself`() {
        for text in ["203.0.113.50/24 dev eth1 label eth1:0", "203.0.113.50/32"] {
            let judged = judge("203.0.113.50/24", text)
            #expect(judged.level == .reload && !judged.breaksPeerCompatibility, "\(judged.reasons)")
        }
        #expect(judge("203.0.113.50/24", "203.0.113.52/24").breaksPeerCompatibility)
        #expect(judge("virtual_router_id 51", "virtual_router_id 61").breaksPeerCompatibility)
        #expect(!judge("priority 150", "priority 140").breaksPeerCompatibility)
    }
}
