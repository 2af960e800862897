internal import Remote
internal import Synchronization

/// The standard error of one ssh process: sudo's part of it is answered, the command's part is kept.
final class Conversation: Sendable {
    private let state: Mutex<State>
    /// What is to be written to standard input, in order; ends with ``end()``.
    let inputs: AsyncStream<Input>
    private let send: AsyncStream<Input>.Continuation
    /// Standard input stays open after the command's input.
    let keepsInput: Bool

    /// What standard input gets next.
    enum Input: Sendable {
        case sudo(BecomeDialogue.Action)
        /// For a command that is held.
        case bytes([UInt8])
    }

    private struct State {
        var become: BecomeDialogue?
        var output: [UInt8] = []
        var errorOutput: [UInt8] = []
        /// The bound that was passed, once it was.
        var passedLimit: Int?
        var denial: RemoteError?
        var trial: SharedPassword.Trial?
        /// How long it has waited to be allowed to show the password, and since when it does.
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
        // Without sudo in between, the command has its input from the start.
        if become == nil { send.yield(.sudo(.ready)) }
    }

    /// Takes bytes of standard output; `false` when there were too many of them.
    func receiveOutput(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            guard state.passedLimit == nil else { return false }
            state.output.append(contentsOf: bytes)
            return keepsWithinLimits(&state)
        }
    }

    /// The bound that was passed, `nil` as long as none was. Nothing is kept from then on.
    var passedLimit: Int? { state.withLock { $0.passedLimit } }

    private func keepsWithinLimits(_ state: inout State) -> Bool {
        if let become = state.become, become.early.count > BecomeDialogue.longestPreamble {
            state.passedLimit = BecomeDialogue.longestPreamble
        } else if keepsInput, state.errorOutput.count > 2 * EndMarker.longestTail {
            // Of a command that is held only the word on its end is wanted.
            state.errorOutput.removeFirst(state.errorOutput.count - EndMarker.longestTail)
        } else if state.output.count + state.errorOutput.count > outputLimit + EndMarker.longest {
            state.passedLimit = outputLimit
        }
        return state.passedLimit == nil
    }

    /// Takes bytes of standard error; `false` when sudo has refused the password, or when there were too many of them.
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

    /// Waits for the password that may be shown here; `nil` where none may.
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

    /// Writes to a command that is held and has begun.
    func write(_ bytes: [UInt8]) { send.yield(.bytes(bytes)) }

    /// Nothing more is to be written.
    func end() { send.finish() }

    /// The time spent on another machine's answer to the password, or on a human's: not the command's own.
    var waited: Duration {
        state.withLock { $0.waited + ($0.waitsSince?.duration(to: .now) ?? .zero) }
    }

    /// Why sudo is not to be had, where the password is the reason.
    var denial: RemoteError? { state.withLock { $0.denial } }

    var outcome: (output: [UInt8], errorOutput: [UInt8], become: BecomeDialogue?) {
        state.withLock { ($0.output, $0.errorOutput, $0.become) }
    }
}
