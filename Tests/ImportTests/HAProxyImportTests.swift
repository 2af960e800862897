import Import
import Inventory
import Testing

@Suite struct HAProxyImportTests {
    static let pair = [150, 100].map { priority in
        """
        vrrp_instance VI_1 {
            state \(priority == 150 ? "MASTER" : "BACKUP")
            interface eth0
            virtual_router_id 51
            priority \(priority)
            virtual_ipaddress {
                203.0.113.50/24
            }
        }

        """
    }
    static let path = "/etc/haproxy/haproxy.cfg"

    private func imported(_ haproxy: String, _ other: String? = nil) -> ImportedCluster {
        var surveyed = Surveyed()
        surveyed.add("lb1", address: "198.51.100.11", [conf: Self.pair[0], Self.path: haproxy])
        surveyed.add("lb2", address: "198.51.100.12", [conf: Self.pair[1], Self.path: other ?? haproxy])
        return surveyed.imported
    }

    private static let everyday = """
        global
            log /dev/log local0   # to journald
            chroot /var/lib/haproxy
            user haproxy
            maxconn 4000
        defaults
            log global
            mode http
            option httplog
            timeout connect 5s
            timeout client 50s
            timeout server 50s
        frontend web
            bind 203.0.113.50:80
            bind 203.0.113.50:443 ssl crt /etc/haproxy/site.pem
            acl is_api path_beg /api
            use_backend api if is_api
            default_backend web
        backend web
            balance leastconn
            option httpchk GET /health
            default-server inter 3s fall 3 rise 2
            server web1 203.0.113.21:80 check weight 10
            server web2 203.0.113.22:80 check backup
            http-request set-header X-Real "%[src] and a # that is none"
        backend api
            server api1 203.0.113.31:8080

        """

    @Test func `frontends and backends come along, the rest as it was written`() throws {
        let imported = imported(Self.everyday)
        #expect(imported.refusals.map(\.description) == [], "\(imported.inventory)")
        let settings = try #require(try imported.cluster.haproxy)
        #expect(
            settings.frontends.map(\.binds) == [
                ["203.0.113.50:80", "203.0.113.50:443 ssl crt /etc/haproxy/site.pem"]
            ])
        #expect(settings.backends.map(\.name) == ["web", "api"])
        #expect(settings.backends[0].check == .http(path: "/health"))
        #expect(settings.backends[1].check == .none)
        #expect(settings.backends[0].balance == "leastconn")
        #expect(settings.backends[0].servers.map(\.options) == ["weight 10", "backup"])
        #expect(settings.frontends[0].extra?.contains("use_backend api if is_api") == true)
        #expect(settings.extraGlobal?.contains("maxconn 4000") == true)
    }

    @Test func `passwords of the statistics page and of user lists are secrets`() throws {
        let imported = imported(
            Self.everyday + """
                userlist operators
                    user alice insecure-password wonderland
                listen stats
                    bind :8404
                    stats enable
                    stats auth admin:t0psecret

                """)
        #expect(imported.refusals.map(\.description) == [], "\(imported.inventory)")
        for word in ["wonderland", "t0psecret"] {
            #expect(!imported.inventory.contains(word))
            #expect(imported.secrets.contains { $0.value.revealed == word })
            #expect(!imported.kept.contains { $0.text.contains(word) })
        }
        #expect(imported.inventory.contains("stats auth admin:${secret:haproxy_stats}"))
    }

    @Test func `names that differ in case or in signs have variables of their own`() {
        let imported = imported(
            Self.everyday + """
                userlist operators
                    user admin insecure-password wonderland
                    user Admin insecure-password looking-glass
                    user ad-min insecure-password jabberwock
                    user ad_min insecure-password bandersnatch

                """)
        #expect(imported.refusals.map(\.description) == [], "\(imported.inventory)")
        #expect(Set(imported.secrets.map(\.name)).count == 4)
        #expect(
            imported.secrets.map(\.variable) == [
                "HAOPS_HAPROXY_ADMIN", "HAOPS_HAPROXY_ADMIN_2", "HAOPS_HAPROXY_AD_MIN",
                "HAOPS_HAPROXY_AD_MIN_2",
            ])
    }

    @Test func `conditions and messages of the file's own are refused where they stand`() {
        let imported = imported(
            Self.everyday.replacing(
                "    server web2 203.0.113.22:80 check backup\n",
                with: "    .if defined(SITE_B)\n    server web2 203.0.113.22:80 check backup\n    .endif\n")
        )
        let texts = imported.refusals.map(\.description)
        for (line, text) in [(24, ".if defined(SITE_B)"), (26, ".endif")] {
            #expect(
                texts.contains {
                    $0.hasPrefix("lb1:\(Self.path):\(line), lb2:\(Self.path):\(line): `\(text)`")
                }, "\(texts)")
        }
    }

    @Test func `a condition before the first section of one node is seen too`() {
        let imported = imported(
            Self.everyday, ".if version_atleast(2.6)\n.diag \"of this age\"\n.endif\n" + Self.everyday)
        #expect(imported.refusals.contains { $0.description.hasPrefix("lb2:\(Self.path):2: `.diag") })
    }

    @Test func `files that differ are refused line by line, passwords hidden`() {
        let one = Self.everyday + "listen stats\n    bind :8404\n    stats auth admin:t0psecret\n"
        let imported = imported(
            one, one.replacing("maxconn 4000", with: "maxconn 2000").replacing("t0psecret", with: "other"))
        let texts = imported.refusals.map(\.description)
        #expect(texts.contains { $0.hasPrefix("lb1:\(Self.path):5: `maxconn 4000`") })
        #expect(texts.contains { $0.hasPrefix("lb2:\(Self.path):5: `maxconn 2000`") })
        #expect(!texts.contains { $0.contains("t0psecret") })
    }

    @Test func `the order of rules counts`() {
        let one = Self.everyday
        let two = one.replacing(
            "    acl is_api path_beg /api\n    use_backend api if is_api\n",
            with: "    use_backend api if is_api\n    acl is_api path_beg /api\n")
        #expect(!imported(one, two).isFaithful)
    }

    @Test func `several defaults sections are refused`() {
        let imported = imported(
            Self.everyday + "defaults\n    mode tcp\nbackend db\n    server db1 203.0.113.41:5432\n")
        #expect(imported.refusals.contains { $0.text.contains("only one `defaults`") })
    }

    @Test func `a haproxy without frontends is left alone`() throws {
        let imported = imported("global\n    daemon\ndefaults\n    mode http\n")
        #expect(imported.isFaithful)
        #expect(try imported.cluster.haproxy == nil)
    }
}
