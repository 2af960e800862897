import Facts
import Inventory
import Remote
import Rendering

/// What a plan of `apply` was based on, in a form that outlives its process: what each node is to have, what it had, who owned
/// what, and the work that follows from it.
///
/// Contents are digests: files have secrets in them. The digests are salted, and still not for everybody's eyes, because a short
/// password can be guessed.
package struct PlanBasis: Codable, Hashable, Sendable {
    /// By name, what each node had and was to have. The name says what it is: ``Item``.
    package var nodes: [String: [String: String]]
    /// By instance, its owner; empty for none.
    package var owners: [String: String]
    /// A digest of the steps and of the moves that were shown.
    package var work: String

    /// A kind of thing on a node that a plan is based on, in the words of a report.
    private enum Item {
        static func wanted(_ path: String) -> String { "what \(path) is to be" }
        static func found(_ path: String) -> String { "\(path) there" }
        static func service(_ name: String) -> String { "\(name) there" }
        static func setting(_ key: String) -> String { "the kernel setting \(key)" }
        static func package(_ name: String) -> String { "the package \(name)" }
    }

    /// - `salt`: random, the same for two bases that are compared.
    init(
        _ plan: ClusterPlan, facts: [(node: Node, facts: Result<HostFacts, RemoteError>)], view: ClusterView,
        salt: [UInt8]
    ) {
        func digest(_ bytes: [UInt8]) -> String { SHA256.hexDigest(of: salt + bytes) }
        func file(_ contents: [UInt8]?, _ mode: Int, _ owner: String?) -> String {
            contents.map { "\(String(mode, radix: 8)) \(owner ?? "-") \(digest($0))" } ?? "absent"
        }
        nodes = [:]
        for case (let node, .success(let facts)) in facts {
            var items: [String: String] = [:]
            for wanted in plan.goal.desired?[node.id]?.files ?? [] {
                items[Item.wanted(wanted.path)] = file(wanted.contents, wanted.mode, wanted.owner)
            }
            let files = (facts.known(ConfigurationFilesFact.self)?.files ?? [:])
                .merging(facts.known(FilesFact.self) ?? [:]) { $1 }
            for (path, found) in files {
                items[Item.found(path)] =
                    found.kind == .absent ? "absent" : file(found.contents, found.mode, found.owner)
            }
            for (name, service) in facts.known(ServicesFact.self) ?? [:] {
                let words = [
                    service.isInstalled ? (service.isRunning ? "runs" : "does not run") : "is not installed",
                    service.isEnabled.map { $0 ? "starts at boot" : "does not start at boot" },
                ]
                items[Item.service(name)] = words.compactMap(\.self).joined(separator: ", ")
            }
            for setting in plan.goal.desired?[node.id]?.sysctls ?? [] {
                items[Item.setting(setting.key)] =
                    "\(facts.known(SysctlFact.self)?[setting.key] ?? "not there"), to be \(setting.value)"
            }
            for name in plan.goal.desired?[node.id]?.packages ?? [] {
                let isThere = facts.known(PackagesFact.self)?.contains(name) == true
                items[Item.package(name)] = isThere ? "installed" : "not installed"
            }
            nodes[node.id.name] = items
        }
        owners = view.owners(in: plan.cluster).mapValues { $0?.name ?? "" }
        let shown =
            plan.steps.map { "\($0.node?.name ?? "") \($0.what)" }
            + (plan.moves + plan.returns).map { "\($0.instance) \($0.from) \($0.to?.name ?? "") \($0.means)" }
            + plan.nodes.flatMap(\.firewall.commands)
        work = digest(Array(shown.joined(separator: "\n").utf8))
    }

    /// What is not as it was when `earlier` was recorded, a sentence each; empty when the plan still fits.
    package func moved(since earlier: PlanBasis) -> [String] {
        var sentences: [String] = []
        for instance in Set(owners.keys).union(earlier.owners.keys).sorted() {
            let (before, now) = (earlier.owners[instance] ?? "", owners[instance] ?? "")
            guard before != now else { continue }
            func words(_ owner: String) -> String { owner.isEmpty ? "nobody" : "`\(owner)`" }
            sentences.append("`\(instance)`: \(words(before)) owned it, and \(words(now)) does now")
        }
        for node in Set(nodes.keys).union(earlier.nodes.keys).sorted() {
            guard let before = earlier.nodes[node] else {
                sentences.append("`\(node)`: was not in the plan")
                continue
            }
            guard let now = nodes[node] else {
                sentences.append("`\(node)`: is not in the inventory's cluster any more, or was not asked")
                continue
            }
            for item in Set(before.keys).union(now.keys).sorted() where before[item] != now[item] {
                sentences.append("`\(node)`: \(Self.words(item, before[item], now[item]))")
            }
        }
        if sentences.isEmpty, work != earlier.work {
            sentences.append("the work that would be done is another")
        }
        return sentences
    }

    /// "keepalived there: runs, starts at boot → does not run, starts at boot"; of contents, only that they differ.
    private static func words(_ item: String, _ before: String?, _ now: String?) -> String {
        func isPlain(_ value: String?) -> Bool { value.map { $0.utf8.count < 64 } ?? true }
        guard isPlain(before), isPlain(now) else {
            if before == nil || before == "absent" { return "\(item): new since the plan" }
            return now == nil || now == "absent" ? "\(item): gone since the plan" : "\(item): has changed"
        }
        return "\(item): \(before ?? "not known") → \(now ?? "not known")"
    }
}
