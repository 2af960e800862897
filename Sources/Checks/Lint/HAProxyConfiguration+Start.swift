import Addresses
package import Facts
package import HAProxy

extension HAProxyConfiguration {
    /// Reasons that certainly prevent haproxy from starting on a machine although `haproxy -c` accepts the file.
    ///
    /// - `state`: the current listeners; an address on which haproxy itself listens is no obstacle.
    package func obstaclesToStart(needs: HAProxyNeeds?, state: HAProxyState?) -> [String] {
        var obstacles: [String] = []
        for need in neededDirectories where needs?.missingDirectories.contains(need.path) == true {
            // The service manager may create it at start.
            if state?.isRunning != true, need.path.hasPrefix("/run/") || need.path.hasPrefix("/var/run/") {
                continue
            }
            obstacles.append(
                "haproxy would not start: `\(need.keyword)` at \(need.location.file):\(need.location.line) needs the "
                    + "directory `\(need.path)`, which is not there: create it")
        }
        for bind in binds where !bind.isInNamespace {
            guard let port = Int(bind.port),
                let address = bind.address ?? (bind.endpoint.isAny ? .v4(0) : nil),
                let other = state?.foreignListener(on: address, port: port)
            else { continue }
            obstacles.append(
                "haproxy would not start: \(bind.text) at \(bind.location.file):\(bind.location.line) is taken by "
                    + "\(other.process.map { "`\($0)`" } ?? "another process") (see `ss -ltnp`)")
        }
        if let maxconn, isStrictAboutLimits, let most = needs?.mostFiles, maxconn.value > most / 2 {
            obstacles.append(
                "haproxy would not start: `maxconn \(maxconn.value)` at \(maxconn.location.file):\(maxconn.location.line) "
                    + "needs two files for each connection, and no process may open more than \(most)")
        }
        return obstacles
    }
}
