import Addresses

/// Reads a `global_defs` block; there may be several.
struct GlobalReader {
    var global: GlobalDefinitions
    let version: KeepalivedVersion
    var values = StatementValues(owner: "")

    mutating func read(_ block: Statement) {
        for line in block.block ?? [] {
            if line.kind == .keyword, readCommon(line) || readVRRP(line) || readGARP(line) { continue }
            global.others.append(line)
        }
    }

    private mutating func readCommon(_ line: Statement) -> Bool {
        switch line.keyword {
        case "router_id":
            if line.words.count > 1 {
                global.routerID = Setting(line.words[1].text, at: line.words[1].location)
            }
        case "script_user":
            guard line.words.count > 1 else {
                values.note(.missingArgument, line, "the line is ignored")
                return true
            }
            let group = line.words.count > 2 ? line.words[2].text : nil
            global.scriptUser = Setting(
                ScriptUser(user: line.words[1].text, group: group), at: line.words[1].location)
        case "enable_script_security":
            global.scriptSecurity = Setting(true, at: line.location)
        case "dynamic_interfaces":
            global.dynamicInterfaces = Setting(true, at: line.location)
        case "default_interface":
            if line.words.count > 1 {
                global.defaultInterface = Setting(line.words[1].text, at: line.words[1].location)
            }
        case "smtp_server":
            if let server = values.argument(line) {
                global.smtpServer = Setting(server.text, at: server.location)
            }
        case "smtp_connect_timeout":
            _ = values.number(line, in: 0...4294, otherwise: "the line is ignored")
            return false
        case "startup_script", "shutdown_script", "notify_fifo_script", "vrrp_notify_fifo_script",
            "lvs_notify_fifo_script":
            // Without a value the line is compared with what the keyword takes.
            guard line.words.count > 1, let words = line.scriptWords, words.count > 1 else { return false }
            if global.scripts.contains(where: { $0.event == line.keyword }) {
                values.note(.duplicateKeyword, line, text: line.keyword, "the first one counts")
            } else if let script = values.notify(line) {
                global.scripts.append(script)
            }
            return false
        case "log_unknown_vrids":
            global.logsUnknownRouterIDs = Setting(true, at: line.location)
        default:
            return false
        }
        return true
    }

    private mutating func readVRRP(_ line: Statement) -> Bool {
        switch line.keyword {
        case "vrrp_version":
            if let number = values.number(line, in: 2...3, otherwise: "version 2 is used") {
                global.vrrpVersion = number
            }
        case "vrrp_strict":
            global.strict = Setting(true, at: line.location)
        case "vrrp_mcast_group4", "vrrp_mcast_group6":
            readGroup(line)
        case "vrrp_skip_check_adv_addr":
            if let flag = values.flag(line) { global.skipsAdvertAddressCheck = flag }
        case "vrrp_check_unicast_src":
            global.checksUnicastSource = Setting(true, at: line.location)
        case "vrrp_down_timer_adverts":
            if let number = values.number(line, in: 1...100, otherwise: "3 adverts are used") {
                global.downTimerAdverts = number
            }
        default:
            return false
        }
        return true
    }

    private mutating func readGroup(_ line: Statement) {
        guard let address = values.address(line) else { return }
        switch (line.keyword, address.value.isIPv6) {
        case ("vrrp_mcast_group4", false) where address.value.isVRRPGroup:
            global.multicastGroup4 = address
        case ("vrrp_mcast_group6", true) where address.value.isVRRPGroup:
            global.multicastGroup6 = address
        default:
            values.note(
                .invalidAddress, line, text: "\(address.value)", at: address.location,
                "the address is not a multicast group of this family, and the line is ignored")
        }
    }

    private mutating func readGARP(_ line: Statement) -> Bool {
        let range = 0...Int(UInt32.max)
        func number(_ values: inout StatementValues) -> Int? {
            values.number(line, in: range, otherwise: "the line is ignored")?.value
        }
        switch line.keyword {
        case "vrrp_garp_master_delay": number(&values).map { global.garp.delay = $0 }
        case "vrrp_garp_master_repeat": number(&values).map { global.garp.repetitions = max(1, $0) }
        case "vrrp_garp_master_refresh": number(&values).map { global.garp.refresh = $0 }
        case "vrrp_garp_master_refresh_repeat":
            number(&values).map { global.garp.refreshRepetitions = max(1, $0) }
        case "vrrp_garp_lower_prio_delay": number(&values).map { global.garp.lowerPriorityDelay = $0 }
        case "vrrp_garp_lower_prio_repeat":
            number(&values).map { global.garp.lowerPriorityRepetitions = $0 }
        case "vrrp_garp_interval", "vrrp_gna_interval":
            _ = values.seconds(line, in: 1...Int(UInt32.max), otherwise: "the line is ignored")
            return false
        default:
            return false
        }
        return true
    }
}

extension IPAddress {
    /// A group that keepalived accepts: any IPv4 multicast address, or an IPv6 one of link-local scope, whatever its
    /// flags (`IN6_IS_ADDR_MC_LINKLOCAL`: ff02::, ff12::, …).
    var isVRRPGroup: Bool {
        switch self {
        case .v4(let value): value >> 28 == 0xE
        case .v6(let high, _): high >> 56 == 0xFF && (high >> 48) & 0xF == 2
        }
    }
}
