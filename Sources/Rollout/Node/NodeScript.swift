import Facts
import Remote

/// One operation on a node: shipped shell code, preceded by this run's values.
///
/// Values are passed as quoted assignments, file contents on standard input; a script never contains a secret.
struct NodeScript: Sendable {
    /// The shipped parts, in `Scripts/`.
    enum Part: Sendable {
        case common, files, services, arming, aside, lock, unlock, stage, validate, activate, revert, extend,
            confirm, hold, held, finish, priorityOverride, packages, reread, fix, announce, failures, drill,
            mend, note, servers, keep, reapply

        var text: String {
            let before =
                switch self {
                // Scripts and facts must recognise a daemon's processes by the same rules.
                case .services: DaemonProcesses.function + "\n"
                // Facts and scripts must agree on what only root can change.
                case .files, .failures: RootsPath.function + "\n"
                // Facts and scripts must ask the same socket.
                case .servers: HAProxySocket.adminFunctions + "\n"
                // A scheduled rollback also happens at the next boot.
                case .arming: String(decoding: PackageResources.boot_sh, as: UTF8.self)
                default: ""
                }
            let bytes =
                switch self {
                case .common: PackageResources.common_sh
                case .files: PackageResources.files_sh
                case .services: PackageResources.services_sh
                case .arming: PackageResources.arming_sh
                case .aside: PackageResources.aside_sh
                case .lock: PackageResources.lock_sh
                case .unlock: PackageResources.unlock_sh
                case .stage: PackageResources.stage_sh
                case .validate: PackageResources.validate_sh
                case .activate: PackageResources.activate_sh
                case .revert: PackageResources.revert_sh
                case .extend: PackageResources.extend_sh
                case .confirm: PackageResources.confirm_sh
                case .hold: PackageResources.hold_sh
                case .held: PackageResources.held_sh
                case .finish: PackageResources.finish_sh
                case .priorityOverride: PackageResources.lift_sh
                case .packages: PackageResources.packages_sh
                case .reread: PackageResources.reread_sh
                case .fix: PackageResources.fix_sh
                case .announce: PackageResources.announce_sh
                case .failures: PackageResources.failures_sh
                case .drill: PackageResources.drill_sh
                case .mend: PackageResources.mend_sh
                case .note: PackageResources.note_sh
                case .servers: PackageResources.servers_sh
                case .keep: PackageResources.keep_sh
                case .reapply: PackageResources.reapply_sh
                }
            return before + String(decoding: bytes, as: UTF8.self)
        }
    }

    /// What every script knows about the run.
    struct Context: Sendable {
        var run: String
        var who: String
        var what: String
        /// Whether the run holds the node's lock; a script changes nothing once the lock is lost.
        var isLocked = false
        /// A temporary directory in tests, empty on nodes.
        var root: String = ""
    }

    var context: Context
    var values: [(name: String, value: String)]
    var parts: [Part]

    init(_ context: Context, _ parts: [Part], _ values: [(name: String, value: String)] = []) {
        self.context = context
        self.parts = parts
        self.values = values
    }

    var text: String {
        let base = [
            ("ROOT", context.root), ("RUN", context.run), ("WHO", context.who), ("WHAT", context.what),
            ("LOCKED", context.isLocked ? "yes" : ""),
        ]
        let assignments = (base + values).map { "\($0.0)=\($0.1.shellQuoted)\n" }.joined()
        return assignments + ([Part.common] + parts).map(\.text).joined(separator: "\n")
    }

    func command(
        _ operation: String, input: [UInt8] = [], changes: Bool, timeout: Duration
    ) -> Command {
        Command(text, operation: operation, input: input, changes: changes, timeout: timeout)
    }
}
