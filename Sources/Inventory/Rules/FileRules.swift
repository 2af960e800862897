import Remote

/// Files whose paths conflict on a node, and scripts that are not executable.
func fileProblems(of cluster: Cluster, in fleet: Fleet) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    let scripts = cluster.runPrograms
    for node in cluster.nodes {
        let files = cluster.files(on: node)
        let paths = Set(files.map(\.path))
        for file in files {
            let place = fleet.location(
                of: .nodeFile(node.id, path: file.path), .file(cluster: cluster.name, path: file.path),
                .node(node.id))
            if let above = directories(above: file.path).first(where: paths.contains) {
                problems.append(
                    Diagnostic(
                        .error, at: place,
                        "\(quoted(file.path)) lies below \(quoted(above)), which is a file",
                        remedy: "choose another place for one of the two"))
            }
            if scripts.contains(file.path), file.mode & 0o100 == 0 {
                problems.append(
                    Diagnostic(
                        .error,
                        at: fleet.location(
                            of: .nodeFileMode(node.id, path: file.path),
                            .fileMode(cluster: cluster.name, path: file.path),
                            .nodeFile(node.id, path: file.path),
                            .file(cluster: cluster.name, path: file.path)),
                        "keepalived is to run \(quoted(file.path)), and its mode does not allow that",
                        remedy: "write `mode: \"0755\"`"))
            }
        }
    }
    return problems
}

/// `/a/b` and `/a` for `/a/b/c`.
private func directories(above path: String) -> [String] {
    path.indices.filter { path[$0] == "/" && $0 != path.startIndex }.map { String(path[..<$0]) }
}

extension Cluster {
    /// The programs that keepalived runs: those of `scripts` and of `notify`.
    package var runPrograms: Set<String> {
        guard let keepalived else { return [] }
        return Set(keepalived.scripts.compactMap { $0.run.split(separator: " ").first.map(String.init) })
            .union(keepalived.notify.scripts)
    }
}
