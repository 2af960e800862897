import Addresses
import Checks
import Facts
import HAProxy
import Inventory
import Keepalived
import Rendering

/// Compares one node with its desired state.
struct NodePlanner {
    let node: Node
    let facts: HostFacts
    let desired: DesiredNode
    let cluster: Cluster
    /// Hides the secrets of every node of the cluster.
    var mask = SecretMask()

    private var files: [String: FileState] { facts.known(FilesFact.self) ?? [:] }
    private var services: [String: ServiceState] { facts.known(ServicesFact.self) ?? [:] }
    private var daemon: KeepalivedDaemon? { facts.known(KeepalivedFact.self) }

    func plan() -> NodePlan {
        var plan = NodePlan(node: node)
        // An unreadable firewall does not prevent a change; an unreadable file or service manager does.
        plan.obstacles += facts.failures.map { "\($0)" }
        var wanted = desired.files
        if desired.removesLeftovers {
            let left = LeftFiles(wanted: wanted, files: files)
            wanted += left.removed
            plan.notes += left.notes
        }
        for wanted in wanted.sorted(by: { ($0.role.rank, $0.path) < ($1.role.rank, $1.path) }) {
            guard let state = files[wanted.path], isRead(wanted) else { continue }
            if case .other(let kind) = state.kind {
                plan.obstacles.append("`\(wanted.path)` is a \(kind): haops does not replace it")
            } else if let change = change(wanted, state) {
                plan.files.append(change)
            }
        }
        for setting in desired.sysctls {
            let running = facts.known(SysctlFact.self)?[setting.key]
            let wanted = setting.value.normalizedWords
            if running != wanted {
                plan.sysctls.append(SysctlChange(key: setting.key, before: running, after: wanted))
            }
        }
        addPackages(to: &plan)
        addFirewall(to: &plan)
        plan.files.sort { $0.order < $1.order }
        plan.keepalived = action("keepalived", DesiredFile.Role.ofKeepalived, &plan)
        plan.haproxy = action("haproxy", DesiredFile.Role.ofHAProxy, &plan)
        if let told = desired.services["keepalived"]?.told, told != .none {
            plan.unmanaged = [UnmanagedConfig(.keepalived, isLoaded: false)]
        }
        if let told = desired.services["haproxy"]?.told, told != .none {
            plan.unmanaged.append(UnmanagedConfig(.haproxy, isLoaded: false))
        }
        plan.breaksPeerCompatibilityInPlace = desired.services["keepalived"]?.breaksPeerCompatibility == true
        (plan.absentBefore, plan.absentAfter) = expectedAbsences(plan.files)
        return plan
    }

    /// Whether the node reads such a file: a node whose init scripts start the daemons has no systemd.
    private func isRead(_ file: DesiredFile) -> Bool {
        file.role != .keepalivedService || facts.known(SystemFact.self)?.serviceManager != .initScripts
    }

    /// Instances and addresses of the inventory that the configurations before and after the change do not have.
    private func expectedAbsences(_ changes: [FileChange]) -> (
        before: ExpectedAbsences, after: ExpectedAbsences
    ) {
        var (before, after) = (ExpectedAbsences(), ExpectedAbsences())
        let addresses = Set(cluster.virtualAddresses.map(\.vip.cidr.address))
        let binds = Set(cluster.binds)
        for change in changes {
            let old = change.kind == .notLoaded ? [] : files[change.path]?.contents ?? []
            let new = change.contents ?? []
            switch change.role {
            case .keepalivedConfig:
                func known(_ contents: [UInt8]) -> Set<IPAddress> {
                    Set(read(contents, at: change.path).instances.flatMap(\.allAddresses).map(\.address))
                }
                before.addresses = addresses.subtracting(known(old))
                after.addresses = addresses.subtracting(known(new))
            case .haproxyConfig:
                func missing(_ contents: [UInt8]) -> Set<String> {
                    let endpoints = ExpectedAbsences.endpoints(inHAProxyConfig: contents)
                    return binds.filter { bind in
                        !bind.prefix { $0 != " " }.split(separator: ",").map(String.init)
                            .allSatisfy(endpoints.contains)
                    }
                }
                before.binds = missing(old)
                after.binds = missing(new)
            default: break
            }
        }
        return (before, after)
    }

    /// The meaning of a keepalived.conf on this node.
    private func read(_ bytes: [UInt8], at path: String) -> Configuration {
        let evidence = facts.known(ConfigurationFilesFact.self) ?? ConfigurationEvidence(files: [:])
        let configID = evidence.configID(on: facts.known(SystemFact.self))
        // The files that a hand-made file includes are part of its meaning.
        var files = evidence.set
        files.files[path] = ConfigurationFile(bytes)
        return ConfigurationReader(files: files, configID: configID, version: version).read(path: path)
    }

    private var version: KeepalivedVersion { daemon?.version ?? .assumed }

    private func addFirewall(to plan: inout NodePlan) {
        guard let wish = desired.firewall else { return }
        guard let filter = facts.known(FirewallFact.self) else {
            plan.notes.append("the firewall could not be read: haops does not change it")
            return
        }
        let opening = FirewallOpening(
            filter: filter, wish: wish, files: files,
            usesSystemd: facts.known(SystemFact.self)?.serviceManager != .initScripts)
        plan.firewall = opening.change
        plan.notes += opening.notes
        for wanted in opening.files {
            guard let state = files[wanted.path] else { continue }
            if case .other(let kind) = state.kind {
                plan.obstacles.append("`\(wanted.path)` is a \(kind): haops does not replace it")
            } else if let change = change(wanted, state) {
                plan.files.append(change)
            }
        }
        if opening.needsUnit, !filter.loaders.contains(FirewallOpening.unit) {
            plan.enable.append(FirewallOpening.unit)
        }
    }

    private func addPackages(to plan: inout NodePlan) {
        plan.packageManager = facts.known(SystemFact.self)?.packageManager?.rawValue
        let installed = facts.known(PackagesFact.self) ?? []
        plan.packages = desired.packages.filter { !installed.contains($0) }
        if !plan.packages.isEmpty, plan.packageManager == nil {
            plan.obstacles.append(
                "\(plan.packages.map { "`\($0)`" }.joined(separator: ", ")) missing, and no package manager that haops knows"
            )
        }
    }

    private func action(
        _ name: String, _ roles: Set<DesiredFile.Role>, _ plan: inout NodePlan
    ) -> DaemonAction {
        guard let wish = desired.services[name] else { return .none }
        let service = services[name]
        if wish.isLeft {
            guard service?.isRunning == true else { return .none }
        } else {
            if wish.isEnabled, service?.isEnabled != true { plan.enable.append(name) }
            if !wish.isEnabled, service?.isEnabled == true { plan.disable.append(name) }
        }
        guard wish.runs else { return service?.isRunning == true ? .stop : .none }
        guard service?.isRunning == true else { return .start }
        let asked: DaemonAction =
            switch plan.files.filter({ roles.contains($0.role) }).map(\.effect).max() {
            case .reload, .synchronisedReload, .failover: .reload
            case .restart: .restart
            case nil, FileEffect.none?: .none
            }
        return max(asked, wish.told)
    }

    private func change(_ wanted: DesiredFile, _ state: FileState) -> FileChange? {
        let before: [UInt8]? = state.kind == .absent ? nil : state.contents
        let owner = wanted.owner ?? (state.kind == .absent ? "root:root" : state.owner)
        let mode = mode(wanted, state)
        let isKept = isKept(wanted, before)
        let kind: FileChange.Kind
        var whyNotLoaded = ""
        switch (before, wanted.contents) {
        case (nil, nil): return nil
        case (nil, .some) where isKept: return nil
        case (nil, .some): kind = .create
        case (.some, nil): kind = .delete
        case (let old?, let new?) where old != new && !isKept: kind = .update
        case (.some, .some):
            if !isKept, state.mode != mode || owner != state.owner {
                kind = .mode
            } else if let why = whyUnread(wanted, state) {
                kind = .notLoaded
                whyNotLoaded = why
            } else {
                return nil
            }
        }
        let judged = effect(wanted, kind: kind, before: before, whyNotLoaded: String.shown(whyNotLoaded))
        var reasons = judged.reasons
        if before != nil, wanted.contents != nil {
            if state.mode != mode { reasons.append("mode \(octal(state.mode)) becomes \(octal(mode))") }
            if state.owner != owner { reasons.append("owner \(state.owner) becomes \(owner)") }
        }
        return FileChange(
            path: wanted.path, role: wanted.role, kind: kind, effect: judged.effect,
            reasons: reasons.map(mask.shown(sentence:)),
            breaksPeerCompatibility: judged.breaksPeerCompatibility,
            diff: diff(wanted, before),
            contents: wanted.contents, mode: mode, owner: owner)
    }

    /// Whether an adopted node's own file stays as it is because it means what the new one means.
    private func isKept(_ wanted: DesiredFile, _ before: [UInt8]?) -> Bool {
        guard cluster.isAdopted, let new = wanted.contents else { return false }
        switch wanted.role {
        case .keepalivedConfig:
            guard let before else { return false }
            return difference(
                from: read(before, at: wanted.path).withoutUnknown,
                to: read(new, at: wanted.path).withoutUnknown
            ).isEmpty
        case .haproxyConfig:
            guard let before else { return false }
            return HAProxyFile(path: wanted.path, bytes: before).meaning
                == HAProxyFile(path: wanted.path, bytes: new).meaning
        case .keepalivedOptions: return DaemonArguments(before ?? []) == DaemonArguments(new)
        default: return before == new
        }
    }

    /// The changed lines; a hidden file shows only that it changes.
    private func diff(_ wanted: DesiredFile, _ before: [UInt8]?) -> UnifiedDiff {
        guard isHidden(wanted, before) else {
            var secrets = wanted.secrets
            if wanted.role == .manifest {
                secrets += [before, wanted.contents].compactMap(\.self).flatMap {
                    Manifest(reading: $0).secrets
                }
            }
            return UnifiedDiff(old: before, new: wanted.contents, mask: mask.hiding(secrets))
        }
        func hidden(_ contents: [UInt8], _ when: String) -> [UInt8] {
            Array("(hidden, \(when): \(contents.count) bytes)\n".utf8)
        }
        return UnifiedDiff(
            old: before.map { hidden($0, "before") }, new: wanted.contents.map { hidden($0, "then") },
            mask: SecretMask())
    }

    /// Whether the inventory or a manifest, current or new, marks the file as secret, or the file contains a private
    /// key.
    private func isHidden(_ wanted: DesiredFile, _ before: [UInt8]?) -> Bool {
        let lists =
            [files[NodePaths.manifest]?.contents]
            + desired.files.filter { $0.role == .manifest }.map(\.contents)
        return wanted.isHidden || before?.holdsPrivateKey == true || wanted.contents?.holdsPrivateKey == true
            || lists.compactMap(\.self).contains { Manifest(reading: $0)[wanted.path]?.isSecret == true }
            || cluster.files(on: node).contains { $0.path == wanted.path && $0.isSecret }
    }

    /// The mode that the file gets. A permission that was removed on the node stays removed; a permission that must
    /// not exist is removed. A file from a backup gets its old mode, and a script may be run by users other than its
    /// owner.
    private func mode(_ wanted: DesiredFile, _ state: FileState) -> Int {
        guard wanted.owner == nil, state.kind != .absent, wanted.role != .checkScript,
            wanted.role != .notifyScript
        else { return wanted.mode }
        return cluster.isAdopted ? state.mode : keptMode(state.mode, wanted: wanted.mode)
    }

    private func octal(_ mode: Int) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// Why a running daemon does not run the current file; `nil` where it does, and where this is not known.
    private func whyUnread(_ wanted: DesiredFile, _ state: FileState) -> String? {
        switch wanted.role {
        case .keepalivedConfig:
            guard services["keepalived"]?.isRunning == true else { return nil }
            let evidence = facts.known(ConfigurationFilesFact.self)
            let isMain = evidence?.mainPath ?? wanted.path == wanted.path
            let known = isMain ? files.merging(evidence?.files ?? [:]) { mine, _ in mine } : files
            let state = LoadedState.keepalived(
                isMain ? read(state.contents, at: wanted.path) : nil, files: known, on: facts)
            return state.reasons.first
        case .keepalivedOptions, .fileReloadingKeepalived, .fileRestartingKeepalived:
            let loads = facts.known(LoadTimesFact.self)
            return services["keepalived"]?.isRunning == true
                && loads?.hasRead(state.modified, by: "keepalived") == false
                ? "it was written after keepalived read its configuration last" : nil
        case .fileReloadingHAProxy, .fileRestartingHAProxy:
            guard services["haproxy"]?.isRunning == true else { return nil }
            return facts.known(LoadTimesFact.self)?.hasRead(state.modified, by: "haproxy") == false
                ? "it was written after haproxy read its configuration last" : nil
        case .haproxyConfig:
            guard services["haproxy"]?.isRunning == true else { return nil }
            if let load = facts.known(HAProxyLoadFact.self),
                load.files.contains(where: { $0.path == wanted.path })
            {
                return LoadedState.haproxy(load).reasons.first
            }
            return facts.known(LoadTimesFact.self)?.hasRead(state.modified, by: "haproxy") == false
                ? "it was written after haproxy read its configuration last" : nil
        case .keepalivedService:
            return services["keepalived"]?.needsReload == true
                ? "systemd has not read its changed unit files" : nil
        case .sysctl, .firewall, .checkScript, .notifyScript, .file, .manifest: return nil
        }
    }

    private func effect(
        _ wanted: DesiredFile, kind: FileChange.Kind, before: [UInt8]?, whyNotLoaded: String
    ) -> Effect {
        if kind == .mode { return Effect(.none, "the contents stay") }
        switch wanted.role {
        case .keepalivedConfig:
            if kind == .notLoaded { return Effect(.reload, "keepalived does not run it: \(whyNotLoaded)") }
            return keepalivedEffect(wanted, before)
        case .keepalivedOptions:
            // A missing file passes no arguments.
            return DaemonArguments(before ?? []) == DaemonArguments(wanted.contents ?? [])
                ? Effect(.none, "the daemon gets the same arguments as before")
                : Effect(.restart, "arguments are read when the daemon starts")
        case .haproxyConfig:
            let why =
                kind == .notLoaded
                ? "haproxy does not run it: \(whyNotLoaded)"
                : "new workers take the listeners over from the old ones"
            return Effect(.reload, why)
        case .checkScript, .notifyScript: return Effect(.none, "keepalived starts the script again each time")
        case .keepalivedService:
            let why = kind == .notLoaded ? whyNotLoaded + "; " : ""
            return Effect(.none, why + "systemd reads it (daemon-reload), and no daemon is touched")
        case .sysctl: return Effect(.none, "the values are set at once")
        case .firewall: return Effect(.none, "for the next boot; the rules in force are changed separately")
        case .file: return Effect(.none, "programs that use it read it each time")
        case .fileReloadingKeepalived, .fileReloadingHAProxy:
            return Effect(.reload, "its `on_change` asks for it")
        case .fileRestartingKeepalived, .fileRestartingHAProxy:
            return Effect(.restart, "its `on_change` asks for it")
        case .manifest: return Effect(.none, "haops' own list of what it has shipped")
        }
    }

    private func keepalivedEffect(_ wanted: DesiredFile, _ before: [UInt8]?) -> Effect {
        guard let before, let contents = wanted.contents else {
            return Effect(.reload, "keepalived reads its configuration on reload")
        }
        let judged = Keepalived.effect(
            of: read(before, at: wanted.path), to: read(contents, at: wanted.path), version: version)
        if judged.level == .none { return Effect(.none, "it means the same as before") }
        let reasons = judged.reasons.filter { $0.level == judged.level }.map(\.text)
        let effect: FileEffect =
            switch judged.level {
            case .none: .none
            case .reload: .reload
            case .synchronisedReload: .synchronisedReload
            case .failover: .failover
            case .restart: .restart
            }
        return Effect(
            effect: effect, reasons: reasons, breaksPeerCompatibility: judged.breaksPeerCompatibility)
    }

    /// What loading a changed file does, and why.
    private struct Effect {
        var effect: FileEffect
        var reasons: [String]
        var breaksPeerCompatibility = false

        init(_ effect: FileEffect, _ reason: String) {
            self.init(effect: effect, reasons: [reason])
        }

        init(effect: FileEffect, reasons: [String], breaksPeerCompatibility: Bool = false) {
            self.effect = effect
            self.reasons = reasons
            self.breaksPeerCompatibility = breaksPeerCompatibility
        }
    }
}

extension DesiredFile.Role {
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension String {
    /// The form in which `/proc/sys` values are compared: words with one space between them.
    var normalizedWords: String { split { $0 == " " || $0 == "\t" }.joined(separator: " ") }
}
