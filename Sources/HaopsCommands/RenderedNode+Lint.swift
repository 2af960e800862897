import Checks
import Facts
import Inventory
import Keepalived
import Remote
import Rendering
import Rollout

extension RenderedNode {
    /// What lint reads of this node's files; it knows nothing of the node itself, which may not have them yet.
    func lintNode(version: KeepalivedVersion) -> LintNode {
        let contents = files.map { ($0.path, ConfigurationFile($0.contents)) }
        let haproxy = files.first { $0.path == NodePaths.haproxyConfig }
        return LintNode(
            name: node.id.name, path: NodePaths.keepalivedConfig,
            files: FileSet(Dictionary(contents) { first, _ in first }), version: version,
            haproxy: haproxy.map { HAProxyConfiguration(file: $0.path, source: $0.contents) })
    }
}

extension Preflight {
    /// The release that brought `vrrp_track_file`.
    private static let firstToFollowFiles = KeepalivedVersion(2, 0, 0)

    /// Puts in a plan's way what lint calls an error in the files it would write, and notes what it warns of.
    ///
    /// The files are judged as peers, also those of nodes that are not to be changed, and for the keepalived that each
    /// node has.
    func judge(_ rendered: [RenderedNode], for plan: inout ClusterPlan) {
        guard !plan.isEmpty else { return }
        if plan.cluster.keepalived?.instances.contains(where: \.followsHandover) == true {
            for index in plan.nodes.indices {
                guard let release = facts[plan.nodes[index].node.id]?.known(VersionFact.self),
                    release < Self.firstToFollowFiles
                else { continue }
                plan.nodes[index].obstacles.append(
                    "keepalived \(release) follows no files, which \(Self.firstToFollowFiles) does, and would misread "
                        + "its instances: write `handover: false` in each of them")
            }
        }
        let findings = Linter().run(
            rendered.map { node in
                node.lintNode(version: facts[node.node.id]?.known(VersionFact.self) ?? .assumed)
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
