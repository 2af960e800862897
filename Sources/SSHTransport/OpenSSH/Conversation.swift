internal import Synchronization

/// The standard error of one ssh process: sudo's part of it is answered, the command's part is kept.
final class Conversation: Sendable {
    private let state: Mutex<State>
    /// What is to be written to standard input, in order; ends with ``end()``.
    let actions: AsyncStream<BecomeDialogue.Action>
    private let send: AsyncStream<BecomeDialogue.Action>.Continuation
    /// Standard input stays open after the command's input.
    let keepsInput: Bool

    private struct State {
        var become: BecomeDialogue?
        var errorOutput: [UInt8] = []
        var isPasswordRefused = false
    }

    init(_ become: BecomeDialogue?, keepsInput: Bool = false) {
        state = Mutex(State(become: become))
        self.keepsInput = keepsInput
        (actions, send) = AsyncStream.makeStream()
        // Without sudo in between, the command has its input from the start.
        if become == nil { send.yield(.ready) }
    }

    /// Takes bytes of standard error; `false` when sudo has refused the password.
    func receive(_ bytes: [UInt8]) -> Bool {
        let actions = state.withLock { state -> [BecomeDialogue.Action] in
            guard state.become != nil else {
                state.errorOutput.append(contentsOf: bytes)
                return []
            }
            let actions = state.become?.receive(bytes, output: &state.errorOutput) ?? []
            if actions.contains(.passwordRefused) { state.isPasswordRefused = true }
            return actions
        }
        for action in actions { send.yield(action) }
        return !isPasswordRefused
    }

    /// Nothing more is to be written.
    func end() { send.finish() }

    var isPasswordRefused: Bool { state.withLock { $0.isPasswordRefused } }

    var outcome: (errorOutput: [UInt8], become: BecomeDialogue?) {
        state.withLock { ($0.errorOutput, $0.become) }
    }
}
