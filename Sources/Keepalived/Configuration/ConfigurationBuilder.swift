import Addresses

/// Interprets statements in the order of the text, as keepalived does.
struct ConfigurationBuilder {
    private(set) var configuration: Configuration
    private var names = TrackedNames()
    /// The names taken so far, by kind of block.
    private var taken: [String: Set<String>] = [:]
    /// The most blocks of each kind that are read, more than any real node has.
    private static let mostBlocks = 8192
    private var blocks: [String: Int] = [:]
    /// The most problems that are reported; as for diagnostics.
    private static let mostProblems = 2000

    init(version: KeepalivedVersion, effective: EffectiveConfiguration) {
        configuration = Configuration(version: version, effective: effective)
        configuration.diagnostics = effective.diagnostics
        configuration.files = effective.files
    }

    mutating func build() -> Configuration {
        for statement in configuration.effective.statements { read(statement) }
        var resolver = InstanceResolver(configuration: configuration)
        configuration = resolver.resolve()
        var values = ValueReader(version: configuration.version, known: configuration.problems)
        values.read(configuration.effective.statements)
        configuration.problems += values.problems
        configuration.problems.sort { $0.location < $1.location }
        if configuration.problems.count > Self.mostProblems {
            let first = configuration.problems[Self.mostProblems].location
            configuration.problems.removeLast(configuration.problems.count - Self.mostProblems)
            configuration.diagnostics.append(Diagnostic(.tooLarge, at: first))
        }
        return configuration
    }

    private mutating func read(_ statement: Statement) {
        guard statement.kind == .keyword else {
            configuration.others.append(statement)
            return
        }
        guard isWithinBounds(statement) else { return }
        switch statement.keyword {
        case "global_defs":
            var reader = GlobalReader(global: configuration.global, version: configuration.version)
            reader.read(statement)
            configuration.global = reader.global
            configuration.problems += reader.values.problems
        case "vrrp_script":
            readScript(statement)
        case "vrrp_track_file", "track_file":
            readTrackFile(statement)
        case "vrrp_track_process":
            readTrackProcess(statement)
        case "vrrp_instance":
            readInstance(statement)
        case "vrrp_sync_group":
            readGroup(statement)
        case "virtual_server", "virtual_server_group":
            configuration.others.append(statement)
            guard configuration.version >= KeepalivedVersion(2, 0, 0) else { return }
            var reader = VirtualServerReader()
            reader.read(statement)
            configuration.problems += reader.values.problems
        case "bfd_instance":
            readBFD(statement)
            configuration.others.append(statement)
        case "static_ipaddress":
            readStaticAddresses(statement)
        case "static_routes":
            configuration.staticRoutes += statement.block ?? []
            if configuration.version >= KeepalivedVersion(2, 0, 0) {
                var reader = RouteReader(statement, owner: "")
                reader.readRoutes()
                configuration.problems += reader.problems
            }
        case "static_rules":
            configuration.staticRules += statement.block ?? []
            if configuration.version >= KeepalivedVersion(2, 0, 0) {
                var reader = RouteReader(statement, owner: "")
                reader.readRules()
                configuration.problems += reader.problems
            }
        case "net_namespace", "net_namespace_ipvs", "namespace_with_ipsets", "use_pid_dir", "instance",
            "child_wait_time", "linkbeat_use_polling":
            configuration.global.processWide.append(statement)
        default:
            configuration.others.append(statement)
        }
    }

    private mutating func isWithinBounds(_ statement: Statement) -> Bool {
        guard statement.keyword.hasPrefix("vrrp_") || statement.keyword == "track_file" else { return true }
        blocks[statement.keyword, default: 0] += 1
        let count = blocks[statement.keyword] ?? 0
        if count == Self.mostBlocks + 1 {
            configuration.diagnostics.append(Diagnostic(.tooLarge, at: statement.location))
        }
        return count <= Self.mostBlocks
    }

    /// The name after a block's keyword; `nil` when it is missing or taken.
    private mutating func name(of statement: Statement) -> Word? {
        var values = StatementValues(owner: "")
        defer { configuration.problems += values.problems }
        guard statement.words.count == 2 else {
            values.note(.nameMissing, statement, "the whole block is skipped")
            return nil
        }
        let word = statement.words[1]
        let kind = statement.keyword == "vrrp_track_file" ? "track_file" : statement.keyword
        if !taken[kind, default: []].insert(word.text).inserted {
            values.note(
                .duplicateName, statement, text: word.text, at: word.location,
                "this block is skipped; the first one counts")
            return nil
        }
        return word
    }

    private mutating func readStaticAddresses(_ statement: Statement) {
        var values = StatementValues(owner: "")
        for line in statement.block ?? [] {
            if let address = values.virtualAddress(line, in: statement) {
                configuration.staticAddresses.append(address)
            }
        }
        configuration.problems += values.problems
    }

    private mutating func readInstance(_ statement: Statement) {
        guard let name = name(of: statement) else { return }
        var reader = InstanceReader(
            name: name, statement: statement, configuration: configuration, names: names)
        let instance = reader.read(statement)
        if let vmac = instance.vmac?.value.interface { names.vmacs[vmac] = instance.name }
        configuration.instances.append(instance)
        configuration.problems += reader.values.problems
    }

    /// What a BFD session is called and what it weighs; the rest of the block is compared by ``ValueReader``.
    private mutating func readBFD(_ statement: Statement) {
        guard let name = name(of: statement) else { return }
        let lines = statement.block ?? []
        let weight = lines.last { $0.keyword == "weight" && $0.words.count > 1 }
        names.bfds[name.text] = TrackedNames.Weight(
            weight: weight.map { NumberText($0.words[1].text).value } ?? 0,
            isReversed: weight.map { $0.words.count > 2 && $0.words[2].text == "reverse" } ?? false)
        guard !lines.contains(where: { $0.keyword == "neighbor_ip" || $0.keyword == "neighbour_ip" }) else {
            return
        }
        configuration.problems.append(
            ConfigurationProblem(
                .required, owner: name.text, keyword: "neighbor_ip", at: statement.end ?? statement.location,
                consequence: "keepalived disables the session, and 2.2.7 crashes"))
    }

    private mutating func readGroup(_ statement: Statement) {
        guard let name = name(of: statement) else { return }
        var group = SyncGroup(name: name.text, location: statement.location)
        var values = StatementValues(owner: name.text)
        let tracking = TrackingReader(names: names)
        for line in statement.block ?? [] {
            switch line.keyword {
            case "group":
                if !group.members.isEmpty {
                    values.note(.duplicateKeyword, line, "only the first `group` block counts")
                } else {
                    group.members = (line.block ?? []).flatMap(\.words)
                }
            case "track_interface": tracking.interfaces(line, &values, into: &group.trackInterfaces)
            case "track_script": tracking.scripts(line, &values, into: &group.trackScripts)
            case "track_file": tracking.files(line, &values, into: &group.trackFiles)
            case "track_process": tracking.processes(line, &values, into: &group.trackProcesses)
            case "track_bfd": tracking.bfds(line, &values, into: &group.trackBFDs)
            case "sync_group_tracking_weight": group.usesTrackingWeight = true
            case "global_tracking":
                group.usesTrackingWeight = true
                if configuration.version >= KeepalivedVersion(2, 0, 0) {
                    values.note(.deprecated, line, "track_script and its like on the group replace it")
                }
            case let keyword where keyword.hasPrefix("notify") && line.scriptWords != nil:
                if let notify = values.notify(line) { group.notify.append(notify) }
            default:
                group.others.append(line)
            }
        }
        configuration.syncGroups.append(group)
        configuration.problems += values.problems
    }
}

// MARK: Tracked objects

extension ConfigurationBuilder {
    private mutating func readScript(_ statement: Statement) {
        var values = StatementValues(owner: statement.words.count > 1 ? statement.words[1].text : "")
        defer { configuration.problems += values.problems }
        guard let name = values.argument(statement) else { return }
        var script = TrackScript(name: name.text, location: statement.location)
        for line in statement.block ?? [] where line.kind == .keyword {
            read(line, into: &script, &values)
        }
        if script.command == nil {
            values.note(.required, statement, text: name.text, "a script block without `script` is removed")
            return
        }
        configuration.scripts.append(script)
        // Of two scripts with the same name keepalived finds the first.
        if names.scripts[script.name] == nil {
            names.scripts[script.name] = .init(
                weight: script.weight.value, isReversed: script.isReversed)
        }
    }

    private func read(_ line: Statement, into script: inout TrackScript, _ values: inout StatementValues) {
        switch line.keyword {
        case "script":
            script.command = values.command(line)
        case "interval":
            if let number = positive(line, "the default of 1 s is used", &values) { script.interval = number }
        case "timeout":
            if let number = positive(line, "the interval is used", &values) { script.timeout = number }
        case "weight":
            if let number = values.number(
                line, in: -254...254, otherwise: "only -253 to 253 are weights")
            {
                script.weight = Setting(max(-253, min(253, number.value)), at: number.location)
            } else if line.words.count > 1 {
                script.weight = Setting(NumberText(line.words[1].text).value, at: line.words[1].location)
            }
            script.isReversed = line.words.count > 2 && line.words[2].text == "reverse"
        case "rise":
            script.rise = values.number(line, in: 1...Int(Int32.max), otherwise: "1 is used") ?? Setting(1)
        case "fall":
            script.fall = values.number(line, in: 1...Int(Int32.max), otherwise: "1 is used") ?? Setting(1)
        case "user":
            guard let user = values.argument(line) else { return }
            let group = line.words.count > 2 ? line.words[2].text : nil
            script.user = Setting(ScriptUser(user: user.text, group: group), at: user.location)
        case "init_fail":
            script.startsFailed = true
        default:
            break
        }
    }

    /// A number of seconds; 0 is taken as 1.
    private func positive(
        _ line: Statement, _ consequence: String, _ values: inout StatementValues
    ) -> Setting<Int>? {
        guard let number = values.number(line, in: 0...4294, otherwise: consequence) else { return nil }
        if number.value == 0 {
            values.note(.outOfRange, line, text: "0", at: number.location, "1 is used")
        }
        return Setting(max(1, number.value), at: number.location)
    }

    private mutating func readTrackFile(_ statement: Statement) {
        guard let name = name(of: statement) else { return }
        var file = TrackFile(name: name.text, location: statement.location)
        var values = StatementValues(owner: name.text)
        for line in statement.block ?? [] where line.kind == .keyword {
            switch line.keyword {
            case "file":
                if let path = values.argument(line) { file.path = Setting(path.text, at: path.location) }
            case "weight":
                if let weight = values.number(line, in: -254...254, otherwise: "the weight is ignored") {
                    file.weight = weight
                }
                file.isReversed = line.words.count > 2 && line.words[2].text == "reverse"
            case "init_file":
                file.initialValue = Setting(0, at: line.location)
                for word in line.arguments {
                    if word.text == "overwrite" {
                        file.overwritesAtStart = true
                    } else {
                        file.initialValue = Setting(NumberText(word.text).value, at: word.location)
                    }
                }
            default:
                break
            }
        }
        if file.path == nil {
            values.note(.required, statement, text: name.text, "a track file without `file` is removed")
        } else {
            configuration.trackFiles.append(file)
            names.files[file.name] = .init(weight: file.weight.value, isReversed: file.isReversed)
        }
        configuration.problems += values.problems
    }

    private mutating func readTrackProcess(_ statement: Statement) {
        guard let name = name(of: statement) else { return }
        var process = TrackProcess(name: name.text, location: statement.location)
        var values = StatementValues(owner: name.text)
        for line in statement.block ?? [] where line.kind == .keyword {
            switch line.keyword {
            case "process":
                if let first = values.argument(line) {
                    process.process = Setting(line.arguments.map(\.text), at: first.location)
                }
            case "weight":
                if let weight = values.number(line, in: -254...254, otherwise: "the weight is ignored") {
                    process.weight = weight
                }
                process.isReversed = line.words.count > 2 && line.words[2].text == "reverse"
            case "quorum":
                if let quorum = values.number(line, in: 1...65535, otherwise: "1 is used") {
                    process.quorum = quorum
                }
            case "quorum_max":
                process.quorumMaximum = values.number(line, in: 0...65535, otherwise: "the line is ignored")
            default:
                process.others.append(line)
            }
        }
        if process.process == nil {
            values.note(.required, statement, text: name.text, "a block without `process` is removed")
        } else {
            configuration.trackProcesses.append(process)
            names.processes[process.name] = .init(
                weight: process.weight.value, isReversed: process.isReversed)
        }
        configuration.problems += values.problems
    }
}
