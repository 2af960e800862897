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

    /// "2.2.7 running", "2.2.7 stopped", "not installed", "unknown".
    func service(_ name: String, version: String?, isInstalled: Bool?) -> String {
        guard isReachable, facts?.known(ServicesFact.self) != nil else { return "unknown" }
        guard let state = services[name], state.isInstalled else {
            return isInstalled == true ? "\(version ?? "?") stopped" : "not installed"
        }
        return "\(version.map { $0 + " " } ?? "")\(state.isRunning ? "running" : state.detail)"
    }

    var keepalivedWord: String {
        service("keepalived", version: daemon?.version?.description, isInstalled: daemon?.isInstalled)
    }

    var haproxyWord: String {
        let version = haproxy?.version.map { String($0.prefix { $0 != "-" }) }
        return service("haproxy", version: version, isInstalled: haproxy?.version != nil)
    }

    /// "VI_1 MASTER 150", and "VI_1 BACKUP 90 of 150" when a check has lowered the priority.
    var roles: [String] {
        (daemon?.state?.instances ?? []).map { instance in
            let base = instance.basePriority
            return "\(instance.name) \(instance.role.rawValue) \(instance.effectivePriority)"
                + (base == instance.effectivePriority ? "" : " of \(base)")
        }
    }

    /// The problems of the node itself.
    var trouble: [String] {
        guard isReachable else { return [] }
        var trouble: [String] = []
        if services["keepalived"]?.isInstalled == true || wantsKeepalived, daemon?.isRunning == false {
            trouble.append("keepalived does not run")
        }
        if wantsHAProxy, facts?.known(ServicesFact.self) != nil, services["haproxy"]?.isRunning != true {
            trouble.append("haproxy does not run")
        }
        trouble += (daemon?.state?.instances ?? []).filter { $0.role == .fault }.map {
            "\($0.name) is in FAULT"
        }
        return trouble
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

    /// Runs of haops that are under way on the node or unfinished.
    var runs: [String] { facts?.known(PendingFact.self)?.sentences ?? [] }
}

/// `status` in every form of output.
struct StatusReport: Sendable {
    var statuses: [ClusterStatus]
    /// Show every cluster. Otherwise healthy clusters are named together, after the others.
    var isDetailed = false

    /// From this many clusters on, healthy ones are folded so that they do not hide the others.
    private static let many = 10

    func report(style: Style) -> Report {
        Report(
            command: "status", StatusDocument(clusters: statuses.map(StatusDocument.ClusterEntry.init)),
            text: text(style))
    }

    private func text(_ style: Style) -> String {
        guard !isDetailed, statuses.count >= Self.many else {
            return statuses.map { self.text($0, style) }.joined(separator: "\n")
        }
        let well = statuses.filter(\.isWell).map(\.survey.cluster.name)
        let others = statuses.filter { !$0.isWell }
        var text = others.map { self.text($0, style) + "\n" }.joined()
        if !well.isEmpty {
            let words =
                "\(well.count.of("cluster")) (\(NodeRange.listed(well))): one owner for every address, and every node as it should be (-v shows them)"
            text += Wrapped(words, indent: 2, width: style.width).text(after: style(.good, "well:") + " ")
        }
        if !others.isEmpty {
            let names = NodeRange.listed(others.map(\.survey.cluster.name))
            text += Wrapped("\(others.count.of("cluster")) (\(names))", indent: 2, width: style.width)
                .text(after: style(.warning, "to look at:") + " ")
        }
        return text
    }

    private func text(_ status: ClusterStatus, _ style: Style) -> String {
        func line(_ words: String, after head: String) -> String {
            Wrapped(words.safeOnOneLine, indent: 4, width: style.width).text(after: "  " + head)
        }
        var text = style(.strong, "cluster \(status.survey.cluster.name)") + "\n"
        text += StatusDocument.table(status.nodes.map(StatusDocument.Node.init)).text(style, indent: 2)
        for ownership in status.survey.ownerships {
            let verdict = style(ownership.verdict.tone, ownership.verdict.rawValue)
            text += line(ownership.reason, after: "\(ownership.vip): \(verdict), ")
        }
        for node in status.nodes {
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
        return text
    }
}

extension ClusterStatus {
    /// Whether there is nothing to report: everything is known, in service, and as the inventory says.
    fileprivate var isWell: Bool {
        survey.isComplete && survey.ownerships.allSatisfy { $0.verdict == .owned }
            && nodes.allSatisfy { node in
                node.isReachable && !node.isBad && node.unanswered.isEmpty && node.drift.isEmpty
                    && node.runs.isEmpty && node.overrides.isEmpty
                    && (node.daemon?.state?.instances ?? []).allSatisfy {
                        $0.basePriority == $0.effectivePriority
                    }
            }
    }
}
