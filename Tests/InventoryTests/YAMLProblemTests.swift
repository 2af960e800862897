import Testing

@testable import Inventory

@Suite struct YAMLProblemTests {
    @Test(arguments: [
        Mistake(
            "a key that stands twice",
            [("      interface: eth0", "      interface: eth0\n      interface: eth1")],
            """
            haops.yaml:10:7: error: the key `interface` stands here twice: first on line 9
               10 |       interface: eth1
                  |       ^^^^^^^^^
            hint: keep one of the two
            """),
        Mistake(
            "a tab for indentation",
            [("      interface: eth0", "\tinterface: eth0")],
            """
            haops.yaml:9:1: error: this is not YAML: found character that cannot start any token while scanning for the next token
                9 |     interface: eth0
                  | ^^^^
            hint: indent with spaces: YAML allows no tab there
            """),
        Mistake(
            "a brace that is never closed",
            [("{ secret: vrrp }", "{ secret: vrrp")],
            """
            haops.yaml:11:14: error: this is not YAML: did not find expected ',' or '}' while parsing a flow mapping that began on line 10
               11 |       scripts:
                  |              ^
            hint: separate values with commas, and close the bracket or brace
            """),
        Mistake(
            "a range between braces without quotes",
            [("address: 198.51.100.12", "address: 198.51.100.[12-13]")],
            """
            haops.yaml:7:34: error: this is not YAML: did not find expected ',' or '}' while parsing a flow mapping
                7 |       lb2: { address: 198.51.100.[12-13], priority: 100 }
                  |                                  ^
            hint: between braces a value with brackets needs quotes: `"198.51.100.[11-14]"`
            """),
        Mistake(
            "two values behind one key",
            [("interface: eth0", "interface: eth0: eth1")],
            """
            haops.yaml:9:22: error: this is not YAML: mapping values are not allowed in this context
                9 |       interface: eth0: eth1
                  |                      ^
            hint: a value that contains `: ` needs quotes; also check the indentation
            """),
        Mistake(
            "an alias without an anchor",
            [("interface: eth0", "interface: *card")],
            """
            haops.yaml:9:18: error: no anchor `&card` stands before this alias
                9 |       interface: *card
                  |                  ^^^^^
            """),
        Mistake(
            "an alias inside its own anchor",
            [("addresses: [203.0.113.50/24]", "addresses: &all [203.0.113.50/24, *all]")],
            """
            haops.yaml:16:45: error: the alias `*all` contains itself
               16 |           addresses: &all [203.0.113.50/24, *all]
                  |                                             ^^^^
            """),
        Mistake(
            "a second document",
            [("    sysctl:", "---\n    sysctl:")],
            """
            haops.yaml:21:1: error: a second YAML document starts here
               21 | ---
                  | ^^^
            hint: an inventory is one document: remove the `---`
            """),
        Mistake(
            "a tag",
            [("env: HAOPS_VRRP_PASS", "env: !vault abc")],
            """
            haops.yaml:2:25: error: the tag `!vault` means nothing here
                2 | secrets: { vrrp: { env: !vault abc } }
                  |                         ^^^^^^^^^^
            hint: remove the tag: haops knows what each value is
            """),
        Mistake(
            "a control character",
            [("eth0", "et\u{07}h0")],
            """
            haops.yaml:9:20: error: the file has a character that YAML does not allow: control characters are not allowed
                9 |       interface: et\\u{7}h0
                  |                    ^^^^^
            hint: remove it, or write it as an escape between double quotes
            """),
        Mistake(
            "a merge of something that is not a mapping",
            [("      interface: eth0", "      <<: eth0\n      interface: eth0")],
            """
            haops.yaml:9:11: error: `<<` merges a mapping, not a single value
                9 |       <<: eth0
                  |           ^^^^
            hint: write `<<: *name` where `&name` marks a mapping
            """),
        Mistake(
            "a key that is a list",
            [("      interface: eth0", "      [a]: 1\n      interface: eth0")],
            """
            haops.yaml:9:7: error: a key must be a single word, not a list
                9 |       [a]: 1
                  |       ^^^
            hint: quote a key that starts with a bracket or a brace
            """),
        Mistake(
            "an unclosed quote",
            [("\"203.0.113.50:80\"", "\"203.0.113.50:80")],
            """
            haops.yaml:19:34: error: this is not YAML: the quote that begins here never ends
               19 |       frontends: { web: { bind: ["203.0.113.50:80], backend: web } }
                  |                                  ^
            hint: close the quote
            """),
    ])
    func `what is not YAML is shown where it goes wrong`(mistake: Mistake) {
        #expect(mistake.actualReport == mistake.report)
    }
}
