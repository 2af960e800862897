import Keepalived
import Testing

@testable import Checks

@Suite struct LintFixTests {
    private func node(_ text: String, _ name: String = "lb1") -> LintNode {
        LintNode(
            name: name, path: "\(name).conf",
            files: FileSet(["\(name).conf": ConfigurationFile(Array(text.utf8))]))
    }

    /// The text with all fixes, and whether any of them has to be agreed to by itself.
    private func fixed(_ texts: String...) -> (text: String, isAsked: Bool) {
        let nodes = texts.enumerated().map { node($1, "lb\($0 + 1)") }
        var fixer = LintFixer(nodes)
        let fixes = fixer.fixes(for: Linter().run(nodes).findings)
        let edits = fixes.flatMap(\.edits).filter { $0.file == "lb1.conf" }
        return (
            String(decoding: edits.applied(to: Array(texts[0].utf8)), as: UTF8.self),
            fixes.contains(where: \.isAsked)
        )
    }

    private let instance = """
        vrrp_instance VI_1 {
            state BACKUP
            interface eth0
            virtual_router_id 51
            priority 100
            virtual_ipaddress {
                192.0.2.100/24
            }
        }

        """

    @Test(arguments: [
        ("    notify “/usr/local/bin/n.sh now”\n", "    notify \"/usr/local/bin/n.sh now\"\n"),
        (
            "    notify_master /usr/local/bin/n.sh MASTER\n",
            "    notify_master \"/usr/local/bin/n.sh MASTER\"\n"
        ),
    ])
    func `quotes are written as keepalived reads them`(_ before: String, _ after: String) {
        let text = instance.replacing("    priority 100\n", with: "    priority 100\n" + before)
        let expected = instance.replacing("    priority 100\n", with: "    priority 100\n" + after)
        let once = fixed(text)
        #expect(once.text == expected)
        #expect(!once.isAsked)
        #expect(fixed(once.text).text == once.text)
    }

    @Test func `a script's arguments go between quotes`() {
        let text =
            "vrrp_script chk {\n    script /usr/bin/killall -0 haproxy # runs?\n    interval 2\n}\n"
            + instance
        let once = fixed(text).text
        #expect(once.contains("    script \"/usr/bin/killall -0 haproxy\" # runs?\n"))
        #expect(fixed(once).text == once)
    }

    @Test func `missing braces are added at the end, and extra ones removed`() {
        let open = String(instance.dropLast(2))
        #expect(fixed(open).text == open + "\n}\n" || fixed(open).text == open + "}\n")
        let extra = instance + "}\n"
        #expect(fixed(extra).text == instance + "\n")
        #expect(fixed(fixed(open).text).text == fixed(open).text)
    }

    @Test func `a deprecated word becomes its successor`() {
        let text = instance.replacing(
            "    priority 100\n",
            with:
                "    priority 100\n    virtual_routes {\n        198.18.0.0/16 gw 192.0.2.1 dev eth0\n    }\n"
        )
        #expect(fixed(text).text == text.replacing(" gw ", with: " via "))
    }

    @Test func `a weight that cannot move the address is changed only when somebody agrees`() {
        func member(_ priority: Int) -> String {
            "vrrp_script chk {\n    script \"/usr/local/bin/check\"\n    weight -20\n}\n"
                + instance.replacing(
                    "    priority 100\n",
                    with: "    priority \(priority)\n    track_script {\n        chk\n    }\n")
        }
        let result = fixed(member(150), member(100))
        #expect(result.isAsked)
        #expect(result.text == member(150).replacing("weight -20", with: "weight -51"))
        #expect(!fixed(result.text, member(100)).isAsked)
    }

    @Test func `a healthy file is left alone`() {
        #expect(fixed(instance).text == instance)
    }
}
