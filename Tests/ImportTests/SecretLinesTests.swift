import Import
import Inventory
import Keepalived
import Rendering
import Testing

/// Secrets in lines that the inventory has no key for.
@Suite struct SecretLinesTests {
    private func node(_ priority: Int, inInstance lines: String = "", _ blocks: String = "") -> String {
        """
        \(blocks)
        vrrp_instance VI_1 {
            state \(priority == 150 ? "MASTER" : "BACKUP")
            interface eth0
            virtual_router_id 51
            priority \(priority)
        \(lines)
            virtual_ipaddress {
                203.0.113.50/24
            }
        }

        """
    }

    private func pair(inInstance lines: String = "", _ blocks: String = "") -> Surveyed {
        Surveyed(node(150, inInstance: lines, blocks), node(100, inInstance: lines, blocks))
    }

    /// That nobody is shown a secret, and that every node gets it back.
    private func expectHidden(
        _ imported: ImportedCluster, _ secrets: [String], names: [String],
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) throws {
        #expect(imported.isFaithful, "\(imported.refusals)", sourceLocation: sourceLocation)
        #expect(imported.secrets.map(\.name) == names, sourceLocation: sourceLocation)
        #expect(imported.secrets.map(\.value.revealed) == secrets, sourceLocation: sourceLocation)
        for secret in secrets {
            #expect(!"\(imported)".contains(secret), sourceLocation: sourceLocation)
            for text in try imported.rendered() {
                #expect(text.contains(secret), sourceLocation: sourceLocation)
            }
        }
    }

    private let ssl = "SSL {\n    password hunter22\n    ca /etc/ssl/ca.pem\n    key /etc/ssl/key.pem\n}\n"

    @Test func `the password of SSL`() throws {
        let imported = pair(ssl).imported
        try expectHidden(imported, ["hunter22"], names: ["ssl_password"])
        #expect(imported.inventory.contains("password ${secret:ssl_password}"))
        #expect(imported.inventory.contains("ssl_password: { env: HAOPS_SSL_PASSWORD }"))
        // A path is none.
        #expect(imported.inventory.contains("key /etc/ssl/key.pem"))
        let files = try render(try imported.cluster) { _ in Secret("hunter22") }.flatMap(\.files)
        let file = try #require(files.first { $0.path == conf })
        #expect(file.isSecret && !SecretMask(secrets: file.secrets).shown(file.contents).contains("hunter22"))
    }

    @Test func `a quoted secret stays quoted, with the signs in it`() throws {
        let imported = pair("SSL {\n    password \"hun ter#2!\"\n}\n").imported
        try expectHidden(imported, ["hun ter#2!"], names: ["ssl_password"])
    }

    @Test func `keys of auth_hmac, but not the names of files`() throws {
        let lines =
            "    auth_hmac {\n        key 1 hex:0001020304\n        key 2 file:/etc/keepalived/key\n    }\n"
        var surveyed = Surveyed()
        for (index, priority) in [150, 100].enumerated() {
            surveyed.add(
                "lb\(index + 1)", address: "198.51.100.1\(index + 1)",
                [conf: node(priority, inInstance: lines)], version: KeepalivedVersion(2, 4, 0))
        }
        let imported = surveyed.imported
        try expectHidden(imported, ["hex:0001020304"], names: ["hmac_key_1"])
        #expect(imported.inventory.contains("key 2 file:/etc/keepalived/key"))
    }

    @Test func `what programs and servers are given`() throws {
        let blocks = """
            vrrp_script db {
                script "/usr/bin/check --host db1 --password=opensesame --verbose"
                fall 2
                rise 2
            }
            virtual_server 203.0.113.50 80 {
                protocol TCP
                real_server 203.0.113.21 80 {
                    MISC_CHECK {
                        misc_path "/usr/bin/curl -u probe:moonlight https://web1/"
                    }
                }
            }

            """
        let lines = """
                notify_master "/usr/local/bin/tell --token tok-4711"
                track_script {
                    db
                }
            """
        let imported = pair(inInstance: lines, blocks).imported
        try expectHidden(
            imported, ["opensesame", "moonlight", "tok-4711"], names: ["password", "password_2", "token"])
        #expect(imported.inventory.contains("--host db1 --password=${secret:password} --verbose"))
    }

    @Test func `nodes whose secrets differ keep their own`() throws {
        let imported = Surveyed(
            node(150, "SSL {\n    password one-one\n}\n"), node(100, "SSL {\n    password two-two\n}\n")
        ).imported
        #expect(imported.isFaithful, "\(imported.refusals)")
        #expect(imported.secrets.map(\.value.revealed).sorted() == ["one-one", "two-two"])
        #expect(!"\(imported)".contains("one-one") && !"\(imported)".contains("two-two"))
    }

    @Test func `one value has one name, whatever it opens`() throws {
        let password = "    authentication {\n        auth_type PASS\n        auth_pass hunter22\n    }"
        let imported = pair(inInstance: password, ssl).imported
        #expect(imported.isFaithful)
        #expect(imported.secrets.count == 1)
        #expect(!imported.inventory.contains("hunter22"))
    }

    @Test func `a refusal shows no secret either`() throws {
        let imported = Surveyed(
            node(150, "vrrp_script x {\n    script \"/bin/x --password=opensesame\"\n}\n"),
            node(100).replacing("virtual_router_id 51", with: "virtual_router_id 52")
        ).imported
        #expect(!imported.isFaithful)
        #expect(!"\(imported)".contains("opensesame"))
    }
}
