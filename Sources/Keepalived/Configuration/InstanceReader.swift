import Addresses

/// Reads one `vrrp_instance` block, line by line, in the order of the text.
struct InstanceReader {
    var values: StatementValues
    private var instance: Instance
    private let tracking: TrackingReader
    private let version: KeepalivedVersion
    /// The names of earlier instances' virtual interfaces, with the instances.
    private let vmacs: [String: String]
    private var hasFamily = false
    private var authenticationKind: Setting<Instance.Authentication.Kind>?
    private var secret: Setting<Secret>?

    init(name: Word, statement: Statement, configuration: Configuration, names: TrackedNames) {
        values = StatementValues(owner: name.text)
        instance = Instance(name: name.text, location: statement.location)
        tracking = TrackingReader(names: names)
        version = configuration.version
        vmacs = names.vmacs
        // keepalived copies these when the block opens, so a later global_defs has no effect.
        instance.garp = configuration.global.garp
        instance.skipsAdvertAddressCheck = configuration.global.skipsAdvertAddressCheck
        instance.downTimerAdverts = configuration.global.downTimerAdverts
        instance.version.value = 0
        instance.priority.value = 0
    }

    mutating func read(_ block: Statement) -> Instance {
        instance.end = block.end
        for line in block.block ?? [] {
            if line.kind == .keyword,
                readIdentity(line) || readTransport(line) || readBlock(line) || readBehaviour(line)
                    || readGARP(line) || readVMAC(line)
            {
                continue
            }
            instance.others.append(line)
        }
        resolveAuthentication()
        return instance
    }

    private mutating func readIdentity(_ line: Statement) -> Bool {
        switch line.keyword {
        case "state":
            readState(line)
        case "interface":
            if let word = values.argument(line) {
                if word.text.utf8.count > 15 {
                    values.note(.tooLong, line, text: word.text, at: word.location, "the line is ignored")
                } else if word.text == "lo" {
                    values.note(
                        .unknownValue, line, text: word.text, at: word.location,
                        "keepalived does not run VRRP on a loopback interface")
                } else {
                    instance.interface = Setting(word.text, at: word.location)
                }
            }
        case "virtual_router_id":
            if let id = values.number(
                line, in: 1...255, lenient: version < KeepalivedVersion(1, 3, 0),
                otherwise: "the instance has no router id and keepalived refuses to run")
            {
                instance.virtualRouterID = id
            }
        case "priority":
            instance.priority =
                values.number(
                    line, in: 1...255, lenient: version < KeepalivedVersion(1, 3, 0),
                    otherwise: "the default 100 is used")
                ?? Setting(100, at: line.location)
        case "version":
            if let number = values.number(line, in: 2...3, otherwise: "the line is ignored") {
                instance.version = number
            }
        case "advert_int":
            if let interval = values.seconds(
                line, in: 10_000...255_000_000, otherwise: "the default of 1 s is used")
            {
                instance.advertInterval = interval
            }
        default:
            return false
        }
        return true
    }

    private mutating func readState(_ line: Statement) {
        guard let word = values.argument(line) else { return }
        switch word.text {
        case "MASTER":
            instance.state = Setting(.master, at: word.location)
        case "BACKUP":
            if instance.state.value == .master {
                values.note(
                    .duplicateKeyword, line, text: word.text, at: word.location,
                    "MASTER, which stood before it, counts")
            } else {
                instance.state = Setting(.backup, at: word.location)
            }
        default:
            values.note(
                .unknownValue, line, text: word.text, at: word.location, "BACKUP is used instead")
            instance.state = Setting(.backup, at: word.location)
        }
    }

    private mutating func readTransport(_ line: Statement) -> Bool {
        switch line.keyword {
        case "unicast_src_ip", "mcast_src_ip":
            if line.keyword == "unicast_src_ip" { instance.mentionsUnicast = true }
            if let address = values.address(line), take(address.value, line) {
                instance.sourceAddress = address
            }
        case "unicast_peer":
            instance.mentionsUnicast = true
            if instance.unicastLocation == nil { instance.unicastLocation = line.location }
            for entry in line.block ?? [] { readPeer(entry, in: line) }
        case "unicast_fault_no_peer":
            instance.mentionsUnicast = true
            instance.faultsWithoutPeers = true
        case "check_unicast_src":
            instance.mentionsUnicast = true
            instance.checksUnicastSource = true
        case "track_src_ip":
            instance.tracksSourceAddress = true
        case "mcast_dst_ip":
            if let address = values.address(line), take(address.value, line) {
                if address.value.isVRRPGroup {
                    instance.multicastGroup = address
                } else {
                    values.note(
                        .invalidAddress, line, text: "\(address.value)", at: address.location,
                        "the address is not a multicast group, and the line is ignored")
                }
            }
        case "native_ipv6":
            hasFamily = true
            instance.family = .ipv6
            instance.version = Setting(3, at: line.location)
        default:
            return false
        }
        return true
    }

    private mutating func readPeer(_ entry: Statement, in block: Statement) {
        guard let word = entry.words.first else { return }
        guard let address = StatementValues.host(word.text) else {
            values.note(
                .invalidAddress, block, text: word.text, at: word.location,
                "the peer is skipped and gets no adverts")
            return
        }
        guard take(address, block) else { return }
        var peer = Instance.UnicastPeer(address: address, location: word.location)
        var options = entry.words.dropFirst()
        while let option = options.popFirst() {
            if StatementValues.host(option.text) != nil {
                values.note(
                    .wordsIgnored, block, text: option.text, at: option.location,
                    "keepalived reads one peer per line, so this one is dropped and gets no adverts")
                continue
            }
            guard let value = options.popFirst() else {
                values.note(
                    .missingOptionValue, block, text: option.text, at: option.location,
                    "the word is ignored")
                break
            }
            switch option.text {
            case "min_ttl": peer.minimumTTL = NumberText(value.text).value
            case "max_ttl": peer.maximumTTL = NumberText(value.text).value
            default:
                values.note(
                    .unknownOption, block, text: option.text, at: option.location,
                    "the rest of the line is ignored")
            }
            instance.checksUnicastSource = true
        }
        instance.unicastPeers.append(peer)
    }

    /// Sets the instance's family from its first address.
    ///
    /// - Returns: false when the address is of the other family, so that keepalived drops it.
    private mutating func take(
        _ address: IPAddress, _ line: Statement, at location: ConfigurationLocation? = nil
    )
        -> Bool
    {
        let family: Instance.Family = address.isIPv6 ? .ipv6 : .ipv4
        if !hasFamily {
            hasFamily = true
            instance.family = family
            return true
        }
        if family == instance.family { return true }
        values.note(
            .familyMismatch, line, text: "\(address)", at: location,
            "the address is dropped: an instance carries one family")
        return false
    }

    private mutating func readBlock(_ line: Statement) -> Bool {
        switch line.keyword {
        case "virtual_ipaddress":
            for entry in line.block ?? [] {
                guard let address = values.virtualAddress(entry, in: line) else { continue }
                if take(address.address, line, at: address.location) { instance.addresses.append(address) }
            }
        case "virtual_ipaddress_excluded":
            for entry in line.block ?? [] {
                if let address = values.virtualAddress(entry, in: line) {
                    instance.excludedAddresses.append(address)
                }
            }
        case "virtual_routes":
            instance.routes += line.block ?? []
            guard version >= KeepalivedVersion(2, 0, 0) else { return true }
            var reader = RouteReader(line, owner: instance.name)
            reader.readRoutes()
            values.problems += reader.problems
        case "virtual_rules":
            instance.rules += line.block ?? []
            guard version >= KeepalivedVersion(2, 0, 0) else { return true }
            var reader = RouteReader(line, owner: instance.name)
            reader.readRules()
            values.problems += reader.problems
        case "track_interface": tracking.interfaces(line, &values, into: &instance.trackInterfaces)
        case "track_script": tracking.scripts(line, &values, into: &instance.trackScripts)
        case "track_file": tracking.files(line, &values, into: &instance.trackFiles)
        case "track_process": tracking.processes(line, &values, into: &instance.trackProcesses)
        case "track_bfd": tracking.bfds(line, &values, into: &instance.trackBFDs)
        case "authentication": readAuthentication(line)
        default: return false
        }
        return true
    }

    private mutating func readAuthentication(_ block: Statement) {
        for line in block.block ?? [] where line.kind == .keyword {
            guard let word = values.argument(line) else { continue }
            if line.keyword == "auth_type" {
                guard let kind = Instance.Authentication.Kind(rawValue: word.text) else {
                    values.note(
                        .unknownValue, line, text: word.text, at: word.location,
                        "there is no authentication")
                    continue
                }
                authenticationKind = Setting(kind, at: word.location)
            } else if line.keyword == "auth_pass" {
                let bytes = word.text.configurationBytes
                if bytes.count > 8 {
                    values.note(.tooLong, line, at: word.location, "only the first 8 characters count")
                }
                secret = Setting(Secret(Array(bytes.prefix(8))), at: word.location)
            }
        }
    }

    private mutating func resolveAuthentication() {
        if let kind = authenticationKind {
            instance.authentication = Setting(
                .init(kind: kind.value, secret: secret?.value ?? Secret([])), at: kind.location)
        } else if let secret, let location = secret.location {
            values.problems.append(
                ConfigurationProblem(
                    .required, owner: instance.name, keyword: "auth_type", at: location,
                    consequence: "without `auth_type` there is no authentication"))
        }
    }

    private mutating func readBehaviour(_ line: Statement) -> Bool {
        switch line.keyword {
        case "nopreempt": instance.nopreempt = Setting(true, at: line.location)
        case "preempt": instance.nopreempt = Setting(false, at: line.location)
        case "preempt_delay":
            if let delay = values.seconds(
                line, in: 0...1_000_000_000, otherwise: "there is no delay")
            {
                instance.preemptDelay = delay
            }
        case "strict_mode":
            if let flag = values.flag(line) { instance.strict = flag }
        case "accept": instance.accept = Setting(true, at: line.location)
        case "no_accept": instance.accept = Setting(false, at: line.location)
        case "skip_check_adv_addr":
            // keepalived sets the flag for `off` too (vrrp_parser.c).
            if values.flag(line) != nil {
                instance.skipsAdvertAddressCheck = Setting(true, at: line.location)
            }
        case "down_timer_adverts":
            if let number = values.number(line, in: 1...100, otherwise: "the line is ignored") {
                instance.downTimerAdverts = number
            }
        case "dont_track_primary": instance.ignoresOwnInterface = true
        case "promote_secondaries": instance.promotesSecondaries = true
        case "lvs_sync_daemon_interface":
            values.note(.deprecated, line, "`lvs_sync_daemon` in global_defs replaces it")
            return false
        case let keyword where keyword.hasPrefix("notify") && line.scriptWords != nil:
            readNotify(line)
        default: return false
        }
        return true
    }

    private mutating func readNotify(_ line: Statement) {
        if let first = instance.notify.first(where: { $0.event == line.keyword }) {
            values.note(
                .duplicateKeyword, line, text: line.keyword,
                "`\(first.command.text)`, which stood before it, counts")
            return
        }
        if let notify = values.notify(line) { instance.notify.append(notify) }
    }

    private mutating func readGARP(_ line: Statement) -> Bool {
        func number(_ values: inout StatementValues) -> Int? {
            values.number(line, in: 0...Int(UInt32.max), otherwise: "the line is ignored")?.value
        }
        switch line.keyword {
        case "garp_master_delay": number(&values).map { instance.garp.delay = $0 }
        case "garp_master_repeat": positive(line).map { instance.garp.repetitions = $0 }
        case "garp_master_refresh": number(&values).map { instance.garp.refresh = $0 }
        case "garp_master_refresh_repeat":
            positive(line).map { instance.garp.refreshRepetitions = $0 }
        case "garp_lower_prio_delay": number(&values).map { instance.garp.lowerPriorityDelay = $0 }
        case "garp_lower_prio_repeat": number(&values).map { instance.garp.lowerPriorityRepetitions = $0 }
        default: return false
        }
        return true
    }

    /// A count; 0 is refused and taken as 1.
    private mutating func positive(_ line: Statement) -> Int? {
        values.number(line, in: 1...Int(UInt32.max), otherwise: "1 is used")?.value
            ?? (line.words.count > 1 && NumberText(line.words[1].text).value == 0 ? 1 : nil)
    }

    private mutating func readVMAC(_ line: Statement) -> Bool {
        var vmac = instance.vmac ?? Setting(Instance.VMAC(), at: line.location)
        switch line.keyword {
        case "use_vmac":
            for word in line.arguments.prefix(2) where !word.text.contains(":") {
                if vmac.value.interface != nil {
                    values.note(
                        .duplicateKeyword, line, text: word.text, at: word.location, "the first name counts")
                } else {
                    vmac.value.interface = interfaceName(word, line)
                }
            }
        case "use_ipvlan":
            vmac.value.isIPVLAN = true
            vmac.value.interface = line.arguments.first?.text
        case "vmac_xmit_base":
            guard instance.vmac != nil else { return false }
            vmac.value.sendsFromBase = true
        default:
            return false
        }
        instance.vmac = vmac
        return true
    }

    /// A name that the kernel accepts for an interface and that no earlier instance has taken.
    private mutating func interfaceName(_ word: Word, _ line: Statement) -> String? {
        let isValid =
            !word.text.isEmpty && word.text.utf8.count < 16 && word.text != "." && word.text != ".."
            && !word.text.utf8.contains { $0 == UInt8(ascii: "/") || $0.isWhiteSpace }
        guard isValid else {
            values.note(
                .unknownValue, line, text: word.text, at: word.location,
                "keepalived ignores the name and makes one up")
            return nil
        }
        if let owner = vmacs[word.text] {
            values.note(
                .reset, line, text: word.text, at: word.location,
                "`\(owner)` uses the name already, so keepalived ignores it and makes one up")
            return nil
        }
        return word.text
    }
}
