import Events
import FoundationEssentials
import Inventory
import Rollout

/// A plan of `apply` in a file, from `plan --out` for `apply FILE`: the selection, and what the plan was based on.
///
/// It is made again from the inventory when it is applied, and applied only when nothing has moved: so what was reviewed is what is
/// done. It has no secret and no file contents.
struct PlanFile: Codable, Sendable {
    /// The version of this form.
    static let currentForm = 1

    var haopsPlan = Self.currentForm
    /// When and by whom it was made.
    var made: String
    var by: String
    /// The inventory's absolute path.
    var inventory: String
    var clusters: [String]
    var limit: String?
    /// Random bytes.
    var salt: [UInt8]
    /// By cluster.
    var basis: [String: PlanBasis]

    static func newSalt() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    /// - Throws: ``Failure`` when the file cannot be read or is no plan.
    init(at path: String) throws {
        let file: LocalFile
        do { file = try LocalFile(path: path, limit: 64_000_000) } catch {
            throw Failure(.usage, "cannot read the plan `\(path)`: \(error.reason)")
        }
        guard let plan = try? JSONDecoder().decode(PlanFile.self, from: Data(file.bytes)) else {
            throw Failure(
                .usage, "`\(path)` is no plan of haops",
                hint: "haops plan --out FILE writes one; an inventory is named with -i")
        }
        guard plan.haopsPlan == Self.currentForm else {
            throw Failure(
                .usage, "`\(path)` was made by another version of haops",
                hint: "make it again: haops plan --out FILE")
        }
        self = plan
    }

    /// - `inventory`: its path; a relative one is of the working directory.
    init(_ plans: [ClusterPlan], inventory: String, limit: String?, salt: [UInt8], by operator: String) {
        made = UTCTime.now.iso8601InSeconds
        by = `operator`
        self.inventory =
            inventory.hasPrefix("/") ? inventory : "\(FileManager.default.currentDirectoryPath)/\(inventory)"
        clusters = plans.map(\.cluster.name)
        self.limit = limit
        self.salt = salt
        basis = Dictionary(plans.compactMap { plan in plan.basis.map { (plan.cluster.name, $0) } }) { $1 }
    }

    /// Readable for its owner alone: a digest of a short password can be guessed.
    ///
    /// - Throws: ``Failure`` with the cause.
    func write(to path: String) throws {
        let text = OutputEncoder(names: .verbatim).encode(self).json + "\n"
        try WholeFile.write(text.utf8, to: path, mode: 0o600)
    }

    /// - Throws: ``Failure`` with everything that has moved since it was made. A node that does not answer has not moved; the run
    ///   says that by itself.
    func requireNothingMoved(in plans: [ClusterPlan]) throws {
        let answered = plans.filter(\.unreachable.isEmpty)
        let gone = Set(clusters).subtracting(plans.map(\.cluster.name)).sorted().map {
            "cluster `\($0)`: is not in the inventory any more"
        }
        let moved = gone + self.moved(in: answered)
        guard !moved.isEmpty else { return }
        throw Failure(
            .refused,
            "nothing was done: what the plan of \(made) was based on has moved\n"
                + moved.map { "  \($0)" }.joined(separator: "\n"),
            hint: "look at a new one: haops plan --out FILE")
    }

    private func moved(in plans: [ClusterPlan]) -> [String] {
        plans.flatMap { plan -> [String] in
            guard let now = plan.basis else { return [] }
            guard let before = basis[plan.cluster.name] else {
                return ["cluster `\(plan.cluster.name)`: was not in the plan"]
            }
            return now.moved(since: before).map { plans.count > 1 ? "\(plan.cluster.name): \($0)" : $0 }
        }
    }
}
