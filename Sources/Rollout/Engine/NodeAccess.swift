import Inventory
import Remote

/// All that the engine of a run wants of the world: scripts on nodes, observations, and whether addresses answer.
///
/// The real one is ``RemoteNodes``. The engine itself has neither network nor clock of its own, so a simulated cluster
/// can take the place of both.
protocol NodeAccess: Sendable {
    /// - `changes`: whether the script changes the node, so that a lost connection leaves its outcome unknown.
    /// - `anew`: uses a new login, which proves that logging in works.
    func run(
        _ script: NodeScript, on node: Node, _ operation: String, input: [UInt8], changes: Bool,
        timeout: Duration, anew: Bool
    ) async -> Result<CommandOutput, RemoteError>

    /// Observes the whole cluster once.
    ///
    /// - `loggingIn`: nodes that are asked over a new login.
    func look(at cluster: Cluster, loggingIn: Set<HostID>) async -> ClusterViewer.Look

    /// A gate that knows how the addresses answer now, before a change; `nil` where nobody can ask.
    func answerGate(for cluster: Cluster) async -> AnswerGate?
}

/// Nodes behind a transport.
struct RemoteNodes: NodeAccess {
    var transport: any Transport

    func run(
        _ script: NodeScript, on node: Node, _ operation: String, input: [UInt8], changes: Bool,
        timeout: Duration, anew: Bool
    ) async -> Result<CommandOutput, RemoteError> {
        let command = script.command(operation, input: input, changes: changes, timeout: timeout)
        return anew
            ? await transport.askAnew(node.target, command) : await transport.ask(node.target, command)
    }

    func look(at cluster: Cluster, loggingIn: Set<HostID>) async -> ClusterViewer.Look {
        await ClusterViewer(transport: transport, cluster: cluster).look(loggingIn: loggingIn)
    }

    func answerGate(for cluster: Cluster) async -> AnswerGate? {
        await .before(changing: cluster, over: transport)
    }
}
