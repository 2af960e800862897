import Facts
import Inventory

/// How one node's packet filter is opened for VRRP and ICMP, now and after a reboot.
///
/// Rules are inserted at the head of the base chain that would drop the packet, before any other rule. They carry the
/// comment `haops` for later identification. Nothing is ever closed.
struct FirewallOpening {
    static let unit = FirewallFact.ownLoader
    private static let script = NodePaths.Firewall.script
    private static let unitFile = NodePaths.Firewall.unit
    private static let initScript = NodePaths.Firewall.initScript
    private static let nftRules = NodePaths.Firewall.nftRules
    private static let nftConfigs = NodePaths.Firewall.nftConfigs
    private static let savedRules = NodePaths.Firewall.savedRules

    /// Files whose contents decide what must be done.
    static let paths =
        [script, unitFile, initScript, nftRules] + nftConfigs + savedRules.map(\.path)

    private(set) var change = FirewallChange.none
    private(set) var files: [DesiredFile] = []
    private(set) var notes: [String] = []
    private(set) var needsUnit = false

    /// One rule in one base chain.
    private struct Opening: Hashable {
        var chain: PacketFilter.ChainID
        var protocolNumber: Int

        var isInForce = false
        var obstacle = ""

        var protocolName: String { protocolNumber == 112 ? "VRRP" : "ICMP" }

        /// An idempotent command that inserts the rule.
        var command: String {
            switch chain.tool {
            case .iptables(let command, let isIPv6, _):
                let rule = "\(chain.name) \(Self.iptablesRule(protocolNumber, isIPv6: isIPv6))"
                return "\(command) -w -C \(rule) 2>/dev/null || \(command) -w -I \(rule)"
            case .nftables(let family, let table):
                return "nft list chain \(family) \(table) \(chain.name) | "
                    + "grep -q 'l4proto \\(\(protocolNumber)\\|\(nftName)\\) accept comment \"haops\"' || nft '\(nftInsertion)'"
            }
        }

        var nftInsertion: String {
            guard case .nftables(let family, let table) = chain.tool else { return "" }
            return
                "insert rule \(family) \(table) \(chain.name) meta l4proto \(protocolNumber) accept comment \"haops\""
        }

        private var nftName: String {
            protocolNumber == 112 ? "vrrp" : protocolNumber == 1 ? "icmp" : "ipv6-icmp"
        }

        static func iptablesRule(_ number: Int, isIPv6: Bool) -> String {
            let name = number == 1 ? "icmp" : number == 58 ? "ipv6-icmp" : String(number)
            return "-p \(name) -m comment --comment haops -j ACCEPT"
        }
    }

    init(filter: PacketFilter, wish: FirewallWish, files present: [String: FileState], usesSystemd: Bool) {
        guard wish.backend != .none else { return }
        if let firewalld = filter.firewalld, wish.backend == .auto || wish.backend == .firewalld {
            open(firewalld, wish)
            return
        }
        let needed = Self.openings(filter, wish)
        let openings = needed.filter { Self.isPlain($0.chain) }
        for chain in Set(needed.map(\.chain)).subtracting(openings.map(\.chain)).map(Self.name).sorted() {
            notes.append("\(chain) is not opened: its name is not one that haops puts into a command")
        }
        for opening in openings where !opening.isInForce {
            change.commands.append(opening.command)
            change.descriptions.append(
                "accept \(opening.protocolName) in \(Self.name(of: opening.chain)), before \(opening.obstacle)"
            )
        }
        keep(openings, filter, wish, present, usesSystemd)
    }

    private static func name(of chain: PacketFilter.ChainID) -> String {
        switch chain.tool {
        case .iptables(let command, _, _): "\(command) \(chain.name)"
        case .nftables(let family, let table): "nftables \(family) \(table) \(chain.name)"
        }
    }

    /// Whether a chain's names may be part of a command: they come from the node, and root's shell reads them, now
    /// and at every boot. nft(8) has no others: letters first, then digits and `/-_.` too.
    private static func isPlain(_ chain: PacketFilter.ChainID) -> Bool {
        let names: [String] =
            switch chain.tool {
            case .iptables(let command, _, _): [command, chain.name]
            case .nftables(let family, let table): [family, table, chain.name]
            }
        return names.allSatisfy { name in
            !name.isEmpty && !name.hasPrefix("-") && !name.hasPrefix("/")
                && name.unicodeScalars.allSatisfy { scalar in
                    scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                        || "/-_.".unicodeScalars.contains(scalar)
                }
        }
    }

    /// Every rule that is needed, including those that haops has inserted before.
    private static func openings(_ filter: PacketFilter, _ wish: FirewallWish) -> [Opening] {
        var openings: [Opening] = []
        for passage in wish.passages {
            let packet = passage.packet
            for base in filter.chains(passage.hook, isIPv6: packet.isIPv6) {
                switch (wish.backend, base.tool) {
                case (.iptables, .nftables), (.nftables, .iptables): continue
                default: break
                }
                let without = filter.verdict(on: packet, in: base, ignoringOurs: true)
                guard without != .accepted else { continue }
                let chain = PacketFilter.ChainID(base.tool, base.name)
                var opening = Opening(chain: chain, protocolNumber: packet.protocolNumber)
                guard
                    !openings.contains(where: {
                        $0.chain == chain && $0.protocolNumber == packet.protocolNumber
                    })
                else { continue }
                opening.isInForce = filter.verdict(on: packet, in: base) == .accepted
                switch without {
                case .dropped(let rule), .uncertain(let rule): opening.obstacle = rule
                case .accepted: break
                }
                openings.append(opening)
            }
        }
        return openings
    }

    // MARK: After a reboot

    private mutating func keep(
        _ openings: [Opening], _ filter: PacketFilter, _ wish: FirewallWish, _ present: [String: FileState],
        _ usesSystemd: Bool
    ) {
        var rest: [Opening] = []
        var savedLines: [String: [Opening]] = [:]
        var nftables: [Opening] = []
        for opening in openings {
            switch opening.chain.tool {
            case .iptables(_, let isIPv6, _):
                let saved = Self.savedRules.first {
                    $0.isIPv6 == isIPv6 && filter.loaders.contains($0.loader)
                        && present[$0.path]?.kind == .regular
                }
                if let saved {
                    savedLines[saved.path, default: []].append(opening)
                } else {
                    rest.append(opening)
                }
            case .nftables:
                let isLoaded =
                    filter.loaders.contains("nftables")
                    && Self.nftConfig(present, defining: opening.chain) != nil
                if isLoaded { nftables.append(opening) } else { rest.append(opening) }
            }
        }
        for (path, openings) in savedLines.sorted(by: { $0.key < $1.key }) {
            guard let state = present[path] else { continue }
            add(path, Self.inserting(openings, into: state.contents), state)
        }
        if let first = nftables.first, let path = Self.nftConfig(present, defining: first.chain),
            let state = present[path]
        {
            // nft rejects a whole file if one of its rules names a missing chain.
            let earlier = Self.earlier(present[Self.nftRules], wish) { $0.nftInsertion }
                .filter { Self.nftConfig(present, defining: $0.chain) == path }
            let lines = Self.merged(earlier, nftables).map { $0.nftInsertion + "\n" }.joined()
            add(Self.nftRules, Array("# By haops.\n\(lines)".utf8), nil)
            let line = "include \"\(Self.nftRules)\""
            var text = String(decoding: state.contents, as: UTF8.self)
            if !text.split(whereSeparator: \.isNewline).contains(Substring(line)) {
                if !text.hasSuffix("\n") { text += "\n" }
                text += line + "\n"
            }
            add(path, Array(text.utf8), state)
        }
        if !rest.isEmpty {
            let earlier = Self.earlier(present[Self.script], wish) { $0.command }
            keepByUnit(Self.merged(earlier, rest), usesSystemd)
        }
    }

    /// The rules in a file of haops that are still wanted, in the file's order, whether or not packets are dropped
    /// now: the program that loads the rules at boot may bring back what is gone from memory.
    ///
    /// Only lines in haops' own form are recognised and kept.
    private static func earlier(
        _ file: FileState?, _ wish: FirewallWish, line: (Opening) -> String
    ) -> [Opening] {
        String(decoding: file?.contents ?? [], as: UTF8.self).split(whereSeparator: \.isNewline)
            .compactMap { text in
                guard let chain = chain(namedIn: text), isPlain(chain) else { return nil }
                return wish.passages(through: chain).lazy
                    .map { Opening(chain: chain, protocolNumber: $0.packet.protocolNumber) }
                    .first { line($0) == text }
            }
    }

    /// The chain that a line of haops names, which need not be in memory.
    private static func chain(namedIn line: Substring) -> PacketFilter.ChainID? {
        let words = line.split(separator: " ").map(String.init)
        if words.count > 3, words[1...2] == ["-w", "-C"] {
            let command = words[0]
            return .init(.iptables(command: command, isIPv6: command.hasPrefix("ip6")), words[3])
        }
        if words.count > 5, words.starts(with: ["nft", "list", "chain"]) {
            return .init(.nftables(family: words[3], table: words[4]), words[5])
        }
        if words.count > 4, words.starts(with: ["insert", "rule"]) {
            return .init(.nftables(family: words[2], table: words[3]), words[4])
        }
        return nil
    }

    /// New openings come last, which leaves a file that already has them all unchanged.
    private static func merged(_ earlier: [Opening], _ new: [Opening]) -> [Opening] {
        var seen: Set<String> = []
        return (earlier + new).filter { seen.insert($0.command).inserted }
    }

    private mutating func add(_ path: String, _ contents: [UInt8], _ state: FileState?) {
        files.append(
            DesiredFile(
                path: path, contents: contents, mode: state?.mode ?? 0o600, owner: state?.owner,
                role: .firewall))
    }

    private static func nftConfig(_ present: [String: FileState], defining chain: PacketFilter.ChainID)
        -> String?
    {
        guard case .nftables(let family, let table) = chain.tool else { return nil }
        return nftConfigs.first { path in
            guard let state = present[path], state.kind == .regular else { return false }
            let lines = String(decoding: state.contents, as: UTF8.self).split(whereSeparator: \.isNewline)
                .map { $0.split { $0 == " " || $0 == "\t" || $0 == "{" } }
            return lines.contains { $0.starts(with: ["table", Substring(family), Substring(table)]) }
                && lines.contains { $0.starts(with: ["chain", Substring(chain.name)]) }
        }
    }

    /// Inserts rules before the first rule of the chain, in the section `*filter` of the input of `iptables-restore`.
    private static func inserting(_ openings: [Opening], into contents: [UInt8]) -> [UInt8] {
        var lines = String(decoding: contents, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        )
        .map(String.init)
        for opening in openings {
            guard case .iptables(_, let isIPv6, _) = opening.chain.tool else { continue }
            let rule =
                "-A \(opening.chain.name) \(Opening.iptablesRule(opening.protocolNumber, isIPv6: isIPv6))"
            guard !lines.contains(rule), let start = lines.firstIndex(of: "*filter") else { continue }
            let place = lines[start...].firstIndex {
                $0 == "COMMIT" || $0.hasPrefix("-A \(opening.chain.name) ")
            }
            if let place { lines.insert(rule, at: place) }
        }
        return Array(lines.joined(separator: "\n").utf8)
    }

    private mutating func keepByUnit(_ openings: [Opening], _ usesSystemd: Bool) {
        needsUnit = true
        let lines = openings.map { $0.command + "\n" }.joined()
        files.append(
            DesiredFile(
                path: Self.script,
                contents: Array(
                    "#!/bin/sh\n# By haops: accepts VRRP and ICMP after a reboot.\n\(lines)".utf8),
                mode: 0o700, role: .firewall))
        if usesSystemd {
            let unit = """
                # By haops.
                [Unit]
                Description=Accept VRRP and ICMP, for keepalived
                After=nftables.service iptables.service ip6tables.service netfilter-persistent.service ufw.service
                Before=keepalived.service

                [Service]
                Type=oneshot
                RemainAfterExit=yes
                ExecStart=/bin/sh \(Self.script)

                [Install]
                WantedBy=multi-user.target

                """
            files.append(DesiredFile(path: Self.unitFile, contents: Array(unit.utf8), role: .firewall))
        } else {
            let service = """
                #!/bin/sh
                # By haops.
                ### BEGIN INIT INFO
                # Provides:          haops-firewall
                # Required-Start:    $network
                # Required-Stop:
                # Should-Start:      nftables iptables ip6tables netfilter-persistent ufw
                # X-Start-Before:    keepalived
                # Default-Start:     2 3 4 5
                # Default-Stop:
                # Short-Description: Accept VRRP and ICMP, for keepalived
                ### END INIT INFO
                # chkconfig: 2345 09 91
                # description: Accept VRRP and ICMP, for keepalived
                case $1 in
                  start | restart | reload | force-reload) exec /bin/sh \(Self.script) ;;
                  *) exit 0 ;;
                esac

                """
            files.append(
                DesiredFile(
                    path: Self.initScript, contents: Array(service.utf8), mode: 0o755, role: .firewall))
        }
    }

    // MARK: firewalld

    /// Opens firewalld's zones for incoming packets; firewalld accepts all outgoing packets unless the operator's own
    /// policy rejects them.
    private mutating func open(_ firewalld: Firewalld, _ wish: FirewallWish) {
        for passage in wish.passages where passage.hook == .input {
            let name = Self.protocolName(passage.packet.protocolNumber)
            let interfaces = passage.packet.interface.map { [$0] } ?? wish.interfaces
            let zones = interfaces.reduce(into: Set<String>()) {
                $0.formUnion(firewalld.zones(of: $1, peers: passage.packet.peers))
            }
            // A zone's name comes from the node and becomes part of a command.
            for zone in zones.sorted()
            where zone.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "-" || $0 == "_" }) {
                let rule = Firewalld.acceptance(of: name, in: zone)
                func add(_ option: String, _ suffix: String) {
                    let command = "firewall-cmd -q \(option)\(rule)"
                    guard !change.commands.contains(command) else { return }
                    change.commands.append(command)
                    change.descriptions.append(
                        "accept \(name.uppercased()) in firewalld's zone \(zone)\(suffix)")
                }
                if firewalld.zones[zone]?.accepts(name) != true { add("", "") }
                if firewalld.zonesForGood[zone]?.accepts(name) != true { add("--permanent ", " for good") }
            }
        }
    }

    private static func protocolName(_ number: Int) -> String {
        number == 112 ? "vrrp" : number == 1 ? "icmp" : "ipv6-icmp"
    }
}
