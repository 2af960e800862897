internal import Remote
internal import Synchronization

/// Processes the streams of one ssh process: answers sudo's prompts, and keeps the command's output.
final class Conversation: Sendable {
    private let state: Mutex<State>
    /// The writes to standard input, in order; ends with ``end()``.
    let inputs: AsyncStream<Input>
    private let send: AsyncStream<Input>.Continuation
    /// Standard input stays open after the command's input.
    let keepsInput: Bool

    /// One write to standard input.
    enum Input: Sendable {
        case sudo(BecomeDialogue.Action)
        /// For a held command.
        case bytes([UInt8])
    }

    private struct State {
        var become: BecomeDialogue?
        var output: [UInt8] = []
        var errorOutput: [UInt8] = []
        /// The limit that was exceeded, if any.
        var passedLimit: Int?
        var denial: RemoteError?
        var trial: SharedPassword.Trial?
        /// How long the command has waited for permission to use the password, and since when it waits.
        var waited = Duration.zero
        var waitsSince: ContinuousClock.Instant?
    }

    private let host: HostID
    private let outputLimit: Int

    /// - `outputLimit`: the most that is kept of both streams together.
    init(_ become: BecomeDialogue?, host: HostID, outputLimit: Int, keepsInput: Bool = false) {
        self.host = host
        self.outputLimit = outputLimit
        state = Mutex(State(become: become))
        self.keepsInput = keepsInput
        (inputs, send) = AsyncStream.makeStream()
        // Without sudo, the command gets its input at once.
        if become == nil { send.yield(.sudo(.ready)) }
    }

    /// Processes bytes of standard output; `false` when there are too many.
    func receiveOutput(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            guard state.passedLimit == nil else { return false }
            state.output.append(contentsOf: bytes)
            return keepsWithinLimits(&state)
        }
    }

    /// The limit that was exceeded; `nil` if none was. Output beyond it is not kept.
    var passedLimit: Int? { state.withLock { $0.passedLimit } }

    private func keepsWithinLimits(_ state: inout State) -> Bool {
        if let become = state.become, become.early.count > BecomeDialogue.longestPreamble {
            state.passedLimit = BecomeDialogue.longestPreamble
        } else if keepsInput, state.errorOutput.count > 2 * EndMarker.longestTail {
            // Of a held command's standard error only the end marker is needed.
            state.errorOutput.removeFirst(state.errorOutput.count - EndMarker.longestTail)
        } else if state.output.count + state.errorOutput.count > outputLimit + EndMarker.longest {
            state.passedLimit = outputLimit
        }
        return state.passedLimit == nil
    }

    /// Processes bytes of standard error; `false` when sudo has refused the password, or when there are too many.
    func receive(_ bytes: [UInt8]) -> Bool {
        let actions = state.withLock { state -> [BecomeDialogue.Action] in
            guard state.passedLimit == nil else { return [] }
            defer { _ = keepsWithinLimits(&state) }
            guard state.become != nil else {
                state.errorOutput.append(contentsOf: bytes)
                return []
            }
            let actions = state.become?.receive(bytes, output: &state.errorOutput) ?? []
            if actions.contains(.ready) { state.trial?.accepted() }
            if actions.contains(.passwordRefused) {
                state.trial?.refused(by: "`\(host)`")
                state.denial = BecomeDialogue.passwordRefused(host: host)
            }
            return actions
        }
        for action in actions { send.yield(.sudo(action)) }
        return state.withLock { $0.denial == nil && $0.passedLimit == nil }
    }

    /// Waits until the password may be used here; `nil` when it may not.
    func take(_ password: SharedPassword?) async -> String? {
        state.withLock { $0.waitsSince = .now }
        let turn = await password?.turn() ?? .missing
        state.withLock { state in
            state.waited += state.waitsSince?.duration(to: .now) ?? .zero
            state.waitsSince = nil
        }
        switch turn {
        case .proven(let password): return password
        case .trial(let password, let trial):
            state.withLock { $0.trial = trial }
            return password
        case .refused(let machine):
            state.withLock { $0.denial = BecomeDialogue.passwordRefused(host: host, by: machine) }
            return nil
        case .missing: return nil
        }
    }

    /// Writes to a held command that has begun.
    func write(_ bytes: [UInt8]) { send.yield(.bytes(bytes)) }

    /// Ends standard input.
    func end() { send.finish() }

    /// The time spent waiting for another machine's answer to the password, or for a person. It does not count
    /// for the command's time limit.
    var waited: Duration {
        state.withLock { $0.waited + ($0.waitsSince?.duration(to: .now) ?? .zero) }
    }

    /// Why sudo refuses, when the password is the reason.
    var denial: RemoteError? { state.withLock { $0.denial } }

    var outcome: (output: [UInt8], errorOutput: [UInt8], become: BecomeDialogue?) {
        state.withLock { ($0.output, $0.errorOutput, $0.become) }
    }
}
