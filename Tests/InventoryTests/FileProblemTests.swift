import FoundationEssentials
import Remote
import Testing

@testable import Inventory

@Suite struct FileProblemTests {
    /// `files:` of the cluster, one entry.
    private static func entry(_ path: String, _ value: String) -> (String, String) {
        ("    sysctl:", "    files: { \(path): \(value) }\n    sysctl:")
    }

    @Test(arguments: [
        Mistake(
            "a relative destination", [entry("check.sh", "{ text: x }")],
            """
            haops.yaml:21:14: error: `check.sh` is not an absolute path
               21 |     files: { check.sh: { text: x } }
                  |              ^^^^^^^^
            hint: write where it is to stand on the nodes: `/etc/keepalived/check_web.sh`
            """),
        Mistake(
            "a destination that goes up", [entry("/etc/../tmp/x", "{ text: x }")],
            """
            haops.yaml:21:14: error: `/etc/../tmp/x` has `..` in it
               21 |     files: { /etc/../tmp/x: { text: x } }
                  |              ^^^^^^^^^^^^^
            hint: write the path that it means
            """),
        Mistake(
            "a second spelling of a destination", [entry("/etc//x", "{ text: x }")],
            """
            haops.yaml:21:14: error: `/etc//x` is not the shortest spelling of its path
               21 |     files: { /etc//x: { text: x } }
                  |              ^^^^^^^
            hint: write one `/` between names, no `.`, and none at the end
            """),
        Mistake(
            "a file of haops' own", [entry("/etc/keepalived/keepalived.conf", "{ text: x }")],
            """
            haops.yaml:21:14: error: haops writes `/etc/keepalived/keepalived.conf` itself
               21 |     files: { /etc/keepalived/keepalived.conf: { text: x } }
                  |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            hint: change it by `keepalived`, or its `extra`
            """),
        Mistake(
            "what haops writes for the scripts of a stop",
            [entry("/etc/systemd/system/keepalived.service.d/90-haops.conf", "{ text: x }")],
            """
            haops.yaml:21:14: error: haops writes `/etc/systemd/system/keepalived.service.d/90-haops.conf` itself
               21 |     files: { /etc/systemd/system/keepalived.service.d/90-haops.conf: { text: x } }
                  |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            hint: change it by `notify` of `keepalived`
            """),
        Mistake(
            "haops' own state", [entry("/var/lib/haops/x", "{ text: x }")],
            """
            haops.yaml:21:14: error: `/var/lib/haops/x` is where haops keeps its own state
               21 |     files: { /var/lib/haops/x: { text: x } }
                  |              ^^^^^^^^^^^^^^^^
            hint: choose another place
            """),
        Mistake(
            "an unknown key", [entry("/etc/x", "{ test: x }")],
            """
            haops.yaml:21:24: error: unknown key `test` in the file `/etc/x`
               21 |     files: { /etc/x: { test: x } }
                  |                        ^^^^
            hint: did you mean `text`?
            """),
        Mistake(
            "neither source nor text", [entry("/etc/x", "{ mode: \"0644\" }")],
            """
            haops.yaml:21:14: error: the file `/etc/x` has neither `source` nor `text`
               21 |     files: { /etc/x: { mode: "0644" } }
                  |              ^^^^^^
            hint: write `source: files/check_web.sh`, a path beside the inventory, or `text: |`
            """),
        Mistake(
            "source and text", [entry("/etc/x", "{ source: /etc/passwd, text: x }")],
            """
            haops.yaml:21:45: error: the file `/etc/x` has a `source` and a `text`
               21 |     files: { /etc/x: { source: /etc/passwd, text: x } }
                  |                                             ^^^^
            hint: keep one of the two
            """),
        Mistake(
            "a source that is not there", [entry("/etc/x", "{ source: /no/such/file }")],
            """
            haops.yaml:21:32: error: cannot read `/no/such/file`: no such file or directory
               21 |     files: { /etc/x: { source: /no/such/file } }
                  |                                ^^^^^^^^^^^^^
            hint: `source` names a file of this machine; a relative path starts at the inventory
            """),
        Mistake(
            "a source that is a directory", [entry("/etc/x", "{ source: /etc }")],
            """
            haops.yaml:21:32: error: cannot read `/etc`: it is a directory
               21 |     files: { /etc/x: { source: /etc } }
                  |                                ^^^^
            hint: `source` names a file of this machine; a relative path starts at the inventory
            """),
        Mistake(
            "a source without end", [entry("/etc/x", "{ source: /dev/zero }")],
            """
            haops.yaml:21:32: error: cannot read `/dev/zero`: it is not a file
               21 |     files: { /etc/x: { source: /dev/zero } }
                  |                                ^^^^^^^^^
            hint: `source` names a file of this machine; a relative path starts at the inventory
            """),
        Mistake(
            "a mode that is not octal", [entry("/etc/x", "{ text: x, mode: \"0798\" }")],
            """
            haops.yaml:21:39: error: `mode` wants permissions in octal, not `0798`
               21 |     files: { /etc/x: { text: x, mode: "0798" } }
                  |                                       ^^^^^^
            hint: write `mode: "0755"`
            """),
        Mistake(
            "a setuid bit", [entry("/etc/x", "{ text: x, mode: \"4755\" }")],
            """
            haops.yaml:21:39: error: setuid, setgid and sticky bits are not shipped
               21 |     files: { /etc/x: { text: x, mode: "4755" } }
                  |                                       ^^^^^^
            hint: write `mode: "0755"`
            """),
        Mistake(
            "a file that everybody may change", [entry("/etc/x", "{ text: x, mode: \"0666\" }")],
            """
            haops.yaml:21:39: error: with mode 0666 everybody on the node could change the file
               21 |     files: { /etc/x: { text: x, mode: "0666" } }
                  |                                       ^^^^^^
            hint: write `mode: "0755"` for a script, `"0644"` for another file
            """),
        Mistake(
            "an owner without a group", [entry("/etc/x", "{ text: x, owner: haproxy }")],
            """
            haops.yaml:21:40: error: `owner` wants a user and a group by name, not `haproxy`
               21 |     files: { /etc/x: { text: x, owner: haproxy } }
                  |                                        ^^^^^^^
            hint: write `owner: root:root`
            """),
        Mistake(
            "an owner by number", [entry("/etc/x", "{ text: x, owner: \"0:0\" }")],
            """
            haops.yaml:21:40: error: `owner` wants a user and a group by name, not `0:0`
               21 |     files: { /etc/x: { text: x, owner: "0:0" } }
                  |                                        ^^^^^
            hint: write `owner: root:root`
            """),
        Mistake(
            "an effect that there is not", [entry("/etc/x", "{ text: x, on_change: reload keepalive }")],
            """
            haops.yaml:21:44: error: `on_change` wants one of `none`, `reload keepalived`, `restart keepalived`, `reload haproxy`, `restart haproxy`, not `reload keepalive`
               21 |     files: { /etc/x: { text: x, on_change: reload keepalive } }
                  |                                            ^^^^^^^^^^^^^^^^
            hint: did you mean `reload keepalived`?
            """),
        Mistake(
            "a file below a file", [entry("/etc/x", "{ text: x }, /etc/x/y: { text: y }")],
            """
            haops.yaml:21:35: error: `/etc/x/y` lies below `/etc/x`, which is a file
               21 |     files: { /etc/x: { text: x }, /etc/x/y: { text: y } }
                  |                                   ^^^^^^^^
            hint: choose another place for one of the two
            """),
        Mistake(
            "a script that cannot be run", [entry("/bin/check", "{ text: x, mode: \"0644\" }")],
            """
            haops.yaml:21:43: error: keepalived is to run `/bin/check`, and its mode does not allow that
               21 |     files: { /bin/check: { text: x, mode: "0644" } }
                  |                                           ^^^^^^
            hint: write `mode: "0755"`
            """),
        Mistake(
            "two files at one place",
            [entry("/etc/x", "{ text: x }, /etc/x: { text: y }")],
            """
            haops.yaml:21:35: error: the key `/etc/x` stands here twice: first on line 21
               21 |     files: { /etc/x: { text: x }, /etc/x: { text: y } }
                  |                                   ^^^^^^
            hint: keep one of the two
            """),
        Mistake(
            "files among the defaults",
            [("clusters:", "defaults: { files: {} }\nclusters:")],
            """
            haops.yaml:3:13: error: unknown key `files` in `defaults`
                3 | defaults: { files: {} }
                  |             ^^^^^
            hint: write `files` at the top of the inventory
            """),
        Mistake(
            "a secret that is not there",
            [entry("/etc/x", "{ text: \"${secret:vrpp}\", template: true }")],
            """
            haops.yaml:21:14: error: no secret `vrpp` is among `secrets`
               21 |     files: { /etc/x: { text: "${secret:vrpp}", template: true } }
                  |              ^^^^^^
            hint: did you mean `vrrp`?
            """),
    ])
    func `a mistake in files is told at its place`(mistake: Mistake) {
        #expect(mistake.actualReport == mistake.report)
    }

    @Test(arguments: [
        Mistake(
            "a state that there is not",
            [("      instances:", "      notify: { mastr: [/bin/a] }\n      instances:")],
            """
            haops.yaml:13:17: error: unknown key `mastr` in `notify`
               13 |       notify: { mastr: [/bin/a] }
                  |                 ^^^^^
            hint: did you mean `master`?
            """),
        Mistake(
            "a relative script",
            [("      instances:", "      notify: { master: [bin/a], timeout: 0 }\n      instances:")],
            """
            haops.yaml:13:26: error: `bin/a` is not an absolute path
               13 |       notify: { master: [bin/a], timeout: 0 }
                  |                          ^^^^^
            hint: write where the script is on the nodes: `/etc/keepalived/status_capture.sh`
            haops.yaml:13:43: error: `timeout` wants a whole number from 1 to 3600, not `0`
               13 |       notify: { master: [bin/a], timeout: 0 }
                  |                                           ^
            hint: write `timeout: 10`
            """),
        Mistake(
            "haops' own script",
            [
                (
                    "      instances:",
                    "      notify: { stop: /etc/keepalived/haops-notify.sh }\n      instances:"
                )
            ],
            """
            haops.yaml:13:23: error: haops' own script would run itself without end
               13 |       notify: { stop: /etc/keepalived/haops-notify.sh }
                  |                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            hint: leave it out: it is run first in any case
            """),
        Mistake(
            "a word that is neither yes nor no",
            [("      instances:", "      notify: maybe\n      instances:")],
            """
            haops.yaml:13:15: error: `notify` wants `true`, `false` or a mapping of states and scripts, not `maybe`
               13 |       notify: maybe
                  |               ^^^^^
            hint: write `notify: { master: [/etc/keepalived/status_capture.sh] }`
            """),
    ])
    func `a mistake in notify is told at its place`(mistake: Mistake) {
        #expect(mistake.actualReport == mistake.report)
    }

    @Test func `a source that is too large or no UTF-8 is told at its place`() throws {
        let directory =
            FileManager.default.temporaryDirectory.path + "/haops-files-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let large = Data([UInt8](repeating: 120, count: ShippedFile.largest + 1))
        #expect(FileManager.default.createFile(atPath: directory + "/large", contents: large))
        #expect(FileManager.default.createFile(atPath: directory + "/latin", contents: Data([0xE9, 0x0A])))
        let text = soundInventory.replacing(
            "    sysctl:",
            with: """
                    files:
                      /etc/large: { source: large }
                      /etc/latin: { source: latin, template: true }
                      /etc/other: { source: latin }
                    sysctl:
                """)
        do {
            _ = try readFleet(yaml: Array(text.utf8), file: "haops.yaml", directory: directory)
            Issue.record("it was read")
        } catch {
            #expect(
                error.diagnostics.map { "\($0.location.line): \($0.message)" } == [
                    "22: cannot read `\(directory)/large`: it is larger than 1048576 bytes",
                    "23: `\(directory)/latin` is a template and not UTF-8",
                ])
        }
    }

    @Test func `the nearer entry for a path counts, as a whole`() throws {
        let text = soundInventory.replacing(
            "clusters:",
            with: """
                files:
                  /etc/a: { text: fleet, mode: "0600" }
                  /etc/b: { text: fleet }
                  /etc/c: { text: fleet }
                clusters:
                """
        ).replacing(
            "priority: 150 }",
            with: "priority: 150, files: { /etc/c: none, /etc/d: { text: \"#!/bin/sh\" } } }"
        ).replacing("    sysctl:", with: "    files: { /etc/a: { text: cluster } }\n    sysctl:")
        let fleet = try readFleet(yaml: Array(text.utf8), file: "haops.yaml", directory: "")
        let cluster = fleet.clusters[0]
        func shown(_ node: Node) -> [String] {
            cluster.files(on: node).map {
                "\($0.path) \(String(decoding: $0.contents, as: UTF8.self)) \(String($0.mode, radix: 8))"
            }
        }
        #expect(
            shown(cluster.nodes[0]) == ["/etc/a cluster 644", "/etc/b fleet 644", "/etc/d #!/bin/sh 755"])
        #expect(shown(cluster.nodes[1]) == ["/etc/a cluster 644", "/etc/b fleet 644", "/etc/c fleet 644"])
        #expect(fleet.warnings == [])
    }

    @Test func `a private key is its owner's alone and never shown`() {
        let key = Array("-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----\n".utf8)
        let file = ShippedFile(path: "/etc/haproxy/site.pem", contents: key)
        #expect(file.isSecret && file.mode == 0o600)
    }

    @Test(arguments: [
        ("true", NotifySettings()), ("no", .none), ("{}", NotifySettings()),
        ("{ state_file: false }", .none),
        (
            "{ state_file: false, master: [/a, /b], stop: /c, directory: /d/, timeout: 3 }",
            NotifySettings(
                writesState: false, hooks: [.master: ["/a", "/b"], .stop: ["/c"]], directory: "/d", timeout: 3
            )
        ),
    ])
    func `notify is a yes or no, or says what is run`(text: String, expected: NotifySettings) throws {
        let inventory = soundInventory.replacing(
            "      instances:", with: "      notify: \(text)\n      instances:")
        let fleet = try readFleet(yaml: Array(inventory.utf8), file: "haops.yaml", directory: "")
        #expect(fleet.clusters[0].keepalived?.notify == expected)
    }
}
