import Glibc
import HaopsTestSupport
import Remote

/// What goes wrong: how it is made, and how it is taken back after the run.
struct InjectedFault: Hashable, Sendable {
    /// Where and when a fault is injected.
    struct Place: Sendable {
        var lab: LabFixture
        /// The node that the fault hits: the step's, or the scenario's main one.
        var node: String
        /// The process of haops.
        var process: pid_t
        /// The same command line once more.
        var again: [String]

        /// The other node of the pair.
        var peer: String { node == "lb1" ? "lb2" : "lb1" }

        /// Runs a script on the node's console, and expects that it succeeds.
        func onNode(_ script: String) async throws {
            let output = try await lab.console(node, script)
            guard output.status.isSuccess else {
                throw LabFixture.Failure.failed(command: "\(node): \(script)", output: output)
            }
        }
    }

    /// How long the fault itself may silence the addresses, besides what haops foretells for the verb.
    enum Silence: Sendable {
        case none
        /// The owner is gone: until the other node has waited its master-down time.
        case election
        /// The owner is gone while the other node's keepalived starts, or waits for its first checks.
        case start

        var milliseconds: Int {
            switch self {
            case .none: 0
            case .election: 800
            case .start: 4000
            }
        }
    }

    typealias Script = @Sendable (Place) async throws -> [String]

    var name: String
    /// A case is made of every `stride`-th step of a scenario.
    var stride: Int
    var silence = Silence.none
    /// The exit codes that are true after it. 137 is that of a killed process.
    var exits: Set<Int> = [0, 1, 3, 4, 6]
    /// The node that the fault leaves unable to answer until it is taken back; by default none.
    var silencesNode = false
    /// Whether the lock of the run may outlive it, because no node has learned that haops is gone.
    var leavesLock = false
    /// Whether steps hang with it, which end once it is over.
    var hangsSteps = false
    /// What may be left behind until its own time is up, as nobody could remove it and it finds nothing to do: the beginnings of names.
    var mayLeave: [String] = []
    /// Whether it is only there for a change that is made, not for one that is undone.
    var isOfMaking = false
    /// Runs longer than a minute: not in `make test`.
    var isLong = false
    /// The options that the run needs to meet the fault.
    var options: [String] = []
    /// Whether a scenario meets it at this step.
    var fits: @Sendable (FaultScenario, AnnouncedStep) -> Bool = { _, _ in true }
    /// Before the run begins.
    var prepare: Script = { _ in [] }
    /// At its step. Returns what is wrong with what it saw itself.
    var inject: Script
    /// After the run has ended.
    var takeBack: Script = { _ in [] }

    /// A fault of the lab of the same name, on the step's node, until the run has ended.
    static func ofTheLab(
        _ name: String, stride: Int, silence: Silence = .none, silencesNode: Bool = false,
        isLong: Bool = false
    ) -> InjectedFault {
        InjectedFault(
            name: name, stride: stride, silence: silence, silencesNode: silencesNode, isLong: isLong,
            inject: { place in
                try await place.lab.fault(name, place.node)
                return []
            },
            takeBack: { place in
                try await place.lab.heal(name, place.node)
                return []
            })
    }

    static func == (left: Self, right: Self) -> Bool { left.name == right.name }
    func hash(into hasher: inout Hasher) { hasher.combine(name) }

    static let all = onTheController + onTheConnection + onTheMachine + onTheDisk + onTheDaemons + onTheTools
}
