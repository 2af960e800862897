import Addresses
import Inventory
import Remote
import Testing

@testable import Rendering

@Suite struct ClusterRenderingTests {
    @Test func `the same inventory gives the same bytes`() throws {
        for topology in Topology.all {
            let first = try topology.rendered().flatMap(\.files).map(\.contents)
            let second = try topology.rendered().flatMap(\.files).map(\.contents)
            #expect(first == second)
        }
    }

    @Test func `a node's set has its files in the order of their paths, with their modes`() throws {
        let node = try #require(try Topology.lab.rendered().first)
        #expect(
            node.files.map { "\($0.path) \(String($0.mode, radix: 8)) \($0.role) \($0.isSecret)" }
                == [
                    "/etc/default/keepalived 644 keepalivedOptions false",
                    "/etc/haproxy/haproxy.cfg 644 haproxyConfig false",
                    "/etc/keepalived/check_haproxy.sh 755 checkScript false",
                    "/etc/keepalived/haops-notify.sh 755 notifyScript false",
                    "/etc/keepalived/keepalived.conf 640 keepalivedConfig true",
                ])
        #expect(node.files.last?.secrets == [Topology.secret])
    }

    @Test func `a password that an operator wrote into haproxy's raw lines is a secret too`() throws {
        let file = try #require(
            try Topology.wide.rendered().first?.files.first { $0.role == .haproxyConfig })
        #expect(file.isSecret)
        #expect(file.mode == 0o640)
        #expect(
            SecretMask(secrets: file.secrets).shown(file.contents).contains("stats auth admin:(secret)\n"))
        #expect(!SecretMask(secrets: file.secrets).shown(file.contents).contains("hunter22"))
    }

    @Test func `no secret is shown, whatever is shown`() throws {
        for file in try Topology.lab.rendered().flatMap(\.files) {
            #expect(
                !SecretMask(secrets: file.secrets).shown(file.contents).contains(Topology.secret.revealed))
        }
        #expect(throws: RenderingError.self) {
            do {
                _ = try render(Topology.lab.cluster) { _ in Secret("far too long for it") }
            } catch {
                #expect(!"\(error)".contains("far"))
                throw error
            }
        }
    }

    @Test(arguments: [
        ("", "it is empty"), ("123456789", "it has 9 bytes, and only 8 are compared"),
        ("ééééé", "it has 10 bytes, and only 8 are compared"),
        ("a\"b", "a double quote or a backslash cannot be written into keepalived.conf"),
        ("ab\\", "a double quote or a backslash cannot be written into keepalived.conf"),
        ("${_PWD}", "keepalived would take its `$` for a definition"),
        ("a\nb", "it holds a control character"),
    ])
    func `a password that keepalived would not read back is refused`(password: String, reason: String) {
        #expect(
            problems { try render(Topology.lab.cluster) { _ in Secret(password) } } == [
                "the secret `vrrp` cannot be an auth_pass: \(reason)"
            ])
    }

    @Test func `all that is wrong is said at once`() {
        var cluster = Topology.unicast.cluster
        cluster.nodes[1].vrrpAddress = nil
        cluster.keepalived?.authPass = .reference(name: "vrrp", source: .environment("X"))
        cluster.keepalived?.instances[0].name = "VI 1"
        let templates = TemplateSet.shipped.overridden(
            by: [
                "sysctl.conf.mustache": Array("{{kye}}\n".utf8), "keepalivd.conf.mustache": [],
                "note.txt": Array("{{".utf8),
            ], in: "mine")
        #expect(
            problems { try render(cluster, templates: templates) { _ in nil } } == [
                "the instance `VI 1`: only letters, digits, `_`, `-` and `.` can be used",
                "the secret `vrrp` has no value",
                """
                `lb2`: unicast adverts of `VI 1` need an address of the node in the family of its addresses
                hint: write `address` as an address, not as a name
                """,
                "mine/sysctl.conf.mustache:1:1: `{{kye}}` names no value",
                """
                `mine/keepalivd.conf.mustache`: nothing is rendered from it
                hint: did you mean `keepalived.conf.mustache`?
                """,
            ])
    }

    @Test func `unicast wants addresses of the family that is advertised`() {
        var cluster = Topology.ipv6Unicast.cluster
        cluster.nodes[0].vrrpAddress = IPAddress("198.51.100.11")
        #expect(
            problems { try render(cluster) { _ in nil } } == [
                """
                `lb1`: unicast adverts of `V6` need an address of the node in the family of its addresses
                hint: write `address` as an address, not as a name
                """
            ])
    }

    @Test func `a line that keepalived would read as two is refused`() {
        var cluster = Topology.minimal.cluster
        cluster.keepalived?.extraGlobal = "# " + String(repeating: "x", count: 1022)
        #expect(
            problems { try render(cluster) { _ in nil } } == [
                "`lb1/etc/keepalived/keepalived.conf`: line 12 would have more than 1023 bytes, which keepalived would read as two",
                "`lb2/etc/keepalived/keepalived.conf`: line 12 would have more than 1023 bytes, which keepalived would read as two",
            ])
    }

    @Test func `an operator's own template stands in for the shipped one, and the rest stays`() throws {
        let templates = TemplateSet.shipped.overridden(
            by: ["virtual_address.mustache": Array("{{cidr}}\n".utf8)], in: "mine")
        let node = try #require(try Topology.lab.rendered(templates: templates).first)
        let text = String(decoding: try #require(node.files.last).contents, as: UTF8.self)
        #expect(
            text.contains("virtual_ipaddress {\n        203.0.113.50/24\n        203.0.113.51/24\n    }\n"))
    }

    @Test
    func `a directory's templates are taken, its other files are not, and what cannot be read is named`()
        throws
    {
        let names = ["README", ".x.mustache", "haproxy.cfg.mustache", "gone.mustache", "away.mustache"]
        #expect(
            problems {
                _ = try TemplateSet.shipped.overridden(
                    byDirectory: "mine", list: { $0 == "mine" ? names : nil },
                    read: { $0 == "mine/haproxy.cfg.mustache" ? [] : nil })
                return []
            } == [
                "`mine/away.mustache`: cannot be read\nhint: `templates` in the inventory names a directory beside it",
                "`mine/gone.mustache`: cannot be read\nhint: `templates` in the inventory names a directory beside it",
            ])
        #expect(
            problems {
                _ = try TemplateSet.shipped.overridden(
                    byDirectory: "no", list: { _ in nil }, read: { _ in nil })
                return []
            } == ["`no`: cannot be read\nhint: `templates` in the inventory names a directory beside it"])
        let set = try TemplateSet.shipped.overridden(
            byDirectory: "mine", list: { _ in ["README", "haproxy.cfg.mustache"] }, read: { Array($0.utf8) })
        #expect(set["haproxy.cfg.mustache"] == Array("mine/haproxy.cfg.mustache".utf8))
        #expect(set.names == TemplateSet.shipped.names)
    }

    @Test func `a check script of the operator's own is rendered where a script runs it`() throws {
        var topology = Topology.minimal
        topology.cluster.keepalived?.scripts = [
            TrackScript(name: "web", run: "/etc/keepalived/check_web.sh 8080"),
            TrackScript(name: "other", run: "/usr/local/bin/check"),
        ]
        let templates = TemplateSet.shipped.overridden(
            by: ["check_web.sh.mustache": Array("#!/bin/sh\n# {{node}}\n".utf8)], in: "mine/")
        let files = try topology.rendered(templates: templates)[1].files
        let script = try #require(files.first { $0.role == .checkScript })
        #expect(script.path == "/etc/keepalived/check_web.sh")
        #expect(script.mode == 0o755)
        #expect(String(decoding: script.contents, as: UTF8.self) == "#!/bin/sh\n# lb2\n")
        #expect(files.count { $0.role == .checkScript } == 1)
    }

    @Test func `options are quoted for systemd and for a shell`() throws {
        var topology = Topology.minimal
        topology.cluster.keepalived?.options = "--vrrp --config-id=\"$(id)`\\"
        let file = try #require(try topology.rendered()[0].files.first { $0.role == .keepalivedOptions })
        #expect(
            String(decoding: file.contents, as: UTF8.self).hasSuffix(
                "DAEMON_ARGS=\"--vrrp --config-id=\\\"\\$(id)\\`\\\\\"\n"))
    }

    @Test func `each node is its own: state, priority, source and peers`() throws {
        let texts = try Topology.threeNodes.rendered().map { node in
            String(
                decoding: try #require(node.files.first { $0.role == .keepalivedConfig }).contents,
                as: UTF8.self)
        }
        #expect(texts.map { $0.contains("state MASTER\n") } == [true, false, false])
        #expect(texts[1].contains("    priority 120\n"))
        #expect(
            texts[1].contains(
                """
                    unicast_src_ip 198.51.100.12
                    unicast_peer {
                        198.51.100.11
                        198.51.100.13
                    }

                """))
    }

    @Test func `a node's own card goes before the cluster's, an instance's before both`() throws {
        var topology = Topology.activeActive
        topology.cluster.nodes[0].interface = "ens192"
        topology.cluster.keepalived?.instances[1].interface = "vlan7"
        let text = String(
            decoding: try #require(
                try topology.rendered()[0].files.first { $0.role == .keepalivedConfig }
            ).contents, as: UTF8.self)
        let cards = text.split(separator: "\n").filter { $0.hasPrefix("    interface ") }
        #expect(cards == ["    interface ens192", "    interface vlan7"])
    }

    @Test func `the check of haproxy knows the ports of its frontends`() throws {
        var topology = Topology.lab
        topology.cluster.haproxy?.frontends[0].binds = [
            "203.0.113.50:80", "[2001:db8::50]:443 ssl crt /etc/x.pem", ":::8080 v6only", "*:80",
            "/run/x.sock",
            "unix@/run/y", "*:9000-9001", "fd@3",
        ]
        let script = try #require(try topology.rendered()[0].files.first { $0.role == .checkScript })
        #expect(
            String(decoding: script.contents, as: UTF8.self).contains("\nmissing=\" 0050 01BB 1F90 \"\n"))
    }

    private func problems(_ body: () throws -> [RenderedNode]) -> [String] {
        do {
            _ = try body()
            return []
        } catch let error as RenderingError {
            return error.problems.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }
}
