import Addresses
import Checks
import Facts
import Inventory
import Keepalived
import Remote
import Rollout
import Survey

/// The status of one node in words.
struct NodeStatus: Sendable {
    var host: HostID
    var probeResult: ProbeResult
    var plan: NodePlan?
    var wantsHAProxy: Bool
    var wantsKeepalived: Bool

    private var facts: HostFacts? { try? probeResult.get() }
    var daemon: KeepalivedDaemon? { facts?.known(KeepalivedFact.self) }
    var haproxy: HAProxyState? { facts?.known(HAProxyFact.self) }
    private var services: [String: ServiceState] { facts?.known(ServicesFact.self) ?? [:] }

    var isReachable: Bool { facts != nil }

    /// "2.2.7 running", "2.2.7 running without its unit", "2.2.7 stopped", "not installed", "unknown".
    ///
    /// - `runs`: whether a process of it runs, which goes above what its unit says.
    func service(_ name: String, version: String?, isInstalled: Bool?, runs: Bool?) -> String {
        guard isReachable, facts?.known(ServicesFact.self) != nil else { return "unknown" }
        let words = version.map { $0 + " " } ?? ""
        guard let state = services[name], state.isInstalled else {
            guard runs != true else { return "\(words)running without its unit" }
            return isInstalled == true ? "\(version ?? "?") stopped" : "not installed"
        }
        if !state.isRunning, runs == true { return "\(words)running without its unit" }
        return "\(words)\(state.isRunning ? "running" : state.detail)"
    }

    var keepalivedWord: String {
        service(
            "keepalived", version: daemon?.version?.description, isInstalled: daemon?.isInstalled,
            runs: daemon?.isRunning)
    }

    var haproxyWord: String {
        let version = haproxy?.version.map { String($0.prefix { $0 != "-" }) }
        return service(
            "haproxy", version: version, isInstalled: haproxy?.version != nil,
            runs: haproxy?.isRunning)
    }

    /// "VI_1 MASTER 150", and "VI_1 BACKUP 90 of 150" when a check has lowered the priority.
    var roles: [String] { (daemon?.state?.instances ?? []).map { StatusDocument.Instance($0).words } }

    /// The problems of the node itself.
    var trouble: [String] {
        guard isReachable else { return [] }
        var trouble: [String] = []
        if services["keepalived"]?.isInstalled == true || wantsKeepalived, daemon?.isRunning == false {
            trouble.append("keepalived does not run")
        }
        if wantsHAProxy || wantsProxyByFile, facts?.known(ServicesFact.self) != nil,
            services["haproxy"]?.isRunning != true, facts?.isProxyOnMasterOnly != true
        {
            trouble.append("haproxy does not run")
        }
        trouble += (daemon?.state?.instances ?? []).filter { $0.role == .fault }.map {
            "\($0.name) is in FAULT"
        }
        trouble += backends.filter { $0.status == "DOWN" }.map { "no server of backend \($0.proxy) is up" }
        return trouble
    }

    /// What works now, and worse than it should. Doctor calls the same a warning.
    var warnings: [String] {
        let lowered = (daemon?.state?.instances ?? []).compactMap { instance -> String? in
            guard let priority = instance.effectivePriority, let base = instance.basePriority, priority < base
            else { return nil }
            return "a check has lowered \(instance.name) to priority \(priority) of \(base)"
        }
        let full = (facts?.known(DiskSpaceFact.self)?.full ?? []).map { "\($0.mount) is full" }
        let up = Set(backends.filter { $0.status != "DOWN" }.map(\.proxy))
        let servers = (health?.rows ?? []).filter {
            $0.kind == .server && $0.state == .down && up.contains($0.proxy)
        }.map { "server \($0.server) of backend \($0.proxy) is down" }
        let lastOnes = (health?.lastServers ?? []).map {
            "\($0.server) is the last server of backend \($0.proxy)"
        }
        let proxy = health.map { ProxyWarning.all(in: $0).map(\.words) } ?? []
        return lowered + full + servers + lastOnes + proxy + forgottenServers
    }

    private var health: HAProxyHealth? { facts?.known(HAProxyHealthFact.self) }
    private var backends: [HAProxyHealth.Row] { (health?.rows ?? []).filter { $0.kind == .backend } }

    /// Whether a node named on the command line has a haproxy that is to run.
    private var wantsProxyByFile: Bool {
        services["haproxy"]?.isInstalled == true && facts?.isProxyWanted == true
    }

    var isBad: Bool { !trouble.isEmpty }

    /// Questions that the node could not answer. Their subject is unknown, neither good nor bad.
    var unanswered: [String] {
        guard let facts else { return [] }
        func gap<F: Fact>(_ fact: F.Type, _ question: String) -> String? {
            do {
                _ = try facts.value(of: fact)
                return nil
            } catch FactError.notAsked {
                return nil
            } catch {
                return "cannot say \(question): \(error)"
            }
        }
        return [
            gap(ServicesFact.self, "which services run"),
            wantsKeepalived ? gap(KeepalivedFact.self, "whether keepalived runs") : nil,
            wantsHAProxy ? gap(HAProxyFact.self, "where haproxy listens") : nil,
            gap(HaopsStateFact.self, "whether a run is under way there"),
            plan == nil ? nil : gap(FilesFact.self, "what its files hold"),
        ].compactMap { $0 }
    }

    /// How the node differs from its inventory.
    var drift: [String] {
        guard isReachable, let plan else { return [] }
        let changed = plan.files.filter { $0.kind != .notLoaded }
        var words: [String] = []
        if changed.count == 1, let only = changed.first {
            words.append("\(only.path) differs")
        } else if !changed.isEmpty {
            let isBare = changed.allSatisfy { $0.kind == .create }
            words.append("\(changed.count) files \(isBare ? "missing" : "differ")")
        }
        words += plan.files.filter { $0.kind == .notLoaded }.map { "\($0.path) written, not loaded" }
        if !plan.sysctls.isEmpty {
            let count = plan.sysctls.count
            words.append(count == 1 ? "1 kernel setting differs" : "\(count) kernel settings differ")
        }
        if !plan.firewall.isEmpty { words.append("firewall differs") }
        if !plan.packages.isEmpty { words.append("\(plan.packages.joined(separator: ", ")) missing") }
        if !plan.enable.isEmpty { words.append("\(plan.enable.joined(separator: ", ")) not enabled at boot") }
        return words
    }

    var overrides: [KeepalivedDaemon.PriorityOverride] { daemon?.overrides ?? [] }

    /// The servers of haproxy that haops keeps out of service on the node.
    var keptServers: [KeptServer] { facts?.known(KeptServersFact.self) ?? [] }

    /// Servers that get sessions although they are kept out of service, as after a signal of somebody to haproxy.
    private var forgottenServers: [String] {
        keptServers.filter { kept in
            kept.state != nil
                && (health?.rows ?? []).contains {
                    $0.proxy == kept.name.backend && $0.server == kept.name.server && $0.state.takesSessions
                }
        }.map {
            "haproxy sends to \($0.name), which is kept \($0.words); haops drain \($0.name) sets it again"
        }
    }

    /// Runs of haops that are under way on the node or unfinished.
    var runs: [String] { facts?.known(PendingFact.self)?.sentences ?? [] }
}

/// `status` in every form of output.
struct StatusReport: Sendable {
    var statuses: [ClusterStatus]
    /// Show every cluster. Otherwise healthy clusters are named together, after the others.
    var isDetailed = false
    /// Show only the clusters with something wrong, and the summary.
    var onlyProblems = false

    /// From this many clusters on, healthy ones are folded so that they do not hide the others.
    private static let many = 10

    func report(style: Style) -> Report {
        Report(
            command: "status", StatusDocument(clusters: statuses.map(StatusDocument.ClusterEntry.init)),
            text: text(style))
    }

    private func text(_ style: Style) -> String {
        let well = statuses.filter(\.isWell)
        let others = statuses.filter { !$0.isWell }
        let folds = onlyProblems || !isDetailed && statuses.count >= Self.many
        let silent = folds ? others.filter(\.isUnanswered) : []
        let shown = folds ? others.filter { !$0.isUnanswered } : statuses
        return shown.map { self.text($0, style) + "\n" }.joined() + line(on: silent, style)
            + summary(well, others, namesWell: folds, style)
    }

    /// Clusters without an answer, together: there is nothing else to say of them.
    private func line(on silent: [ClusterStatus], _ style: Style) -> String {
        guard !silent.isEmpty else { return "" }
        let names = NodeRange.listed(silent.map(\.survey.cluster.name))
        return Wrapped(
            "(\(names)): no node answered\(isDetailed ? "" : " (-v shows them)")", indent: 2,
            width: style.width
        ).text(after: style(.warning, "unknown:") + " \(silent.count.of("cluster")) ")
    }

    /// How many clusters are well, and which ones are to be looked at.
    private func summary(
        _ well: [ClusterStatus], _ others: [ClusterStatus], namesWell: Bool, _ style: Style
    ) -> String {
        func names(_ statuses: [ClusterStatus]) -> String {
            "\(statuses.count.of("cluster")) (\(NodeRange.listed(statuses.map(\.survey.cluster.name))))"
        }
        var text = ""
        if !well.isEmpty {
            let what = "one owner for every address, and every node as it should be"
            let words = names(well) + ": " + what + (namesWell ? " (-v shows them)" : "")
            text += Wrapped(words, indent: 2, width: style.width).text(after: style(.good, "well:") + " ")
        }
        if !others.isEmpty {
            text += Wrapped(names(others), indent: 2, width: style.width)
                .text(after: style(.warning, "to look at:") + " ")
        }
        return text
    }

    private func text(_ status: ClusterStatus, _ style: Style) -> String {
        func line(_ words: String, after head: String) -> String {
            Wrapped(words.safeOnOneLine, indent: 4, width: style.width).text(after: "  " + head)
        }
        var text = style(.strong, "cluster \(status.survey.cluster.name)") + "\n"
        text += StatusDocument.table(
            status.nodes.map { StatusDocument.Node($0, of: status.survey.cluster.name) }
        ).text(style, indent: 2)
        for ownership in status.survey.ownerships {
            let verdict = style(ownership.verdict.tone, ownership.verdict.rawValue)
            text += line(ownership.reason, after: "\(ownership.vip): \(verdict), ")
        }
        for node in status.nodes {
            for problem in node.trouble {
                text += line("\(node.host): \(problem)", after: style(.bad, "problem:") + " ")
            }
            for warning in node.warnings {
                text += line("\(node.host): \(warning)", after: style(.warning, "warning:") + " ")
            }
            for gap in node.unanswered {
                text += line("\(node.host): \(gap)", after: style(.warning, "unknown:") + " ")
            }
            for run in node.runs {
                text += line("\(node.host): \(run)", after: style(.warning, "run:") + " ")
            }
            for priorityOverride in node.overrides {
                text += line(priorityOverride.words(on: node.host), after: style(.warning, "override:") + " ")
            }
        }
        text += KeptServerLines(status.survey).text(style)
        return text
    }
}

extension ClusterStatus {
    /// Whether no node answered.
    fileprivate var isUnanswered: Bool { !nodes.isEmpty && !nodes.contains(where: \.isReachable) }

    /// Whether there is nothing to report: everything is known, in service, and as the inventory says.
    fileprivate var isWell: Bool {
        survey.isComplete && survey.ownerships.allSatisfy { $0.verdict == .owned }
            && nodes.allSatisfy { node in
                node.isReachable && !node.isBad && node.warnings.isEmpty && node.unanswered.isEmpty
                    && node.drift.isEmpty
                    && node.runs.isEmpty && node.overrides.isEmpty && node.keptServers.isEmpty
                    && (node.daemon?.state?.instances ?? []).allSatisfy {
                        $0.basePriority == $0.effectivePriority
                    }
            }
    }
}
