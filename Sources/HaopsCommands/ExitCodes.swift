package import ArgumentParser

/// The exit codes of haops: one table, for the program, the README and the tests.
package enum HaopsExit: Int32, CaseIterable, Sendable {
    case done = 0
    case failed = 1
    case changesPending = 2
    case refused = 3
    case unreachable = 4
    case badState = 5
    case outcomeUnknown = 6
    case usage = 64
    case interrupted = 130

    package var meaning: String {
        switch self {
        case .done: "done; or looked, and all is well"
        case .failed: "failed on at least one node"
        case .changesPending: "changes are pending (`plan --detailed-exitcode`)"
        case .refused: "refused by a safety gate, nothing changed"
        case .unreachable: "a node was unreachable, so the answer is not complete"
        case .badState: "looked, and the state is bad: split-brain, no owner, lint or doctor errors"
        case .outcomeUnknown: "the outcome is unknown (connection lost after a change was sent)"
        case .usage: "usage, or an invalid inventory"
        case .interrupted: "interrupted: says what is and what is not done"
        }
    }

    /// For the help of the program.
    static let ofAll = allCases.map { "\($0.rawValue) \($0.meaning)." }.joined(separator: " ")

    /// For the help of the verbs that change clusters.
    static let ofChanges = """
        Exit: 0 done, or nothing to do; 1 it failed, and says what stands; 3 refused, nothing changed; 4 a node did not \
        answer, nothing changed; 6 the outcome is unknown; 130 interrupted, and says what is done.
        """

    package var code: ExitCode { ExitCode(rawValue) }
}

/// Ends the verb with an exit code after the reason was printed.
struct Ended: Error {
    var exit: HaopsExit
}

/// An error with its exit code: what went wrong, and a hint that is printed on its own line.
struct Failure: Error {
    var exit: HaopsExit
    var message: String
    var hint: String?

    init(_ exit: HaopsExit, _ message: String, hint: String? = nil) {
        self.exit = exit
        self.message = message
        self.hint = hint
    }
}
