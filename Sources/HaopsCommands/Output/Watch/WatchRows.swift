import Addresses
import Checks
import Events
import Facts
import Inventory
import Keepalived
import Remote
import Survey

/// What the screen lists of a watched fleet. Pure.
struct WatchRows: Sendable {
    let model: WatchModel
    let now: UTCTime
    /// Only clusters with this text in a name, an address or a state.
    var filter = ""

    struct Problem: Sendable {
        var cluster: String
        var text: String
        var tone: Style.Tone
    }

    static let columns = ["CLUSTER", "ADDRESSES", "STATE", "OWNER", "FOR", "SERVERS", "CHECKS"]

    typealias Row = [Table.Cell]

    /// The clusters that are shown: those with a problem first, else in the inventory's order.
    var clusters: [WatchModel.ClusterState] {
        let chosen = filter.isEmpty ? model.clusters : model.clusters.filter(matches)
        return chosen.filter { !isWell($0) } + chosen.filter(isWell)
    }

    private func isWell(_ state: WatchModel.ClusterState) -> Bool {
        state.isWell && state.cluster.nodes.allSatisfy { model.nodes[$0.id]?.silence == nil }
    }

    private func matches(_ state: WatchModel.ClusterState) -> Bool {
        let wanted = filter.lowercased()
        let words =
            [state.cluster.name] + state.cluster.nodes.map(\.id.name)
            + state.shown.flatMap { shown in
                [shown.ownership.vip.description, shown.ownership.verdict.rawValue]
            }
        return words.contains { $0.lowercased().contains(wanted) }
    }

    // MARK: - Problems

    /// The worst first.
    var problems: [Problem] {
        let all = clusters.flatMap(problems(of:))
        return all.filter { $0.tone == .bad } + all.filter { $0.tone != .bad }
    }

    func problems(of state: WatchModel.ClusterState) -> [Problem] {
        let cluster = state.cluster.name
        func problem(_ text: String, _ tone: Style.Tone) -> Problem {
            Problem(cluster: cluster, text: text, tone: tone)
        }
        let verdicts = groups(of: state).filter { $0.verdict != .owned }.map { group in
            problem(
                "\(group.addresses) \(group.verdict.rawValue)\(age(group.since, " for ")): \(group.reason)",
                group.verdict.tone)
        }
        return verdicts + state.cluster.nodes.flatMap { problems(of: $0.id).map { problem($0.0, $0.1) } }
            + pending(on: state.cluster.nodes.map(\.id)).map { problem($0, .warning) }
    }

    /// What haops has left on these nodes: the same of several is one sentence.
    private func pending(on hosts: [HostID]) -> [String] {
        let nodes = hosts.compactMap { model.nodes[$0] }.filter { $0.silence == nil }
        /// The nodes with the same text, by that text.
        func alike(_ text: (WatchModel.NodeState) -> String?) -> [(
            text: String, nodes: [WatchModel.NodeState]
        )] {
            nodes.compactMap(text).uniqued().map { each in (each, nodes.filter { text($0) == each }) }
        }
        func names(_ nodes: [WatchModel.NodeState]) -> String { NodeRange.listed(nodes.map(\.id.name)) }
        let waiting = alike { $0.sight.awaitsConfirmation?.description }.map { change, nodes in
            let left = nodes.map(secondsToRollback).min() ?? 0
            let due = left > 0 ? "in " + Duration.seconds(left).roughly : "now"
            return "\(names(nodes)): rolls back \(due) without haops confirm: \(change)"
        }
        return waiting + alike { $0.sight.unfinished?.sentence }.map { "\(names($1)): \($0)" }
    }

    private func secondsToRollback(_ node: WatchModel.NodeState) -> Int {
        (node.sight.rollbackInSeconds ?? 0) - Int((now - node.factsBegan).components.seconds)
    }

    private func problems(of host: HostID) -> [(String, Style.Tone)] {
        guard let node = model.nodes[host] else { return [] }
        if let silence = node.silence {
            return [("\(host) is silent\(age(node.hearingSince, " for ")): \(silence.detail)", .bad)]
        }
        var found: [(String, Style.Tone)] = []
        let sight = node.sight
        if sight.keepalivedRuns == false { found.append(("\(host): keepalived does not run", .bad)) }
        // On some pairs it runs on the MASTER only.
        if sight.haproxyRuns == false {
            found.append(("\(host): haproxy does not run", sight.held.isEmpty ? .warning : .bad))
        }
        for (instance, role) in sight.roles.sorted(by: { $0.key < $1.key }) where role.role == .fault {
            found.append(("\(host): \(instance) is in FAULT\(age(node.roleSince[instance], " for "))", .bad))
        }
        for check in sight.failingChecks { found.append(("\(host): check \(check) fails", .warning)) }
        let down = sight.servers.filter { $0.value.hasPrefix("DOWN") }.keys.sorted()
        if !down.isEmpty {
            found.append(
                ("\(host): \(down.count.of("server")) down: \(down.joined(separator: ", "))", .warning))
        }
        return found
    }

    // MARK: - Clusters

    /// Addresses of a cluster that are alike.
    struct Group: Sendable {
        var addresses: String
        var verdict: VIPOwnership.Verdict
        var owners: String
        var reason: String
        var since: UTCTime?
    }

    func groups(of state: WatchModel.ClusterState) -> [Group] {
        var groups: [(key: String, members: [WatchModel.Shown])] = []
        for shown in state.shown {
            let key =
                "\(shown.ownership.verdict) \(shown.ownership.holders) \(shown.ownership.instance ?? "")"
            if let index = groups.firstIndex(where: { $0.key == key }) {
                groups[index].members.append(shown)
            } else {
                groups.append((key, [shown]))
            }
        }
        return groups.compactMap { _, members in
            members.first.map { first in
                Group(
                    addresses: first.ownership.vip.description
                        + (members.count > 1 ? " +\(members.count - 1)" : ""),
                    verdict: first.ownership.verdict,
                    owners: first.ownership.holders.map(\.name).joined(separator: ","),
                    reason: first.ownership.reason, since: first.since)
            }
        }
    }

    /// A row for each group of a cluster's addresses.
    func rows(of state: WatchModel.ClusterState) -> [Row] {
        let name = Table.Cell(state.cluster.name, .strong)
        let groups = groups(of: state)
        guard !groups.isEmpty else {
            let word = state.lookedAt == nil ? "asking" : "no address is known"
            return [[name, "-", Table.Cell(word, .warning), "-", "-", "-", "-"]]
        }
        return groups.enumerated().map { index, group in
            let verdict =
                state.isChanging
                ? Table.Cell("changing", .warning)
                : Table.Cell(group.verdict.rawValue, group.verdict.tone)
            let owner = state.shown.first?.ownership.trueOwner.flatMap { model.nodes[$0]?.sight }
            return [
                index == 0 ? name : "", Table.Cell(group.addresses), verdict,
                Table.Cell(group.owners.isEmpty ? "-" : group.owners), Table.Cell(age(group.since)),
                owner.map(servers) ?? "-", owner.map(checks) ?? "-",
            ]
        }
    }

    /// A row for each instance of each node.
    func nodeRows(of state: WatchModel.ClusterState) -> [Row] {
        state.cluster.nodes.flatMap { nodeRows(of: $0.id, among: state) }
    }

    private func nodeRows(of host: HostID, among state: WatchModel.ClusterState) -> [Row] {
        guard let node = model.nodes[host] else { return [] }
        let name = "  \(host)"
        guard node.silence == nil, node.facts != nil else {
            let word = node.silence == nil ? "asking" : "silent"
            return [
                [
                    Table.Cell(name), "-", Table.Cell(word, .bad), "",
                    Table.Cell(age(node.hearingSince)), "-", "-",
                ]
            ]
        }
        let sight = node.sight
        let held = Table.Cell(
            sight.held.isEmpty ? "none" : sight.held.count.of("address", plural: "addresses"))
        guard sight.keepalivedRuns != false else {
            return [
                [
                    Table.Cell(name), held, Table.Cell("no keepalived", .bad), "", "-", servers(sight),
                    checks(sight),
                ]
            ]
        }
        guard !sight.roles.isEmpty else {
            return [
                [
                    Table.Cell(name), held, Table.Cell("role unknown", .warning), "", "-", servers(sight),
                    checks(sight),
                ]
            ]
        }
        let isOne = sight.roles.count == 1
        return sight.roles.sorted { $0.key < $1.key }.enumerated().map { index, entry in
            let (instance, role) = entry
            return [
                Table.Cell(index == 0 ? name : ""), index == 0 ? held : "",
                Table.Cell((isOne ? "" : "\(instance) ") + role.words, role.tone), "",
                Table.Cell(age(node.roleSince[instance])), index == 0 ? servers(sight) : "",
                index == 0 ? checks(sight) : "",
            ]
        }
    }

    private func servers(_ sight: NodeSight) -> Table.Cell {
        if sight.haproxyRuns == false {
            return Table.Cell("no haproxy", sight.held.isEmpty ? .warning : .bad)
        }
        let (up, all) = sight.serversUp
        guard all > 0 else { return "-" }
        return Table.Cell("\(up)/\(all)", up == all ? nil : up == 0 ? .bad : .warning)
    }

    private func checks(_ sight: NodeSight) -> Table.Cell {
        let failing = sight.failingChecks
        if failing.isEmpty { return Table.Cell(sight.checks.isEmpty ? "-" : "ok") }
        return Table.Cell(failing.joined(separator: ",") + (failing.count == 1 ? " fails" : " fail"), .bad)
    }

    /// "3 min", with something before it; "-", or nothing, where it is not known.
    func age(_ since: UTCTime?, _ before: String? = nil) -> String {
        guard let since else { return before == nil ? "-" : "" }
        return (before ?? "") + max(.zero, now - since).roughly
    }
}

extension NodeSight.Role {
    /// "MASTER 150", "BACKUP 90 of 150".
    var words: String {
        let base = basePriority.flatMap { base in priority.flatMap { $0 < base ? " of \(base)" : nil } }
        return role.rawValue + (priority.map { " \($0)" } ?? "") + (base ?? "")
    }

    var tone: Style.Tone? {
        switch role {
        case .master: .strong
        case .backup: nil
        case .fault: .bad
        case .initial: .warning
        }
    }
}
