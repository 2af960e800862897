import FoundationEssentials
import HaopsTestSupport
import Remote

/// What must hold after every case, whatever it was.
struct FaultVerdict {
    let one: FaultCase
    let sight: FaultTrial.Sight

    /// The longest time for which the rollback of a run over this pair is scheduled, in seconds (`RolloutTiming.kept`).
    private static let longestRollback = 340

    var violations: [String] {
        sight.violations + steps + exitCode + truth + wholeFiles + schedules + leftovers
    }

    /// A run without a fault announces the steps that the table has, so that none is forgotten.
    private var steps: [String] {
        guard one.fault == nil, Set(sight.steps) != Set(one.scenario.steps) else { return [] }
        return ["announced were \(Set(sight.steps).map(\.description).sorted()), not \(one.scenario.steps)"]
    }

    private var code: Int? { if case .code(let code) = sight.first.status { code } else { nil } }

    /// haops ends by itself, with a code of its table, and not without a word.
    private var exitCode: [String] {
        var allowed = one.fault?.exits ?? [0]
        if one.fault != nil, [.drill, .fix].contains(one.scenario), !allowed.contains(137) {
            allowed.insert(5)
        }
        guard let code, allowed.contains(code) else {
            return [
                "ended with \(sight.first.status), not with one of \(allowed.sorted()): \(sight.first.everything)"
            ]
        }
        return code != 137 && sight.first.said.isEmpty ? ["said nothing"] : []
    }

    /// What haops says of each node is so.
    private var truth: [String] {
        guard one.scenario.toggles != nil, let code, code != 137 else { return [] }
        return ManagedPair.nodes.flatMap { node -> [String] in
            guard let before = sight.before[node]?.files, let after = sight.after[node]?.files,
                let target = sight.final[node]?.files
            else { return [] }
            let fate = fates[node] ?? ""
            let isOld = after == before
            let isNew = after == target
            if code == 0 || fate == "changed and verified", !isNew {
                return ["\(node) is said to be changed, and is not"]
            }
            if code == 3 || code == 4 || ["not touched", "put back as it was"].contains(fate), !isOld {
                return ["\(node) is said to be as before (\(sight.first.status), \(fate)), and is not"]
            }
            if fate.hasPrefix("restored, but not verified"), !isOld {
                return ["\(node) is said to be restored, and is not"]
            }
            return []
        }
    }

    /// What the first run's document says of each node.
    private var fates: [String: String] {
        struct Node: Decodable {
            var node: String
            var fate: String
        }
        struct Cluster: Decodable { var nodes: [Node]? }
        struct Document: Decodable { var clusters: [Cluster]? }
        let document = try? JSONDecoder().decode(Document.self, from: Data(sight.first.stdout))
        let nodes = (document?.clusters ?? []).flatMap { $0.nodes ?? [] }
        return Dictionary(nodes.map { ($0.node, $0.fate) }) { first, _ in first }
    }

    /// Every file is the old one or the new one, and nobody else's appears or is lost.
    private var wholeFiles: [String] {
        ManagedPair.nodes.flatMap { node -> [String] in
            guard let before = sight.before[node]?.files, let after = sight.after[node]?.files,
                let final = sight.final[node]?.files
            else { return ["nobody looked at \(node)"] }
            var wrong = after.filter { before[$0.key] != $0.value && final[$0.key] != $0.value }
                .map { "\(node): /etc/\($0.key.dropFirst(2)) is neither the old nor the new one" }
            wrong += Set(before.keys).intersection(final.keys).subtracting(after.keys)
                .map { "\(node): /etc/\($0.dropFirst(2)) is gone" }
            wrong += Set(final.keys).subtracting(before.keys).map {
                "\(node): /etc/\($0.dropFirst(2)) is foreign"
            }
            return wrong.sorted()
        }
    }

    /// After the first run a scheduled rollback has its timer, and an end.
    private var schedules: [String] {
        sight.after.flatMap { node, state -> [String] in
            guard let due = state.rollsBackIn else { return [] }
            if due > Self.longestRollback {
                return ["\(node): its rollback is scheduled for \(due) s from now"]
            }
            return state.hasTimer ? [] : ["\(node): its rollback has no timer"]
        }
    }

    /// After the second run nothing is scheduled, locked, noted or half written, except for what the operator was told of.
    private var leftovers: [String] {
        sight.final.flatMap { node, state in
            (state.pending + state.unfinished).filter { left in
                !sight.first.said.contains("\(left) could not be removed")
                    // What an earlier case was told of.
                    && sight.before[node]?.unfinished.contains(left) != true
                    && one.fault?.mayLeave.contains(where: { left.hasPrefix($0) }) != true
            }
            .map { "\(node): left behind: \($0)" }
        }.sorted()
    }
}
