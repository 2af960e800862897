import Concealment
import Testing

@testable import Keepalived

/// What of a configuration is not shown.
@Suite struct SecretPartsTests {
    @Test(arguments: [
        ("/bin/x --password=S", ["S"]), ("/bin/x --password S -v", ["S"]),
        ("/bin/x --db-password='S'", ["S"]),
        ("PGPASSWORD=S psql", ["S"]), ("curl -u probe:S http://h/", ["S"]), ("curl -u probe http://h/", []),
        ("curl https://probe:S@h:8080/path", ["S"]), ("curl http://h:80/?at=a@b", []),
        ("curl --header \"Authorization: Bearer S\"", ["S"]), ("x --api-key S", ["S"]),
        ("x --token=S --secret S", ["S", "S"]), ("x --password", []), ("x --password --verbose", []),
        ("x --password-file /run/p", []), ("x --passive=1 --bypass 2", []), ("mysqladmin ping", []),
        ("", []), ("=", []), ("--=x -", []), ("://:@", []), ("--password=", []), ("'--token' 'S'", ["S"]),
    ])
    func `the secrets of a command`(text: String, secrets: [String]) {
        var search = SecretSearch()
        #expect(search.parts(of: text).map { String(text[$0.range]) } == secrets)
        #expect(
            text.hidingCommandSecrets.split { $0 == " " }.contains { $0.contains("(secret)") } == !secrets
                .isEmpty)
    }

    private func read(_ text: String) -> Configuration {
        ConfigurationReader(path: "k", bytes: Array(text.utf8), version: KeepalivedVersion(2, 4, 0)).read(
            path: "k")
    }

    @Test func `a change is told without its secrets, and still is one`() {
        func ssl(_ password: String) -> Configuration {
            read("SSL {\n password \(password)\n ca /etc/ca.pem\n}\n")
        }
        let changes = difference(from: ssl("hunter22"), to: ssl("hunter23"))
        #expect(changes.count == 1)
        #expect(changes.first?.old == "SSL { password (secret); ca /etc/ca.pem }")
        #expect(!"\(changes)".contains("hunter2"))
        #expect(difference(from: ssl("hunter22"), to: ssl("hunter22")).isEmpty)
    }

    @Test func `a changed command and a changed notify script neither`() {
        func script(_ word: String) -> Configuration {
            read(
                "vrrp_script c {\n script \"/bin/c --token \(word)\"\n}\nvrrp_instance V {\n interface eth0\n virtual_router_id 1\n notify_master \"/bin/n --password=\(word)\"\n}\n"
            )
        }
        let changes = difference(from: script("old-one"), to: script("new-one"))
        #expect(changes.count == 2)
        #expect(!"\(changes)".contains("old-one") && !"\(changes)".contains("new-one"))
    }
}
