import Addresses
import Keepalived
import Testing

@testable import Checks

@Suite struct LintPeersTests {
    /// One node of a healthy pair; `change` edits its lines.
    private func node(
        _ name: String, priority: Int, version: KeepalivedVersion = .assumed,
        _ edits: (old: String, new: String)...
    ) -> LintNode {
        var lines = """
            global_defs {
            enable_script_security
            script_user root
            vrrp_garp_master_refresh 60
            }
            vrrp_script check {
            script "/usr/local/bin/check"
            interval 2
            weight -60
            fall 2
            rise 2
            }
            vrrp_instance VI_1 {
            state BACKUP
            interface eth0
            virtual_router_id 51
            priority \(priority)
            advert_int 1
            authentication {
            auth_type PASS
            auth_pass s3cret
            }
            virtual_ipaddress {
            203.0.113.50/24
            203.0.113.51/24
            }
            track_script {
            check
            }
            }
            """.split(separator: "\n").map(String.init)
        for edit in edits {
            lines = lines.map { $0 == edit.old ? edit.new : $0 }
        }
        let text = lines.joined(separator: "\n") + "\n"
        return LintNode(
            name: name, path: "\(name).conf",
            files: FileSet(["\(name).conf": ConfigurationFile(Array(text.utf8))]),
            configID: name, version: version)
    }

    private func ids(_ nodes: LintNode...) -> Set<String> {
        Set(Linter().run(nodes).findings.filter { $0.severity >= .warning }.map(\.id))
    }

    @Test func `a healthy pair gives no warning`() {
        #expect(ids(node("lb1", priority: 150), node("lb2", priority: 100)).isEmpty)
    }

    @Test func `addresses are a set`() {
        let other = node(
            "lb2", priority: 100, ("203.0.113.51/24", ""),
            ("203.0.113.50/24", "203.0.113.51/24\n203.0.113.50/24"))
        #expect(ids(node("lb1", priority: 150), other).isEmpty)
    }

    @Test(arguments: [
        ("virtual_router_id 51", "virtual_router_id 52", "x-vrid"),
        ("auth_pass s3cret", "auth_pass other", "x-auth"),
        ("advert_int 1", "advert_int 2", "x-advert-int"),
        ("203.0.113.51/24", "203.0.113.52/24", "x-vip-list"),
        ("interface eth0", "interface eth0\nunicast_peer {\n203.0.113.11\n}", "x-mode"),
        ("interface eth0", "interface eth0\nmcast_dst_ip 224.0.0.19", "x-mcast-group"),
        ("interface eth0", "interface eth0\nnopreempt", "nopreempt-weight"),
    ])
    func `a difference between the nodes is found and nothing else`(old: String, new: String, id: String) {
        #expect(ids(node("lb1", priority: 150), node("lb2", priority: 100, (old, new))) == [id])
    }

    @Test func `equal priorities`() {
        #expect(ids(node("lb1", priority: 100), node("lb2", priority: 100)) == ["x-prio-equal"])
    }

    @Test(arguments: [(150, 90, true), (150, 89, true), (150, 91, false), (130, 100, false)])
    func `a weight has to take the owner strictly below its peer`(owner: Int, peer: Int, isFound: Bool) {
        let found = ids(node("lb1", priority: owner), node("lb2", priority: peer))
        #expect(found.contains("x-weight-gap") == isFound)
    }

    @Test func `two owners`() {
        let plain = ("weight -60", "weight 0")
        #expect(
            ids(node("lb1", priority: 255, plain), node("lb2", priority: 255, plain))
                == ["x-both-owner", "x-prio-equal"])
    }

    @Test func `a peer that is not listed back`() {
        func unicast(_ own: String, _ peer: String) -> (String, String) {
            ("interface eth0", "interface eth0\nunicast_src_ip \(own)\nunicast_peer {\n\(peer)\n}")
        }
        let first = node("lb1", priority: 150, unicast("203.0.113.11", "203.0.113.12"))
        #expect(ids(first, node("lb2", priority: 100, unicast("203.0.113.12", "203.0.113.11"))).isEmpty)
        #expect(
            ids(first, node("lb2", priority: 100, unicast("203.0.113.12", "203.0.113.13"))) == ["x-peers"])
        #expect(
            ids(first, node("lb2", priority: 100, unicast("203.0.113.11", "203.0.113.12"))).contains(
                "x-src-equal"))
    }

    @Test func `what another list of addresses does depends on the release`() throws {
        func finding(_ version: KeepalivedVersion) throws -> Finding {
            let report = Linter().run([
                node("lb1", priority: 150, version: version),
                node("lb2", priority: 100, version: version, ("203.0.113.51/24", "203.0.113.52/24")),
            ])
            return try #require(report.findings.first { $0.id == "x-vip-list" })
        }
        #expect(try finding(KeepalivedVersion(1, 3, 5)).severity == .warning)
        #expect(try finding(KeepalivedVersion(2, 2, 7)).severity == .error)
        #expect(try finding(KeepalivedVersion(2, 3, 3)).severity == .warning)
        #expect(try finding(.assumed).message.contains("203.0.113.51, 203.0.113.52"))
    }

    @Test func `releases on both sides of a border`() {
        let report = Linter().run([
            node("lb1", priority: 150, version: KeepalivedVersion(1, 3, 5)), node("lb2", priority: 100),
        ])
        #expect(report.findings.contains { $0.id == "x-version-mix" })
    }

    @Test func `evidence names both places and hides passwords`() throws {
        let report = Linter().run([
            node("lb1", priority: 150), node("lb2", priority: 100, ("auth_pass s3cret", "auth_pass hunter2")),
        ])
        let finding = try #require(report.findings.first { $0.id == "x-auth" })
        #expect(finding.nodes == ["lb1", "lb2"])
        #expect(finding.evidence.count == 2)
        for item in report.findings {
            for text in [item.message, item.effect, item.fix] + item.evidence.map(\.description) {
                #expect(!text.contains("s3cret") && !text.contains("hunter2"))
            }
        }
    }
}
