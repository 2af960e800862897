package import Checks
package import Facts
import HAProxy
package import Inventory
package import Keepalived
import Remote
package import Rendering

extension RenderedNode {
    /// What lint reads of this node's files, as if they were there already; of the node itself it knows what `answer` says.
    ///
    /// - `isComplete`: nothing will be installed: what is missing now is missing then.
    package func lintNode(
        version: KeepalivedVersion, answer: HostFacts? = nil, isComplete: Bool = true
    ) -> LintNode {
        let contents = files.map { ($0.path, ConfigurationFile($0.contents)) }
        let haproxy = files.first { $0.path == NodePaths.haproxyConfig }
        return LintNode(
            name: node.id.name, path: NodePaths.keepalivedConfig,
            files: FileSet(Dictionary(contents) { first, _ in first }), version: version,
            facts: scriptFacts(answer, isComplete: isComplete),
            haproxy: haproxy.map { HAProxyFile(path: $0.path, bytes: $0.contents) })
    }

    /// The scripts that keepalived is to run: those that go to the node, and those that it has of its own.
    private func scriptFacts(_ answer: HostFacts?, isComplete: Bool) -> NodeFacts {
        var facts = NodeFacts()
        let named = answer?.known(NamedPathsFact.self) ?? [:]
        var paths = NodeFacts.paths(named)
        if !isComplete { paths = paths.filter { $0.value.exists } }
        facts.tools = isComplete ? answer?.known(ToolsFact.self) : nil
        for file in files where file.isScript {
            let text = String(decoding: file.contents, as: UTF8.self)
            var path = NodeFacts.Path(path: file.path, mode: file.mode, contents: text)
            let owner = (file.owner ?? "root:root").split(separator: ":").map(String.init)
            if owner.count == 2 { (path.owner, path.group) = (owner[0], owner[1]) }
            path.parents = named[file.path]?.directories.map { NodeFacts.Path($0) } ?? []
            path.interpreter = file.interpreter
            // The kernel takes a carriage return for a part of the name.
            path.interpreterExists =
                path.interpreter?.hasSuffix("\r") != true
                && (!isComplete || path.interpreter.flatMap { paths[$0] }.map(\.exists) != false)
            paths[file.path] = path
        }
        facts.paths = paths
        return facts
    }

    /// What must be asked of the node so that its scripts can be judged.
    package static func scriptQuestions(_ node: Node, of cluster: Cluster) -> [any Fact] {
        let shipped = cluster.files(on: node)
        var programs = cluster.runPrograms.union(shipped.map(\.path))
        if let directory = cluster.keepalived?.notify.directory { programs.insert(directory + "/") }
        programs.formUnion(shipped.compactMap { $0.contents.interpreter })
        guard !programs.isEmpty else { return [] }
        return [NamedPathsFact(programs.sorted()), ToolsFact()]
    }
}

extension RenderedFile {
    fileprivate var isScript: Bool {
        switch role {
        case .checkScript, .notifyScript: true
        case .shipped: mode & 0o100 != 0 || contents.interpreter != nil
        default: false
        }
    }

    fileprivate var interpreter: String? { contents.interpreter }
}

extension [UInt8] {
    /// The program behind `#!` of the first line.
    fileprivate var interpreter: String? {
        guard starts(with: "#!".utf8) else { return nil }
        let line = dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
        return String(decoding: line, as: UTF8.self).split { $0 == " " || $0 == "\t" }.first
            .map(String.init)
    }
}

extension Preflight {
    /// The release that brought `vrrp_track_file`.
    private static let firstToFollowFiles = KeepalivedVersion(2, 0, 0)

    /// The keepalived that is installed there; `nil` where none is, and where it does not say.
    private func release(on node: HostID) -> KeepalivedVersion? {
        facts[node]?.known(KeepalivedFact.self)?.version
    }

    /// Puts in a plan's way what lint calls an error in the files it would write, and notes what it warns of.
    ///
    /// The files are judged as peers, also those of nodes that are not to be changed, and for the keepalived that each
    /// node has.
    func addLintFindings(of rendered: [RenderedNode], to plan: inout ClusterPlan) {
        guard !plan.isEmpty else { return }
        if plan.cluster.keepalived?.instances.contains(where: \.followsHandover) == true {
            for index in plan.nodes.indices {
                guard let release = release(on: plan.nodes[index].node.id),
                    release < Self.firstToFollowFiles
                else { continue }
                plan.nodes[index].obstacles.append(
                    "keepalived \(release) follows no files, which \(Self.firstToFollowFiles) does, and would misread "
                        + "its instances: write `handover: false` in each of them")
            }
        }
        let findings = Linter().run(
            rendered.map { node in
                node.lintNode(
                    version: release(on: node.node.id) ?? .assumed,
                    answer: facts[node.node.id],
                    isComplete: plan.nodes.first { $0.node.id == node.node.id }?.packages.isEmpty == true)
            }
        ).findings
        for finding in findings where finding.severity > .info {
            let concerned = plan.nodes.firstIndex { finding.nodes.contains($0.node.id.name) }
            guard let index = concerned ?? plan.nodes.indices.first else { continue }
            let text = finding.planLine
            // The planner judges what daemons read anew; this is said of the rest, too.
            guard !plan.nodes[index].obstacles.contains(text), !plan.nodes[index].notes.contains(text) else {
                continue
            }
            if finding.severity == .error {
                plan.nodes[index].obstacles.append(text)
            } else {
                plan.nodes[index].notes.append(text)
            }
        }
    }
}
