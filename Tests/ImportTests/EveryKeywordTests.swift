import Import
import Keepalived
import Testing

/// Nothing is dropped in silence: each keyword that keepalived knows, in each block, is in the inventory or refused.
@Suite struct EveryKeywordTests {
    @Test func `an import keeps every keyword of the latest release or says that it cannot`() {
        expectAll(of: KeepalivedVersion(2, 4, 3), besides: [])
    }

    @Test func `and those that older releases have`() {
        let latest = Set(KeepalivedVersion(2, 4, 3).grammar)
        let old = KeepalivedVersion(1, 2, 19)
        #expect(!Set(old.grammar).subtracting(latest).isEmpty)
        expectAll(of: old, besides: latest)
    }

    @Test func `a bfd instance comes back word for word, and nothing changes by it`() throws {
        func node(_ own: Int, _ peer: Int, _ priority: Int) -> String {
            """
            bfd_instance peer1 {
                neighbor_ip 192.0.2.\(peer)
                source_ip 192.0.2.\(own)
                min_rx 100
                multiplier 5
                passive
            }
            vrrp_instance VI_1 {
                state BACKUP
                interface eth0
                virtual_router_id 51
                priority \(priority)
                virtual_ipaddress {
                    192.0.2.100/24
                }
                track_bfd {
                    peer1
                }
            }

            """
        }
        let imported = Surveyed(node(1, 2, 150), node(2, 1, 100)).imported
        #expect(imported.isFaithful, "\(imported.refusals)")
        #expect(imported.dropped.isEmpty, "\(imported.dropped)")
        for (text, own) in zip(try imported.rendered(), [1, 2]) {
            for words in ["source_ip 192.0.2.\(own)", "min_rx 100", "multiplier 5", "passive"] {
                #expect(text.contains(words), "\(text)")
            }
        }
    }

    @Test func `what keepalived passes over is told of, with what it does instead`() {
        let text = """
            vrrp_instance VI_1 {
                state BACKUP
                interface eth0
                virtual_router_id 51
                priority 100x
                version 7
                virtual_ipaddress {
                    203.0.113.50/24
                }
                track_script {
                    missing
                }
            }

            """
        let dropped = Surveyed(text, text.replacing("100x", with: "150x")).imported.dropped.map(\.text)
        for words in ["`priority` `100x`", "`version` `7`", "`missing`"] {
            #expect(dropped.contains { $0.contains(words) }, "\(words): \(dropped)")
        }
    }

    private func expectAll(of version: KeepalivedVersion, besides known: Set<GrammarEntry>) {
        let grammar = version.grammar.filter { !known.contains($0) }
        // What the inventory has words of its own for comes alone; the rest of a block comes at once.
        let alone = grammar.filter { Sample.translations[Sample.key(of: $0)] != nil }
        let rest = grammar.filter { Sample.translations[Sample.key(of: $0)] == nil }
        var groups = alone.map { [$0] }
        for root in Set(rest.map { $0.blocks.first ?? $0.keyword }).sorted() {
            groups.append(rest.filter { ($0.blocks.first ?? $0.keyword) == root })
        }
        var count = 0
        for group in groups {
            let sample = Sample(group)
            var nodes = Surveyed()
            for (index, priority) in [150, 100].enumerated() {
                nodes.add(
                    "lb\(index + 1)", address: "198.51.100.1\(index + 1)",
                    [conf: sample.configuration(priority: priority)], version: version)
            }
            let imported = nodes.imported
            for entry in group {
                count += 1
                let isRefused = imported.refusals.contains { "\($0)".contains("`\(entry.keyword)") }
                let isDropped = imported.dropped.contains { "\($0)".contains("`\(entry.keyword)`") }
                let isThere = Sample.isKept(entry, in: imported.inventory)
                #expect(
                    (isThere || isRefused) && !isDropped,
                    """
                    \(entry.blocks.joined(separator: " ")) \(entry.keyword): \(imported.refusals) \(imported.dropped)
                    \(sample.configuration(priority: 150))
                    \(imported.inventory)
                    """)
            }
        }
        #expect(count == grammar.count)
    }
}

/// Keywords of one block, each with words that it takes, in a configuration of their own.
private struct Sample {
    private let entries: [GrammarEntry]

    init(_ entries: [GrammarEntry]) { self.entries = entries }

    /// The keyword with the block that it stands in.
    static func key(of entry: GrammarEntry) -> String {
        (entry.blocks.suffix(1) + [entry.keyword]).joined(separator: " ")
    }

    private static func line(of entry: GrammarEntry) -> String {
        let words =
            entry.kind == .word
            ? words[key(of: entry)] ?? "7" : names[key(of: entry)] ?? names[entry.keyword] ?? ""
        return words.isEmpty ? entry.keyword : entry.keyword + " " + words
    }

    /// Each keyword's line, and where one opens a block what stands in it.
    private func lines(in blocks: [String]) -> [String] {
        entries(in: blocks).flatMap { entry -> [String] in
            let line = Self.line(of: entry)
            switch entry.kind {
            case .word: return [line]
            case .values:
                return [line + " {", "    " + (Self.values[Self.key(of: entry)] ?? "198.51.100.7"), "}"]
            case .block:
                let inner = lines(in: blocks + [entry.keyword])
                let own = (Self.bodies[entry.keyword] ?? []).filter { body in
                    !inner.contains { $0.prefix { $0 != " " } == body.prefix { $0 != " " } }
                }
                return [line + " {"] + (own + inner).map { "    " + $0 } + ["}"]
            }
        }
    }

    /// The keywords that stand in a block, and those around others that were asked for.
    private func entries(in blocks: [String]) -> [GrammarEntry] {
        var found: [GrammarEntry] = []
        for entry in entries where entry.blocks.starts(with: blocks) {
            let next =
                entry.blocks.count == blocks.count
                ? entry : GrammarEntry(blocks: blocks, keyword: entry.blocks[blocks.count], kind: .block)
            if !found.contains(where: { $0.keyword == next.keyword }) { found.append(next) }
        }
        return found
    }

    func configuration(priority: Int) -> String {
        let isV6 = entries.contains { $0.keyword == "native_ipv6" }
        let inInstance = lines(in: ["vrrp_instance"])
        var standard = [
            "state BACKUP", "interface eth0", "virtual_router_id 51", "priority \(priority)", "advert_int 1",
        ]
        let given = Set(inInstance.map { $0.prefix { $0 != " " } })
        standard.removeAll { given.contains($0.prefix { $0 != " " }) }
        if !given.contains("virtual_ipaddress") {
            standard += ["virtual_ipaddress {", isV6 ? "2001:db8::50/64" : "203.0.113.50/24", "}"]
        }
        let outside = Sample(entries.filter { ($0.blocks.first ?? $0.keyword) != "vrrp_instance" }).lines(
            in: [])
        let own = inInstance.map { $0 == "priority 7" ? "priority \(priority)" : $0 }
        return
            (tracked + outside + ["vrrp_instance VI_1 {"] + (standard + own).map { "    " + $0 } + ["}", ""])
            .joined(separator: "\n")
    }

    /// What instances and groups track must be defined.
    private var tracked: [String] {
        let roots = Set(entries.map { $0.blocks.first ?? $0.keyword })
        guard roots.isSubset(of: ["vrrp_instance", "vrrp_sync_group"]) else { return [] }
        return [
            "vrrp_script check7 {", "script /bin/true", "}", "vrrp_track_file file7 {", "file /run/f7", "}",
            "vrrp_track_process process7 {", "process haproxy", "}", "bfd_instance peer7 {",
            "neighbor_ip 198.51.100.12", "}",
        ]
    }

    static func isKept(_ entry: GrammarEntry, in inventory: String) -> Bool {
        if let translation = translations[key(of: entry)] { return inventory.contains(translation) }
        return inventory.contains(line(of: entry) + (entry.kind == .word ? "\n" : " {\n"))
            && (values[key(of: entry)].map(inventory.contains) ?? true)
    }

    /// The name behind a keyword that opens a block.
    private static let names = [
        "bfd_instance": "peer7", "garp_group": "", "vrrp_script": "check7", "vrrp_track_process": "process7",
        "vrrp_track_file": "vfile7", "track_file": "file7", "vrrp_sync_group": "G7", "track_group": "T7",
        "virtual_server": "203.0.113.60 80", "virtual_server_group": "S7", "real_server": "203.0.113.21 80",
        "vrrp_instance track_file": "", "vrrp_sync_group track_file": "",
    ]

    /// What a block has to have, so that it means anything.
    private static let bodies: [String: [String]] = [
        "bfd_instance": ["neighbor_ip 198.51.100.12"], "vrrp_script": ["script /bin/true", "interval 7"],
        "vrrp_track_process": ["process haproxy"], "vrrp_track_file": ["file /run/f7"],
        "track_file": ["file /run/f7"], "vrrp_sync_group": ["group {\n VI_1\n}"],
        "track_group": ["group {\n VI_1\n}"], "authentication": ["auth_type PASS", "auth_pass s3cret7"],
        "global_defs": ["router_id x7"],
    ]

    /// What stands in a block of values.
    private static let values = [
        "vrrp_sync_group group": "VI_1", "track_group group": "VI_1", "vrrp_instance track_interface": "eth7",
        "vrrp_instance virtual_ipaddress": "203.0.113.77/24",
        "vrrp_instance virtual_ipaddress_excluded": "203.0.113.78/24",
        "vrrp_instance track_script": "check7", "vrrp_sync_group track_script": "check7",
        "vrrp_instance track_file": "file7", "vrrp_sync_group track_file": "file7",
        "vrrp_instance track_process": "process7", "vrrp_sync_group track_process": "process7",
        "vrrp_instance track_bfd": "peer7", "vrrp_sync_group track_bfd": "peer7",
        "vrrp_sync_group track_interface": "eth7", "static_ipaddress": "203.0.113.79/24",
    ]

    /// The words of keywords that take other ones than a number.
    private static let words = [
        "vrrp_instance state": "BACKUP", "vrrp_instance interface": "eth7",
        "vrrp_instance virtual_router_id": "77",
        "vrrp_instance version": "3", "vrrp_instance native_ipv6": "", "vrrp_instance nopreempt": "",
        "vrrp_instance preempt": "", "authentication auth_type": "PASS",
        "authentication auth_pass": "s3cret7",
        "global_defs vrrp_version": "3", "vrrp_script script": "/bin/seven", "vrrp_script weight": "-7",
        "SSL password": "s3cret7", "vrrp_instance unicast_src_ip": "198.51.100.11",
    ]

    /// What the inventory has of its own for a keyword.
    static let translations = [
        "global_defs": "global_defs: |", "global_defs vrrp_version": "version: 3", "vrrp_instance": "VI_1:",
        "vrrp_instance state": "initial_state: backup", "vrrp_instance interface": "interface: eth7",
        "vrrp_instance virtual_router_id": "router_id: 77", "vrrp_instance priority": "priority: 150",
        "vrrp_instance version": "version: 3", "vrrp_instance native_ipv6": "2001:db8::50/64",
        "vrrp_instance advert_int": "advert_interval: 7", "vrrp_instance nopreempt": "preempt: false",
        // To preempt is what both do when nothing is said.
        "vrrp_instance preempt": "VI_1:",
        "vrrp_instance authentication": "auth_pass: { secret: vrrp }",
        "authentication auth_type": "auth_pass: { secret: vrrp }",
        "authentication auth_pass": "auth_pass: { secret: vrrp }",
        "SSL password": "password ${secret:ssl_password}",
        "vrrp_instance virtual_ipaddress": "203.0.113.77/24",
        "vrrp_instance virtual_ipaddress_excluded": "203.0.113.78/24",
        "vrrp_instance track_interface": "track_interfaces: [eth7]",
        "vrrp_instance track_script": "track_scripts: [check7]",
        "vrrp_instance unicast_peer": "transport: unicast",
        "vrrp_script": "check7: { run: /bin/true, interval: 7", "vrrp_script script": "run: /bin/seven",
        "vrrp_script interval": "interval: 7", "vrrp_script timeout": "timeout: 7",
        "vrrp_script fall": "fall: 7",
        "vrrp_script rise": "rise: 7", "vrrp_script weight": "weight: -7",
    ]
}
