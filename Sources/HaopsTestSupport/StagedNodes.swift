package import Remote

/// Nodes that shell functions simulate: a node's commands run on this machine, in a real shell, after these
/// definitions.
package struct StagedNodes: Transport {
    /// By node: `ip() { … }` and the like.
    package var scenes: [HostID: String]

    package init(scenes: [HostID: String]) { self.scenes = scenes }

    package func withSession<Result: Sendable>(
        to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Result
    ) async throws -> Result {
        guard let scene = scenes[target.id] else {
            throw RemoteError.unreachable(host: target.id, cause: "refused", hint: nil)
        }
        return try await LocalTransport(scene: scene).withSession(to: target, body)
    }

    /// A simulated `ip` with one interface and its addresses.
    package static func card(
        _ name: String = "eth1", mac: String = "02:00:00:00:01:0b", flags: String = "UP,LOWER_UP",
        addresses: [String] = []
    ) -> String {
        let lines = addresses.map { "echo '    inet \($0) scope global \(name)'" }
        return """
            ip() {
              case "$*" in
                '-o link show'*) echo '2: \(name): <\(flags)> mtu 1500\\    link/ether \(mac) brd ff:ff:ff:ff:ff:ff' ;;
                'addr show')
                  echo '2: \(name): <\(flags)> mtu 1500'
                  echo '    link/ether \(mac) brd ff:ff:ff:ff:ff:ff'
                  \(lines.joined(separator: "; "))
                  ;;
                *) return 1 ;;
              esac
            }

            """
    }
}
