import Testing

@testable import Inventory

@Suite struct SecretProblemTests {
    @Test(arguments: [
        Mistake(
            "a secret in the place of its source",
            [("{ env: HAOPS_VRRP_PASS }", "hunter2")],
            """
            haops.yaml:2:12: error: `vrrp` must say where the secret is, not the secret
                2 | secrets: { vrrp: ******** }
                  |            ^^^^
            hint: write `vrrp: { env: HAOPS_VRRP_PASS }`, `{ file: PATH }` or `{ command: [pass, show, vrrp] }`
            """),
        Mistake(
            "a secret behind an unknown source",
            [("{ env: HAOPS_VRRP_PASS }", "{ value: hunter2 }")],
            """
            haops.yaml:2:12: error: secret `vrrp` wants one source, `env`, `file` or `command`, not 0
                2 | secrets: { vrrp: { value: ******** } }
                  |            ^^^^
            hint: write `vrrp: { env: HAOPS_VRRP_PASS }`
            haops.yaml:2:20: error: unknown key `value` in secret `vrrp`
                2 | secrets: { vrrp: { value: ******** } }
                  |                    ^^^^^
            hint: secret `vrrp` has: env, file, command
            """),
        Mistake(
            "two sources",
            [("{ env: HAOPS_VRRP_PASS }", "{ env: A, file: b }")],
            """
            haops.yaml:2:12: error: secret `vrrp` wants one source, `env`, `file` or `command`, not 2
                2 | secrets: { vrrp: { env: A, file: b } }
                  |            ^^^^
            hint: write `vrrp: { env: HAOPS_VRRP_PASS }`
            """),
        Mistake(
            "an assignment for a variable",
            [("{ env: HAOPS_VRRP_PASS }", "{ env: A=b }")],
            """
            haops.yaml:2:25: error: `env` wants the name of an environment variable, not `A=b`
                2 | secrets: { vrrp: { env: A=b } }
                  |                         ^^^
            hint: write `vrrp: { env: HAOPS_VRRP_PASS }`
            """),
        Mistake(
            "a command for a shell",
            [("{ env: HAOPS_VRRP_PASS }", "{ command: pass show vrrp }")],
            """
            haops.yaml:2:29: error: `command` wants a list of the program and its arguments (no shell runs it), not `pass show vrrp`
                2 | secrets: { vrrp: { command: pass show vrrp } }
                  |                             ^^^^^^^^^^^^^^
            hint: write `command: [pass, show, vrrp]`
            """),
        Mistake(
            "a secret that is not there",
            [("secret: vrrp", "secret: vrpr")],
            """
            haops.yaml:10:28: error: no secret `vrpr` is among `secrets`
               10 |       auth_pass: { secret: vrpr }
                  |                            ^^^^
            hint: did you mean `vrrp`?
            """),
        Mistake(
            "a secret that is used nowhere",
            [("      auth_pass: { secret: vrrp }\n", "")],
            """
            haops.yaml:2:12: warning: the secret `vrrp` is used nowhere
                2 | secrets: { vrrp: { env: HAOPS_VRRP_PASS } }
                  |            ^^^^
            hint: write `auth_pass: { secret: vrrp }`, or remove it
            """),
        Mistake(
            "a password in the inventory",
            [("{ secret: vrrp }", "hunter2")],
            """
            haops.yaml:2:12: warning: the secret `vrrp` is used nowhere
                2 | secrets: { vrrp: { env: HAOPS_VRRP_PASS } }
                  |            ^^^^
            hint: write `auth_pass: { secret: vrrp }`, or remove it
            haops.yaml:10:7: warning: `auth_pass` is in the inventory itself, for everybody to read
               10 |       auth_pass: ********
                  |       ^^^^^^^^^
            hint: write `auth_pass: { secret: vrrp }` and say under `secrets` where it is
            """),
        Mistake(
            "a password of nine bytes in the inventory",
            [("{ secret: vrrp }", "hunter2xx")],
            """
            haops.yaml:2:12: warning: the secret `vrrp` is used nowhere
                2 | secrets: { vrrp: { env: HAOPS_VRRP_PASS } }
                  |            ^^^^
            hint: write `auth_pass: { secret: vrrp }`, or remove it
            haops.yaml:10:7: warning: `auth_pass` is in the inventory itself, for everybody to read
               10 |       auth_pass: ********
                  |       ^^^^^^^^^
            hint: write `auth_pass: { secret: vrrp }` and say under `secrets` where it is
            haops.yaml:10:7: error: `auth_pass` has more than 8 bytes: keepalived would use the first 8 only
               10 |       auth_pass: ********
                  |       ^^^^^^^^^
            hint: choose a password of at most 8 bytes
            """),
        Mistake(
            "a password with a quote",
            [("{ secret: vrrp }", "'hun\"ter'")],
            """
            haops.yaml:2:12: warning: the secret `vrrp` is used nowhere
                2 | secrets: { vrrp: { env: HAOPS_VRRP_PASS } }
                  |            ^^^^
            hint: write `auth_pass: { secret: vrrp }`, or remove it
            haops.yaml:10:7: warning: `auth_pass` is in the inventory itself, for everybody to read
               10 |       auth_pass: ********
                  |       ^^^^^^^^^
            hint: write `auth_pass: { secret: vrrp }` and say under `secrets` where it is
            haops.yaml:10:7: error: `auth_pass` has a quote, a backslash or a control character, which keepalived.conf cannot hold
               10 |       auth_pass: ********
                  |       ^^^^^^^^^
            hint: choose other characters
            """),
        Mistake(
            "a password that keepalived would take for a definition of its own",
            [("{ secret: vrrp }", "'${_PWD}'")],
            """
            haops.yaml:2:12: warning: the secret `vrrp` is used nowhere
                2 | secrets: { vrrp: { env: HAOPS_VRRP_PASS } }
                  |            ^^^^
            hint: write `auth_pass: { secret: vrrp }`, or remove it
            haops.yaml:10:7: warning: `auth_pass` is in the inventory itself, for everybody to read
               10 |       auth_pass: ********
                  |       ^^^^^^^^^
            hint: write `auth_pass: { secret: vrrp }` and say under `secrets` where it is
            haops.yaml:10:7: error: `auth_pass` has `$_` or `${_`, with which a definition of keepalived's own begins: it would use another password
               10 |       auth_pass: ********
                  |       ^^^^^^^^^
            hint: choose other characters
            """),
        Mistake(
            "a mistake on the line of a password",
            [
                (
                    "      auth_pass: { secret: vrrp }",
                    "      auth_pass: hunter2 # and more\n      auth_pass: hunter3"
                )
            ],
            """
            haops.yaml:10:7: warning: `auth_pass` is in the inventory itself, for everybody to read
               10 |       auth_pass: ******** # and more
                  |       ^^^^^^^^^
            hint: write `auth_pass: { secret: vrrp }` and say under `secrets` where it is
            haops.yaml:11:7: error: the key `auth_pass` stands here twice: first on line 10
               11 |       auth_pass: ********
                  |       ^^^^^^^^^
            hint: keep one of the two
            """),
        Mistake(
            "a misspelled key before a password",
            [("auth_pass: { secret: vrrp }", "auth_pas: hunter2")],
            """
            haops.yaml:10:7: error: unknown key `auth_pas` in `keepalived`
               10 |       auth_pas: ********
                  |       ^^^^^^^^
            hint: did you mean `auth_pass`?
            """),
        Mistake(
            "a broken line behind a password",
            [("auth_pass: { secret: vrrp }", "auth_pass: \"hunter2")],
            """
            haops.yaml:19:35: error: this is not YAML: did not find expected key while parsing a block mapping that began on line 9
               19 |       frontends: { web: { bind: ["203.0.113.50:80"], backend: web } }
                  |                                   ^
            hint: check the indentation: keys of one mapping start in one column
            """),
        Mistake(
            "a list for a password",
            [("{ secret: vrrp }", "[hunter2]")],
            """
            haops.yaml:10:18: error: `auth_pass` wants a secret, not a list
               10 |       auth_pass: [********]
                  |                  ^^^^^^^^^^
            hint: write `auth_pass: { secret: vrrp }`
            """),
    ])
    func `secrets are never shown, and what is wrong with them is`(mistake: Mistake) {
        #expect(mistake.actualReport == mistake.report)
    }

    @Test(arguments: ["*hunter2", "&hunter2", "!hunter2", "! hunter2", "&hunter2 hunter2"])
    func `a password that YAML takes for an alias, an anchor or a tag is not shown`(password: String) {
        let text = """
            haops: 1
            clusters:
              web:
                nodes: { lb1: { address: 198.51.100.11 } }
                keepalived: { interface: eth0, auth_pass: \(password)
                  , instances: { VI_1: { router_id: 51, addresses: [203.0.113.50/24] } } }
            """
        do {
            _ = try readFleet(yaml: Array(text.utf8), file: "haops.yaml", directory: "")
        } catch {
            #expect(!"\(error)".contains("hunter2"), "\(error)")
        }
    }
}
