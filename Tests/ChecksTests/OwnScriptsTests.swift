import Facts
import Keepalived
import Testing

@testable import Checks

/// Scripts behind haops' own notify script, and the programs that scripts call.
@Suite struct OwnScriptsTests {
    private static let path = "/etc/keepalived/keepalived.conf"
    private static let notify = "/etc/keepalived/haops-notify.sh"

    private func findings(
        _ hooks: [NodeFacts.Path], tools: Set<String>? = nil, names: [String] = ["/opt/a"]
    ) -> [Finding] {
        var facts = NodeFacts()
        facts.tools = tools
        var paths = Dictionary(uniqueKeysWithValues: hooks.map { ($0.path, $0) })
        paths[Self.notify] = NodeFacts.Path(
            path: Self.notify,
            contents: """
                #!/bin/sh
                # Rendered by haops; local edits will be reported as drift.
                file=/run/haops-state.$name
                \(names.map { "MASTER \($0)" }.joined(separator: "\n"))

                """)
        facts.paths = paths
        let text = """
            global_defs {
                enable_script_security
                script_user root
                vrrp_garp_master_refresh 60
            }
            vrrp_instance VI_1 {
                interface eth0
                virtual_router_id 51
                priority 150
                virtual_ipaddress {
                    203.0.113.50/24
                }
                notify "\(Self.notify)"
            }

            """
        let node = LintNode(
            name: "lb1", path: Self.path,
            files: FileSet([Self.path: ConfigurationFile(Array(text.utf8))]), facts: facts)
        return Linter().run([node]).findings.filter { $0.id.hasPrefix("script-") }
    }

    @Test func `a script behind notify is judged like any other`() {
        #expect(findings([NodeFacts.Path(path: "/opt/a")]).map(\.id) == [])
        #expect(findings([NodeFacts.Path(path: "/opt/a", exists: false)]).map(\.id) == ["script-missing"])
        #expect(findings([NodeFacts.Path(path: "/opt/a", mode: 0o644)]).map(\.id) == ["script-noexec"])
        #expect(findings([NodeFacts.Path(path: "/opt/a", owner: "ops")]).map(\.id) == ["script-path"])
        let open = NodeFacts.Path(path: "/opt", mode: 0o777, isDirectory: true)
        #expect(findings([NodeFacts.Path(path: "/opt/a", parents: [open])]).map(\.id) == ["script-path"])
        #expect(
            findings([
                NodeFacts.Path(path: "/opt/a", interpreter: "/bin/bahs", interpreterExists: false)
            ]).map(\.id) == ["script-exec-fail"])
        #expect(
            findings([NodeFacts.Path(path: "/opt/a", mode: 0o644)]).first?.effect
                == "haops' notify script skips it, and reports that in the journal")
    }

    @Test func `the programs of its directory are judged too, and nothing else there`() {
        let found = findings(
            [
                NodeFacts.Path(path: "/opt/d/10", owner: "ops"),
                NodeFacts.Path(path: "/opt/d/data", owner: "ops", mode: 0o644),
                NodeFacts.Path(path: "/opt/d/below/10", owner: "ops"),
            ], names: ["/opt/d/"])
        #expect(found.map(\.message) == ["notify: others may write `/opt/d/10`"])
    }

    @Test func `a script that calls what is not there is told of, once`() {
        let script = NodeFacts.Path(
            path: "/opt/a", contents: "#!/bin/sh\ncurl -s http://203.0.113.50/ | jq .\ncurl x\nip a\n")
        #expect(
            findings([script], tools: ["jq", "ip"]).map(\.message) == [
                "notify: `/opt/a` calls `curl`, which the node does not have"
            ])
        #expect(findings([script], tools: ["jq", "ip", "curl"]) == [])
        #expect(findings([script], tools: nil) == [], "what is not known is no finding")
    }

    @Test(arguments: [
        ("curl -s x", ["curl"]), ("  if ! curl x; then", ["curl"]), ("a || nc -z h 1 && jq .", ["nc", "jq"]),
        ("x=$(dig +short x)", ["dig"]), ("x=\"$(dig +short x)\"", ["dig"]), ("X=1 Y=2 wget x", ["wget"]),
        ("timeout 2 curl x", ["timeout", "curl"]), ("while read -r l; do mail x; done", ["mail"]),
        ("# curl x", []), ("echo curl", []), ("echo 'a; curl x'", []), ("echo \"a; curl x\"", []),
        ("command -v curl >/dev/null && curl x", []), ("mycurl x", []), ("curl=1", []),
        ("cat <<END\ncurl x\nEND\njq .", ["jq"]), ("cat <<'E'\nmail x\nE", []),
    ])
    func `what begins a command is called`(line: String, names: [String]) {
        #expect(CalledTools.names(in: "#!/bin/sh\n\(line)\n") == names)
    }

    @Test func `only shell scripts are read`() {
        #expect(CalledTools.names(in: "#!/usr/bin/python3\ncurl x\n") == [])
        #expect(CalledTools.names(in: "curl x\n") == [])
        #expect(CalledTools.names(in: "#!/usr/bin/env bash\ncurl x\n") == ["curl"])
    }
}
