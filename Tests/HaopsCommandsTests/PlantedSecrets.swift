import Checks
import HAProxy
import Keepalived
import Rendering

@testable import HaopsCommands

/// Configurations with a secret planted in them, and everything that haops says of them.
///
/// The tests plant in every configuration of Tests/Corpus; the fuzzer (fuzz/FuzzSecrets.swift) in whatever it makes up.
struct PlantedSecrets {
    /// No part of it stands in any word of haops', and it is no longer than an `auth_pass` may be.
    static let secret = "Qz7xK9Wv"
    /// A second word, for what has several.
    static let other = "jT4nB8Hy"

    var keepalived: String
    var haproxy: String?
    /// What the main file may include.
    var included: String?

    /// How many ways there are to plant in a keepalived.conf.
    static var ways: Int { lines.count + 4 }

    /// Plants in a text.
    ///
    /// - `way`: which of the ``ways``; the rest of the division counts.
    /// - `place`: behind which of the text's lines; the rest of the division counts.
    init(in text: String, way: Int, place: Int) {
        let way = way % Self.ways
        var rows = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let index = place % (rows.count + 1)
        keepalived = text
        switch way {
        case 0, 1:
            // Where the configuration has its own password.
            let isQuoted = way == 1
            for index in rows.indices where rows[index].contains("auth_pass ") {
                let start = rows[index].split(separator: "auth_pass ", omittingEmptySubsequences: false)[0]
                rows[index] =
                    start + "auth_pass " + (isQuoted ? "\"\(Self.secret) \(Self.other)\"" : Self.secret)
            }
            rows.append(Self.instance("auth_pass \(Self.secret)"))
            keepalived = rows.joined(separator: "\n")
        case 2:
            keepalived = (["$VRRP=\(Self.secret)"] + rows + [Self.instance("auth_pass $VRRP")]).joined(
                separator: "\n")
        case 3:
            rows.insert("include /k/more.conf", at: index)
            keepalived = rows.joined(separator: "\n")
            included = Self.instance("auth_pass \(Self.secret)") + "router_id \(Self.secret)\n"
        default:
            rows.insert(Self.lines[way - 4], at: index)
            keepalived = rows.joined(separator: "\n")
        }
    }

    private static func instance(_ line: String) -> String {
        """
        vrrp_instance PLANTED {
            interface eth0
            virtual_router_id 77
            authentication {
                auth_type PASS
                \(line)
            }
            virtual_ipaddress {
                203.0.113.77/24
            }
        }

        """
    }

    /// Lines with a secret, each as a keepalived.conf may have it by right or by mistake.
    private static let lines: [String] = {
        let (s, t) = (secret, other)
        return [
            "auth_pass \(s)", "    auth_pass \"\(s) \(t)\" # was \(t)", "auth_pass $\(s)",
            "auth_pass ${\(s)}",
            "auth_pass \(s)#\(t)", "auth_pass \(s)!\(t) \(t)", "auth_pass \(s) { \(t)", "auth_pass '\(s)",
            "auth_pass \"\(s)", "auth_pass \(s)} \(t)", "auth_pass \\\n    \(s)", "auth_pass\n\(s)",
            "auth_pass \(s) \\\n \(t)", "authpass \(s)", "auth-pass \(s)", "auth_pas \(s)",
            "auth_passs \(s) \(t)",
            "atuh_pass \(s)", "AUTH_PASS \(s)", "auth_pwd \(s)", "authpass=\(s)", "auth_pass=\(s)",
            "auth_pass:\(s)",
            "auth_pass\(s)", "auth_pass\"\(s)\"", "auth_password \(s)", "auth_pass (\(s))", "passwd \(s)",
            "password \"\(s) \(t)\"", "pass \(s)", "vrrp_secret \(s)", "# auth_pass \(s)",
            "# old password was \(s)",
            "! authpass: \(s)", "#password=\(s)", "foo {\n    auth_pass \(s)\n}",
            "authentication { auth_pass \(s) }",
            "authentication { auth_type PASS auth_pass \(s) }", "@lb1 auth_pass \(s)", "@^lb1 authpass \(s)",
            "$P=\(s)\nauth_pass $P", "$P=\(s)\nauth_pass ${P}\(t)", "$P=\(s)\n$Q=$P\nauth_pass $Q",
            "$P=\\\n    \(s)\nauth_pass $P", "$P=auth_pass\n$P \(s)", "$AUTH=auth_pass \(s)\n$AUTH",
            "auth_pass $P\n$P=\(s)", "$PASSWORD=\(s)", "~LST($p, \(s), \(t)) auth_pass $p",
            "~LST($p,$q, {\(s), 1}, {\(t), 2}) auth_pass $p", "auth_pass \(s)\nrouter_id \(s)\nstate \(s)",
            "vrrp_instance \(s) {\n    auth_pass \(s)\n    interface \(s)\n    priority \(s)\n}",
            "auth_pass \(String(repeating: "\(s) ", count: 200))",
            "SSL {\n    password \(s)\n    key \(s)\n}",
            "auth_hmac {\n    key 1 hex:\(s)\n}", "script \"/bin/x --password \(s) | grep x\"",
            "notify_master \"/bin/n --token=\(s)\" \(t) --secret \(t)", "script /bin/x -u probe:\(s) ; true",
            "vrrp_script s {\n    script \"curl https://u:\(s)@h/ > /dev/null\"\n    interval 1\n    timeout 9\n}",
            "vrrp_script s {\n    script \"mysqladmin -p\(s) ping\"\n}\nvrrp_script s {\n    script \"PGPASSWORD=\(s) psql\"\n}",
            "notify \"/x -H 'X-Api-Key: \(s)'\" $\(t)= # token \(t)\nauth_pass \(t)",
        ]
    }()

    /// How many ways there are to plant in a haproxy.cfg.
    static var haproxyWays: Int { haproxyLines.count }

    /// A haproxy.cfg with a secret in it, by its way and its place.
    mutating func addHAProxy(_ text: String, way: Int, place: Int) {
        var rows = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        rows.insert(Self.haproxyLines[way % Self.haproxyLines.count], at: place % (rows.count + 1))
        haproxy = rows.joined(separator: "\n")
    }

    private static let haproxyLines: [String] = {
        let (s, t) = (secret, other)
        return [
            "userlist u\n    user a password \(s)\n    user b insecure-password \(t) groups g\n    user c insecure-password \"\(s) \(t)\"",
            "listen stats\n    stats auth admin:\(s)\n    stats auth \"root:\(s) \(t)\"\n    bind :\(s)",
            "frontend \(s)\n    http-request set-header Authorization \"Basic \(s)\" if { path /\(t) }\n    bind \(s):80\n    http-request set-header X-Api-Key \(t)",
            "    http-check send meth GET uri / hdr Authorization \"Bearer \(s)\"",
            "    stats auth x:\(s):\(t)",
            "global\n    setenv DB_PASSWORD \(s)\n    presetenv TOKEN \"\(s) \(t)\"\n    chroot /\(s)",
            "    dynamic-cookie-key \(s)\n    stats socket /\(s)/x",
            "# password: \(s)\n    insecure-password \(t)",
            "    server a 192.0.2.1:80 check password \(s)",
            "    option httpchk GET /?token=\(s) HTTP/1.1\n    bind 0.0.0.0:8\(s)",
            "frontend f\n    bind :80 crt /x password \(s)\nbackend b\n    http-request auth realm x\n    stats  auth  a:\(s)",
        ]
    }()

    // MARK: - What is said

    /// Everything that lint and a diff say, in every form, with what said it.
    ///
    /// - `others`: a peer's configuration.
    func outputs(besides others: String, version: KeepalivedVersion, facts: NodeFacts?) throws -> [(
        String, String
    )] {
        let nodes = [("lb1", keepalived), ("lb2", others)].map { name, text in
            var files = FileSet(["k.conf": ConfigurationFile(Array(text.utf8))])
            if let included { files.files["/k/more.conf"] = ConfigurationFile(Array(included.utf8)) }
            return LintNode(
                name: name, path: "k.conf", files: files, configID: name, version: version, facts: facts,
                haproxy: haproxy.map { HAProxyConfiguration(path: "h.cfg", bytes: Array($0.utf8)) })
        }
        let lint = Linter().run(nodes)
        let report = FindingsReport(
            command: "lint", findings: lint.findings, suppressed: lint.suppressed, allClear: "all is well"
        ).report(style: Style(isColored: false, width: nil))
        var outputs = [
            ("lint", report.text), ("lint -o json", report.document.json),
            ("lint -o yaml", report.document.yaml),
            ("lint -o tsv", report.tsv.tsv),
            ("lint --sarif", OutputEncoder(names: .verbatim).encode(SARIF(lint.findings)).json),
        ]
        func diff(_ name: String, _ old: String?, _ new: String?) {
            let old = old.map { Array($0.utf8) }
            let new = new.map { Array($0.utf8) }
            let diff = UnifiedDiff(old: old, new: new, mask: SecretMask()).text(old: "a", new: "b")
            outputs.append((name, diff))
        }
        diff("the diff of a new file", nil, keepalived)
        diff("the diff that takes it away", keepalived, others)
        if let haproxy { diff("the diff of haproxy.cfg", nil, haproxy) }
        let mask = SecretMask().hiding(secretsOf: [
            "k": Array(keepalived.utf8), "m": Array((included ?? "").utf8),
        ])
        let change = effect(of: nodes[1].configuration, to: nodes[0].configuration, version: version)
        outputs.append(
            ("the effect", change.reasons.map { mask.shown(sentence: $0.text) }.joined(separator: "\n")))
        return outputs
    }

    /// What gives a secret away, and which part of it.
    func leaks(besides others: String, version: KeepalivedVersion, facts: NodeFacts? = nil) throws -> [String]
    {
        try outputs(besides: others, version: version, facts: facts).compactMap { name, text in
            let bytes = Array(text.utf8)
            guard let place = Self.firstPart(in: bytes) else { return nil }
            let line =
                bytes[..<place].reversed().prefix { $0 != 10 }.reversed()
                + bytes[place...].prefix { $0 != 10 }
            return "\(name): \(String(decoding: line, as: UTF8.self))"
        }
    }

    /// Where most of a secret stands: whoever has that has it.
    private static func firstPart(in bytes: [UInt8]) -> Int? {
        bytes.indices.first { index in
            starts[Int(bytes[index])] && parts.contains { bytes[index...].starts(with: $0) }
        }
    }

    private static let parts: [[UInt8]] = [secret, other].flatMap { secret in
        let bytes = Array(secret.utf8)
        return (0...bytes.count - 5).map { Array(bytes[$0..<$0 + 5]) }
    }
    /// Whether a part begins with a byte.
    private static let starts: [Bool] = (0..<256).map { byte in
        parts.contains { $0.first.map(Int.init) == byte }
    }
}
