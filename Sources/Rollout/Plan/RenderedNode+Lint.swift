package import Checks
package import Facts
import HAProxy
package import Inventory
package import Keepalived
import Remote
package import Rendering

extension RenderedNode {
    /// What lint reads of this node's files as if they were in place; the node's own facts come from `answer`.
    ///
    /// - `isComplete`: nothing will be installed, so what is missing now stays missing.
    package func lintNode(
        version: KeepalivedVersion, answer: HostFacts? = nil, isComplete: Bool = true
    ) -> LintNode {
        let contents = files.map { ($0.path, ConfigurationFile($0.contents)) }
        let haproxy = files.first { $0.path == NodePaths.haproxyConfig }
        return LintNode(
            name: node.id.name, path: NodePaths.keepalivedConfig,
            files: FileSet(Dictionary(contents) { first, _ in first }),
            configID: configID(answer), version: version,
            facts: scriptFacts(answer, isComplete: isComplete),
            haproxy: haproxy.map { HAProxyConfiguration(path: $0.path, bytes: $0.contents) })
    }

    /// The word that `@id` lines of the file are compared with. A node that has not said it is taken for a machine of
    /// the inventory's name, with the arguments that the inventory gives its daemon.
    private func configID(_ answer: HostFacts?) -> String {
        if let evidence = answer?.known(ConfigurationFilesFact.self) {
            let known = evidence.configID(on: answer?.known(SystemFact.self))
            if !known.isEmpty { return known }
        }
        let states = files.map { ($0.path, FileState(kind: .regular, contents: $0.contents)) }
        let rendered = ConfigurationEvidence(files: Dictionary(states) { first, _ in first })
        return rendered.configID(rendered.arguments) ?? node.id.name
    }

    /// The scripts that keepalived will run: those that are shipped to the node, and the node's own.
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
            // The kernel reads a carriage return as part of the name.
            path.interpreterExists =
                path.interpreter?.hasSuffix("\r") != true
                && (!isComplete || path.interpreter.flatMap { paths[$0] }.map(\.exists) != false)
            paths[file.path] = path
        }
        facts.paths = paths
        return facts
    }

    /// The facts that lint needs to check the node's scripts.
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
    /// The program after `#!` in the first line.
    fileprivate var interpreter: String? {
        guard starts(with: "#!".utf8) else { return nil }
        let line = dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
        return String(decoding: line, as: UTF8.self).split { $0 == " " || $0 == "\t" }.first
            .map(String.init)
    }
}

extension Preflight {
    /// The first release with `vrrp_track_file`.
    private static let firstToFollowFiles = KeepalivedVersion(2, 0, 0)

    /// The installed release of keepalived; `nil` if there is none or it is not known.
    private func release(on node: HostID) -> KeepalivedVersion? {
        facts[node]?.known(KeepalivedFact.self)?.version
    }

    /// Adds lint errors in the files of a plan as obstacles, and warnings as notes.
    ///
    /// Lint compares the files of all nodes, including those that are not changed, for the release of keepalived that
    /// each node has.
    func addLintFindings(of rendered: [RenderedNode], to plan: inout ClusterPlan) {
        guard !plan.isEmpty else { return }
        if plan.cluster.keepalived?.instances.contains(where: \.followsHandover) == true {
            for index in plan.nodes.indices {
                guard let release = release(on: plan.nodes[index].node.id),
                    release < Self.firstToFollowFiles
                else { continue }
                plan.nodes[index].obstacles.append(
                    "keepalived \(release) does not follow files, as \(Self.firstToFollowFiles) does, and would misread "
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
            // The planner adds findings about files that daemons will read; these concern the other files too.
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
