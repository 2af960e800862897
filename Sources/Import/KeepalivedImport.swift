import Addresses
import Concealment
import Facts
import Inventory
import Keepalived
import Remote
import Rendering

/// Converts the nodes' keepalived.conf into an inventory's settings and raw lines.
///
/// Mistakes here are harmless: the result is rendered and compared afterwards, and every difference is a refusal.
struct KeepalivedImport {
    let nodes: [NodeEvidence]
    let configurations: [(node: NodeEvidence, configuration: Configuration)]
    var secrets: SecretBook
    private(set) var settings = KeepalivedSettings(interface: "", instances: [])
    private(set) var kept: [KeptLine] = []
    private(set) var refusals: [Remark] = []
    private(set) var dropped: [Remark] = []
    private(set) var notes: [Remark] = []
    /// Whether haops' own lines are wanted only where the nodes have them.
    let isMinimal: Bool
    /// The source address of each node's unicast adverts.
    private(set) var advertAddresses: [HostID: IPAddress] = [:]
    /// The nodes' interfaces for adverts that differ from the cluster's.
    private(set) var interfaces: [HostID: String] = [:]

    init?(_ nodes: [NodeEvidence], secrets: SecretBook, isMinimal: Bool) {
        self.nodes = nodes
        self.isMinimal = isMinimal
        self.secrets = secrets
        configurations = nodes.compactMap { node in node.keepalived.map { (node, $0) } }
        guard configurations.count == nodes.count, !nodes.isEmpty else { return nil }
    }

    mutating func run() {
        settings.options = options()
        chooseElection()
        chooseTransport()
        chooseVersionAndInterval()
        chooseInterfaces()
        settings.setsBroadcast = everyInstance { _, instance in
            instance.allAddresses.contains { $0.broadcast == .highest }
        }.contains(true)
        let notifies = everyInstance { _, instance in instance.notify.filter { $0.event == "notify" } }
        settings.notify.writesState =
            !notifies.joined().contains { !$0.isOfHaops }
            && (!isMinimal || notifies.allSatisfy { $0.contains(where: \.isOfHaops) })
        importGlobals()
        importScripts()
        importBlocks()
        var instances = InstancesImport(self)
        instances.run()
        settings = instances.settings
        secrets = instances.secrets
        kept += instances.kept
        refusals += instances.refusals
        notes += instances.notes
        noteUnknown()
    }

    /// Applies the imported files: takes their notify settings, and marks imported scripts as shipped by haops.
    mutating func take(_ files: FilesImport) {
        if let notify = files.notify { settings.notify = notify }
        for index in settings.scripts.indices {
            let program = settings.scripts[index].run.split(separator: " ").first.map(String.init) ?? ""
            if files.isImported(program) { settings.scripts[index].isOwn = false }
        }
    }

    // MARK: - Of all nodes and instances

    /// Collects a value for each instance of each node.
    func everyInstance<Value>(_ value: (NodeEvidence, Instance) -> Value) -> [Value] {
        configurations.flatMap { node, configuration in configuration.instances.map { value(node, $0) } }
    }

    /// The nodes' instances of one name, in the nodes' order.
    func instances(named name: String) -> [(node: NodeEvidence, instance: Instance)] {
        configurations.compactMap { node, configuration in
            configuration.instance(named: name).map { (node, $0) }
        }
    }

    /// The most frequent value; the first one of several equally frequent ones.
    func mostFrequent<Value: Hashable>(_ values: [Value]) -> Value? {
        var counts: [Value: Int] = [:]
        for value in values { counts[value, default: 0] += 1 }
        let most = counts.values.max()
        return values.first { counts[$0] == most }
    }

    // MARK: - What all instances share

    private mutating func options() -> String {
        for node in nodes {
            for other in node.options?.others ?? [] {
                refusals.append(
                    Remark(
                        "`\(other.text.hidingCommandSecrets)` cannot be kept: haops writes this file with the daemon's arguments only",
                        at: [NodePlace(node: node.id, file: node.options?.path ?? "", line: other.line)]))
            }
            if let file = node.otherFile {
                refusals.append(
                    Remark(
                        "keepalived reads `\(file)`: haops writes \(NodeEvidence.configuration)",
                        at: [NodePlace(node: node.id, file: file)]))
            }
        }
        let values = nodes.map { $0.options?.value ?? "" }
        if Set(values).count > 1 {
            refusals.append(
                Remark(
                    "keepalived's arguments differ: "
                        + zip(nodes, values).map { "`\($1)` on \($0.id)" }.joined(separator: ", "),
                    at: nodes.map { NodePlace(node: $0.id, file: $0.options?.path ?? "") },
                    hint: "make them the same on every node first"))
        }
        return values.first ?? ""
    }

    private mutating func chooseElection() {
        if everyInstance({ _, instance in instance.nopreempt.value }).allSatisfy(\.self) {
            settings.preempt = false
        } else if everyInstance({ _, instance in instance.state.value == .backup }).allSatisfy(\.self) {
            settings.initialState = .backup
        }
    }

    private mutating func chooseTransport() {
        let unicast = everyInstance { _, instance in instance.isUnicast }
        guard !unicast.isEmpty, unicast.allSatisfy(\.self) else { return }
        settings.transport = .unicast
        let sources = everyInstance { _, instance in instance.sourceAddress != nil }
        settings.namesUnicastSource = sources.contains(true)
        for (node, configuration) in configurations {
            let own = configuration.instances.compactMap { $0.sourceAddress?.value }.first
            advertAddresses[node.id] = own ?? addressToPeers(of: node)
        }
    }

    /// The address by which the other nodes know a node: the one unicast peer that all of them list.
    ///
    /// - `name`: of the instance; `nil` means all of them.
    func addressToPeers(of node: NodeEvidence, in name: String? = nil) -> IPAddress? {
        let lists = configurations.filter { $0.node.id != node.id }.map { other in
            let instances = other.configuration.instances.filter { name == nil || $0.name == name }
            return Set(instances.flatMap { $0.unicastPeers.map(\.address) })
        }
        guard let first = lists.first else { return nil }
        let common = lists.dropFirst().reduce(first) { $0.intersection($1) }
        return common.count == 1 ? common.first : nil
    }

    private mutating func chooseVersionAndInterval() {
        let versions = everyInstance { _, instance in
            instance.family == .ipv4 ? instance.version.value : nil
        }.compactMap(\.self)
        settings.version = mostFrequent(versions) ?? 3
        // The longest interval, so that a wait for a master-down time suffices for every instance.
        let intervals = everyInstance { _, instance in instance.advertInterval.value.hundredths }
        settings.advertInterval = intervals.max() ?? 100
        if settings.version == 2, settings.advertInterval % 100 != 0 {
            settings.advertInterval = (settings.advertInterval + 99) / 100 * 100
        }
    }

    private mutating func chooseInterfaces() {
        func interface(_ instance: Instance, _ configuration: Configuration) -> String {
            instance.interface?.value ?? configuration.global.defaultInterface.value
        }
        let byNode = configurations.map { node, configuration in
            (node.id, mostFrequent(configuration.instances.map { interface($0, configuration) }) ?? "eth0")
        }
        settings.interface = mostFrequent(byNode.map(\.1)) ?? "eth0"
        for (id, name) in byNode where name != settings.interface { interfaces[id] = name }
    }

    // MARK: - global_defs, scripts, other blocks

    private mutating func importGlobals() {
        settings.scriptSecurity = configurations.allSatisfy { _, configuration in
            let user = configuration.global.scriptUser?.value
            return configuration.global.scriptSecurity.value && user?.user == "root" && user?.group == nil
        }
        let security = settings.scriptSecurity
        let refresh = "\(KeepalivedSettings.garpMasterRefresh)"
        let merged = MergedLines(nodes) { node in
            (node.keepalived?.effective.statements ?? []).filter { $0.keyword == "global_defs" }
                .flatMap { $0.block ?? [] }
                .filter { line in
                    switch line.keyword {
                    case "vrrp_version": return false
                    case "router_id": return isMinimal || line.arguments.first?.text != node.id.name
                    case "vrrp_garp_master_refresh":
                        return isMinimal || line.arguments.first?.text != refresh
                    case "enable_script_security", "script_user": return !security
                    default: return line.kind != .unknown
                    }
                }
                .map { RawLines($0, of: node, hidingIn: &secrets) }
        }
        settings.extraGlobal = keep(merged, "global_defs")
    }

    private mutating func importScripts() {
        var names: [String] = []
        for script in configurations.flatMap(\.configuration.scripts) where !names.contains(script.name) {
            names.append(script.name)
        }
        for name in names {
            let found = configurations.compactMap { node, configuration in
                configuration.script(named: name).map { (node, $0) }
            }
            guard let (_, first) = found.first, let command = first.command, found.count == nodes.count,
                found.allSatisfy({ $0.1.isSame(as: first) }), !hasSecrets(name)
            else {
                wholeScripts.append(name)
                continue
            }
            var script = Inventory.TrackScript(
                name: name, run: command.arguments.map(\.asScriptWord).joined(separator: " "),
                interval: first.interval.value,
                timeout: first.timeout.value == 0 ? nil : first.timeout.value, fall: first.fall.value,
                rise: first.rise.value, weight: first.weight.value)
            script.isOwn =
                TemplateSet.shipped["\(command.program.fileName).mustache"] != nil
                && command.program.hasPrefix(NodePaths.scripts + "/")
                && !nodes.allSatisfy {
                    $0.files.text(command.program)?.contains("# Rendered by haops") == true
                }
            let merged = MergedLines(nodes) { node in
                node.statement("vrrp_script", named: name)?.block?
                    .filter { line in
                        switch line.keyword {
                        case "user", "init_fail": line.kind == .keyword
                        case "weight": first.isReversed && line.words.count > 2
                        default: false
                        }
                    }
                    .map { RawLines($0, of: node, hidingIn: &secrets) } ?? []
            }
            script.extra = keep(merged, name, key: "scripts.\(name).extra")
            settings.scripts.append(script)
        }
    }

    /// Whether the script's command contains a secret, which only raw lines can express.
    private func hasSecrets(_ script: String) -> Bool {
        nodes.contains { node in
            node.statement("vrrp_script", named: script)?.block?
                .contains { !$0.secretParts(within: "vrrp_script").isEmpty } == true
        }
    }

    /// Scripts that differ between nodes or contain secrets. They go into `blocks` unchanged.
    private var wholeScripts: [String] = []

    /// Keywords of blocks that the inventory has keys for.
    private static let modelled: Set<String> = ["global_defs", "vrrp_instance", "vrrp_script"]

    private mutating func importBlocks() {
        let whole = wholeScripts
        let merged = MergedLines(nodes) { node in
            (node.keepalived?.effective.statements ?? [])
                .filter { line in
                    guard line.kind != .unknown else { return false }
                    if line.keyword == "vrrp_script" {
                        return whole.contains(line.arguments.first?.text ?? "")
                    }
                    return !Self.modelled.contains(line.keyword) && !line.isHandoverOfHaops
                }
                .map { RawLines($0, of: node, hidingIn: &secrets) }
        }
        settings.extraBlocks = keep(merged, "blocks")
    }

    /// The text of raw lines; `nil` when there are none.
    mutating func keep(_ merged: MergedLines, _ name: String, key: String? = nil) -> String? {
        guard !merged.entries.isEmpty else { return nil }
        kept += merged.kept(in: "keepalived." + (key ?? "extra.\(name)"))
        return merged.text.joined(separator: "\n")
    }

    /// Reports lines without effect, which are dropped.
    private mutating func noteUnknown() {
        for (node, configuration) in configurations {
            func walk(_ statements: [Statement]) {
                for line in statements {
                    if line.kind == .unknown {
                        dropped.append(
                            Remark(
                                "keepalived \(configuration.version) does not know `\(line.keyword)` and skips the line",
                                at: [node.place(line.location)]))
                    }
                    walk(line.block ?? [])
                }
            }
            walk(configuration.effective.statements)
            for problem in configuration.problems where isLost(problem) {
                let words = problem.text.isEmpty ? "" : " `\(problem.text)`"
                dropped.append(
                    Remark(
                        "`\(problem.keyword)`\(words) is not kept as written: keepalived \(configuration.version) says that \(problem.consequence)",
                        at: [node.place(problem.location)]))
            }
        }
    }

    /// Whether the import drops words that the daemon ignores. In an `extra:` they are kept.
    private func isLost(_ problem: ConfigurationProblem) -> Bool {
        switch problem.kind {
        case .notFound, .duplicateEntry, .duplicateName, .nameMissing: true
        case .notANumber, .outOfRange, .unknownValue, .invalidAddress, .familyMismatch, .duplicateKeyword,
            .unknownOption, .missingOptionValue, .wordsIgnored:
            InstancesImport.modelled.contains(problem.keyword)
                || Self.modelledInScripts.contains(problem.keyword) || problem.keyword == "auth_type"
        case .missingArgument, .tooLong, .reset, .deprecated, .required, .unused: false
        }
    }

    private static let modelledInScripts: Set<String> = [
        "script", "interval", "timeout", "fall", "rise", "weight", "vrrp_version", "unicast_peer",
        "unicast_src_ip",
    ]
}

extension Instance.Notify {
    /// Whether it is the script that haops ships.
    var isOfHaops: Bool { command.program == NodePaths.notifyScript }
}

extension Statement {
    /// Whether it is the block that haops renders for an instance's handover file.
    fileprivate var isHandoverOfHaops: Bool {
        guard keyword == "vrrp_track_file" || keyword == "track_file",
            let name = arguments.first?.text, name.hasPrefix(NodePaths.handoverName(of: "")),
            let file = block?.first(where: { $0.keyword == "file" })?.arguments.first?.text
        else { return false }
        return file == NodePaths.handover(of: String(name.dropFirst(NodePaths.handoverName(of: "").count)))
    }
}

extension Duration {
    /// Hundredths of a second, rounded down.
    var hundredths: Int {
        Int(components.seconds) * 100 + Int(components.attoseconds / 10_000_000_000_000_000)
    }
}

extension Keepalived.TrackScript {
    fileprivate func isSame(as other: Keepalived.TrackScript) -> Bool {
        command?.arguments == other.command?.arguments && interval == other.interval
            && timeout == other.timeout && weight == other.weight && rise == other.rise && fall == other.fall
            && isReversed == other.isReversed
    }
}

extension String {
    /// The text quoted so that keepalived reads it as one word.
    fileprivate var asScriptWord: String {
        guard isEmpty || contains(where: { " \t'\"\\;|&<>$`(){}#!*?".contains($0) }) else { return self }
        return contains("'") ? "\"" + self + "\"" : "'" + self + "'"
    }

    /// The part after the last slash.
    var fileName: Substring { self[(lastIndex(of: "/").map(index(after:)) ?? startIndex)...] }
}

extension NodeEvidence {
    /// The first block of that kind and name, which is the effective one.
    func statement(_ keyword: String, named name: String) -> Statement? {
        keepalived?.effective.statements.first {
            $0.keyword == keyword && $0.arguments.first?.text == name
        }
    }
}
