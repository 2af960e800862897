import Addresses
import FoundationEssentials
import HaopsTestSupport
import Keepalived
import Testing

@testable import Facts

/// Parsers given long answers that a node made up: their work grows with the length, and not with its square.
@Suite(.serialized) struct HostileSizeTests {
    /// A fact, and lines that cost its parser most, by their number.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var fact: any Fact
        var head = ""
        var line: @Sendable (Int) -> String
        var tail = ""

        var testDescription: String { name }

        func output(_ count: Int) -> SectionOutput {
            var text = head
            for number in 0..<count { text += line(number) }
            return SectionOutput(text + tail)
        }
    }

    @Test func `every fact is among them`() throws {
        let sources =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path + "/Sources/Facts"
        let files = try FileManager.default.subpathsOfDirectory(atPath: sources)
            .compactMap { $0.split(separator: "/").last }
            .filter { $0.hasSuffix("Fact.swift") && $0 != "Fact.swift" }
        #expect(files.count > 30)
        #expect(Set(files.map { String($0.dropLast(6)) }) == Set(FactInput.all.map { "\(type(of: $0))" }))
    }

    /// What costs every parser something, whatever it looks for.
    private static let anywhere: [Case] = FactInput.all.flatMap { fact in
        let name = type(of: fact).name
        return [
            Case(name: "\(name): one line without an end", fact: fact, line: { _ in "x = y: " }),
            Case(name: "\(name): lines alike", fact: fact, line: { _ in "a=b c d e f\n" }),
        ]
    }

    private static let special: [Case] = [
        Case(
            name: "a dump that is none", fact: KeepalivedFact(), head: "dump=keepalived.json\n",
            line: { _ in "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n" },
            tail: "dump-end=keepalived.json\n"),
        Case(
            name: "a JSON dump of many instances", fact: KeepalivedFact(), head: "dump=keepalived.json\n[",
            line: {
                "{\"data\": {\"iname\": \"V\($0)\", \"state\": 2, \"vips\": [\"203.0.113.1 dev e\"]}},\n"
            },
            tail: "{\"data\": {\"iname\": \"V\", \"state\": 2}}]\ndump-end=keepalived.json\n"),
        Case(
            name: "many dumps", fact: KeepalivedFact(),
            line: { _ in "dump=keepalived.json\n[]\ndump-end=keepalived.json\n" }),
        Case(
            name: "a text dump", fact: KeepalivedFact(),
            head: "dump=keepalived.data\n------< VRRP Topology >------\n",
            line: { " VRRP Instance = V\($0)\n   Virtual IP = 1\n     203.0.113.1 dev eth0\n" },
            tail:
                "dump-end=keepalived.data\ndump=keepalived.stats\nVRRP Instance: V1\ndump-end=keepalived.stats\n"
        ),
        Case(
            name: "a journal", fact: KeepalivedFact(), head: "pid=1\nnow=5\n",
            line: { "journal=\($0).0 lb1 Keepalived_vrrp[1]: (V\($0)) Entering MASTER STATE\n" }),
        Case(
            name: "notifications and lifts", fact: KeepalivedFact(), head: "pid=1\nnow=5\n",
            line: { "notified=V\($0) MASTER 100 1\nlift=V\($0) 51 why\n" }),
        Case(
            name: "interfaces", fact: InterfacesFact(),
            line: { "\($0): e\($0): <UP> mtu 1\n\($0): e\($0)    inet 203.0.113.1/24 scope global e\($0)\n" }),
        Case(
            name: "directories of a path", fact: NamedPathsFact(), head: "named=/a\n",
            line: { "above=755 0 root 0 root directory|/d\($0)\n" }),
        Case(
            name: "the text of a script", fact: NamedPathsFact(), head: "named=/a\n",
            line: { "text=line \($0)\n" }),
        Case(name: "paths", fact: NamedPathsFact(), line: { "named=/a\($0)\n" }),
        Case(
            name: "answers of a segment", fact: SegmentFact([]), head: "asked=203.0.113.1\n",
            line: { "answer=203.0.113.1 02:00:00:\(hex($0 >> 16)):\(hex($0 >> 8)):\(hex($0))\n" }),
        Case(
            name: "rules of iptables", fact: FirewallFact(), head: "@save iptables\n*filter\n",
            line: {
                ":C\($0) - [0:0]\n:INPUT DROP [0:0]\n-A C\($0) -s 203.0.113.\($0 % 250) -j C\($0 + 1)\n"
            },
            tail: "@end\n"),
        Case(
            name: "tables of nftables", fact: FirewallFact(), head: "@save iptables\n*filter\n@end\n@nft\n",
            line: {
                "table ip filter\($0) {\nchain c\($0) {\ntype filter hook input priority 0; policy drop;\nip saddr { 203.0.113.1, 203.0.113.2 } log prefix \"a\" accept\n}\n}\n"
            }, tail: "@end\n"),
        Case(
            name: "zones of firewalld", fact: FirewallFact(), head: "@firewalld public\n@zones now\n",
            line: { "z\($0)\n  interfaces: e\($0)\n  rule protocol value=\"vrrp\" accept\n" }, tail: "@end\n"),
        Case(name: "small files", fact: FilesFact([]), line: { "file 1 644 root:root 1 /f\($0)\nx\n" }),
        Case(
            name: "rows of haproxy", fact: HAProxyHealthFact(), head: "stat=# pxname,svname,status\n",
            line: { "stat=p\($0),s,UP\n" }),
        Case(
            name: "processes and peers of haproxy", fact: HAProxyHealthFact(),
            head: "stat=Name: HAProxy\nstat=0x1: [1] id=duo\n",
            line: {
                "stat=  0x2: id=p\($0)(remote,active) addr=a:1 last_status=ESTA\nstat=# table: t\($0), size:1, used:1\n"
                    + "process=\($0) 1 5\nends=\($0) 1 2 3\nproc=\($0) worker\nstat=Name: HAProxy\n"
            }),
        Case(
            name: "adverts", fact: ListenFact(tenths: 10),
            line: {
                "1 eth0 In IP 203.0.113.1 > 224.0.0.18: VRRPv2, Advertisement, vrid \($0 % 256), prio \($0 % 255), intvl \($0)s\n"
            }),
        Case(
            name: "scripts", fact: ScriptsFact([]), head: "script=a\n",
            line: { "path=755 0 0 d|/p\($0)\nout=line \($0)\n" }),
        Case(name: "blocks of services", fact: ServicesFact(), line: { _ in "service=keepalived\nA=b\n" }),
        Case(
            name: "sets that were kept", fact: HaopsStateFact(listsBackups: true),
            line: { "set=r\($0) why\nfile=present 644 root:root main /f\($0)\n" }),
        Case(
            name: "addresses at boot", fact: NetworkConfigurationFact(),
            line: { "line=/etc/netplan/a.yaml:\($0):  - 203.0.113.1/24\n" }),
        Case(
            name: "neighbours", fact: NeighboursFact(),
            line: { _ in "203.0.113.50 dev eth1 lladdr 02:00:00:00:00:0b REACHABLE\n" }),
    ]

    private static func hex(_ number: Int) -> String {
        let digits = String(number & 0xff, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }

    @Test(arguments: special + anywhere)
    func `work grows with the answer, not with its square`(of hostile: Case) async {
        #expect(
            await Growth.isLinear(from: 250, input: hostile.output) { _ = try? hostile.fact.parse($0) })
    }

    /// Two rules that lead to the next chain, and so on: every way through them would be 2 to the 31st.
    @Test func `chains that are reached in many ways are walked once`() throws {
        var filter = PacketFilter()
        let tool = PacketFilter.Tool.iptables(command: "iptables", isIPv6: false)
        filter.baseChains = [.init(tool: tool, name: "c0", hook: .input, dropsByDefault: true)]
        for depth in 0..<31 {
            let jump = PacketFilter.Rule(text: "jump", target: .jump("c\(depth + 1)"))
            filter.rules[.init(tool, "c\(depth)")] = [jump, jump]
        }
        let packet = FilteredPacket.vrrp(isIPv6: false, interface: nil, peers: [])
        #expect(filter.verdict(on: packet, at: .input) == .dropped(by: "the policy of c0"))
    }

    // MARK: - Configurations

    struct Text: Sendable, CustomTestStringConvertible {
        var name: String
        var line: @Sendable (Int) -> String

        var testDescription: String { name }

        func bytes(_ count: Int) -> [UInt8] {
            var text = ""
            for number in 0..<count { text += line(number) }
            return Array(text.utf8)
        }
    }

    private static let configurations: [Text] = [
        Text(name: "unknown blocks in each other", line: { _ in "a {\n" }),
        Text(name: "known blocks in each other", line: { _ in "vrrp_instance V {\n" }),
        Text(name: "closing braces", line: { _ in "}\n" }),
        Text(name: "braces on one line", line: { _ in "{" }),
        Text(name: "a line without an end", line: { _ in "state $A # \" " }),
        Text(name: "definitions", line: { "$A\($0)=x $A\(max(0, $0 - 1))\n" }),
        Text(name: "a definition of many lines", line: { $0 == 0 ? "$A=\\\n" : "line \($0) \\\n" }),
        Text(name: "undefined references", line: { "state $A\($0)\n" }),
        Text(name: "repetitions", line: { "~SEQ(i, 3) vrrp_instance V\($0)_$i {}\n" }),
        Text(name: "includes of what is not there", line: { "include /etc/*/x\($0)*.conf\n" }),
        Text(name: "alternatives of includes", line: { _ in "include {a,b}{a,b}{a,b}*\n" }),
        Text(name: "comments before a brace", line: { _ in "state\n# a\n# b\n{\n" }),
        Text(
            name: "instances",
            line: {
                "vrrp_instance V\($0) {\n virtual_router_id 1\n interface e\n virtual_ipaddress {\n 203.0.113.1/24\n }\n}\n"
            }),
        Text(name: "instances of one name", line: { _ in "vrrp_instance V {\n}\n" }),
        Text(name: "groups", line: { "vrrp_sync_group G\($0) {\n group {\n V\($0)\n }\n}\n" }),
        Text(name: "scripts", line: { "vrrp_script S\($0) {\n script /bin/true\n}\n" }),
        Text(name: "keywords that are none", line: { "word\($0) a b c\n" }),
        Text(name: "servers", line: { "virtual_server 203.0.113.1 \($0) {\n lb_kind DR\n}\n" }),
    ]

    @Test(arguments: configurations)
    func `reading a configuration grows with its length`(of text: Text) async {
        #expect(
            await Growth.isLinear(from: 1024, input: text.bytes) { bytes in
                _ = ConfigurationReader(path: "/etc/keepalived/keepalived.conf", bytes: bytes)
                    .read(path: "/etc/keepalived/keepalived.conf")
            }, "reader")
        #expect(
            await Growth.isLinear(from: 1024, input: text.bytes) { bytes in
                _ = SyntaxTree(file: "k.conf", source: bytes)
            }, "syntax tree")
    }

    @Test(
        arguments: configurations.filter { ["instances", "groups", "scripts", "servers"].contains($0.name) })
    func `comparing configurations grows with their length`(of text: Text) async {
        let path = "/etc/keepalived/keepalived.conf"
        let empty = ConfigurationReader(path: path, bytes: []).read(path: path)
        #expect(
            await Growth.isLinear(
                from: 250,
                input: { ConfigurationReader(path: path, bytes: text.bytes($0)).read(path: path) }
            ) { configuration in
                _ = difference(from: empty, to: configuration)
                _ = difference(from: configuration, to: configuration)
            })
    }

    @Test func `what a configuration test says is read in one pass`() async {
        let lines: [@Sendable (Int) -> String] = [
            { "(Line \($0)) Unknown keyword 'x'\n" }, { "text \($0)\n" }, { _ in "text\n(Line 1) text\n" },
            { "(/etc/f: Line \($0)) ((((: Line : Line\n" },
        ]
        for line in lines {
            #expect(
                await Growth.isLinear(from: 250, input: { (0..<$0).map(line).joined() }) { text in
                    _ = ConfigTestResult(output: text, status: 1, version: .assumed)
                })
        }
    }

    @Test func `more findings than anybody reads are dropped, and that is said`() {
        let path = "/etc/keepalived/keepalived.conf"
        func read(_ line: String) -> Configuration {
            ConfigurationReader(path: path, bytes: Array(String(repeating: line, count: 5000).utf8))
                .read(path: path)
        }
        let words = read("word\n")
        #expect(words.diagnostics.count < 5000 && words.diagnostics.last?.kind == .tooLarge)
        let blocks = read("vrrp_instance V {\n}\n")
        #expect(blocks.problems.count < 5000 && blocks.diagnostics.contains { $0.kind == .tooLarge })
    }
}
