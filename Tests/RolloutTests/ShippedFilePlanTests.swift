import Facts
import Inventory
import Remote
import Rendering
import Testing

@testable import Rollout

/// What the planner makes of operators' own files: their effect, their order, and what becomes of those that have left.
@Suite struct ShippedFilePlanTests {
    private static let path = "/etc/keepalived/status.sh"
    private static let text = "#!/bin/sh\nexit 0\n"

    private func cluster(_ files: [ShippedFile]) throws -> Cluster {
        var cluster = try TestCluster.make()
        cluster.files = files
        return cluster
    }

    private func file(
        _ path: String = path, _ text: String = text, _ onChange: ShippedFile.OnChange = .none,
        isSecret: Bool = false
    ) -> ShippedFile {
        ShippedFile(path: path, contents: Array(text.utf8), onChange: onChange, isSecret: isSecret)
    }

    private func state(_ contents: [UInt8], mode: Int = 0o755, owner: String = "root:root", modified: Int = 0)
        -> FileState
    {
        FileState(kind: .regular, mode: mode, owner: owner, modified: modified, contents: contents)
    }

    /// A node as `files` were shipped to it.
    private func shipped(_ cluster: Cluster) throws -> [String: FileState] {
        let node = try #require(try render(cluster) { _ in nil }.first)
        return Dictionary(
            uniqueKeysWithValues: node.files.map {
                ($0.path, state($0.contents, mode: $0.mode, owner: $0.owner ?? "root:root"))
            })
    }

    /// The plan of one node that has `files` and is to be as `cluster` says.
    private func plan(_ cluster: Cluster, on files: [String: FileState]) throws -> NodePlan {
        let rendered = try #require(try render(cluster) { _ in nil }.first)
        var facts = HostFacts(host: rendered.node.id)
        var all = files
        for file in rendered.files where all[file.path] == nil { all[file.path] = .absent }
        facts.set(FilesFact.self, to: all)
        let service = ServiceState(isInstalled: true, isRunning: true, isEnabled: true, detail: "")
        facts.set(ServicesFact.self, to: ["keepalived": service, "haproxy": service])
        facts.set(LoadTimesFact.self, to: LoadTimes(["keepalived": 100, "haproxy": 100]))
        return NodePlanner(
            node: rendered.node, facts: facts, desired: DesiredNode(rendered, of: cluster), cluster: cluster
        ).plan()
    }

    private func shown(_ plan: NodePlan) -> [String] {
        plan.files.map { "\($0.kind.rawValue) \($0.path) \($0.effect.rawValue)" }
    }

    @Test func `a node that has what is shipped needs nothing`() throws {
        let cluster = try cluster([file()])
        let plan = try plan(cluster, on: shipped(cluster))
        #expect(plan.isEmpty && plan.notes.isEmpty)
    }

    @Test(arguments: [
        (ShippedFile.OnChange.none, FileEffect.none, DaemonAction.none, DaemonAction.none),
        (.reloadKeepalived, .reload, .reload, .none), (.restartKeepalived, .restart, .restart, .none),
        (.reloadHAProxy, .reload, .none, .reload), (.restartHAProxy, .restart, .none, .restart),
    ])
    func `a change asks of the daemons what the inventory says, and so does a removal`(
        onChange: ShippedFile.OnChange, effect: FileEffect, keepalived: DaemonAction, haproxy: DaemonAction
    ) throws {
        var old = try cluster([file(Self.path, "old\n", onChange)])
        old.haproxy = HAProxySettings(frontends: [], backends: [])
        var new = old
        new.files = [file(Self.path, "new\n", onChange)]
        let changed = try plan(new, on: shipped(old))
        #expect(changed.files.first { $0.path == Self.path }?.effect == effect)
        #expect(changed.keepalived == keepalived && changed.haproxy == haproxy)
        new.files = []
        let removed = try plan(new, on: shipped(old))
        #expect(removed.files.first { $0.path == Self.path }?.kind == .delete)
        #expect(removed.keepalived == keepalived && removed.haproxy == haproxy)
    }

    @Test func `what leaves the inventory is removed, after the configuration that named it`() throws {
        var old = try cluster([file(), file("/etc/other", "x\n")])
        old.keepalived?.scripts = [TrackScript(name: "status", run: Self.path)]
        var new = old
        new.files.removeFirst()
        new.keepalived?.scripts = []
        let plan = try plan(new, on: shipped(old))
        #expect(
            shown(plan) == [
                "update /etc/keepalived/keepalived.conf reload", "delete \(Self.path) none",
                "update /var/lib/haops/manifest none",
            ])
        #expect(plan.notes == [])

        var arriving = old
        arriving.files = []
        arriving.keepalived?.scripts = []
        #expect(
            try self.plan(old, on: shipped(arriving)).files.map(\.path) == [
                "/etc/keepalived/status.sh", "/etc/other", "/etc/keepalived/keepalived.conf",
                "/var/lib/haops/manifest",
            ])
    }

    @Test func `with the last file its list goes too`() throws {
        let old = try cluster([file()])
        let plan = try plan(cluster([]), on: shipped(old))
        #expect(shown(plan) == ["delete \(Self.path) none", "delete /var/lib/haops/manifest none"])
    }

    @Test func `what somebody has changed since is left, and that is said`() throws {
        let old = try cluster([file(), file("/etc/link", "x\n"), file("/etc/gone", "x\n")])
        var files = try shipped(old)
        files[Self.path]?.contents.append(10)
        files["/etc/link"] = FileState(kind: .other("symbolic link"))
        files["/etc/gone"] = .absent
        let plan = try plan(cluster([]), on: files)
        #expect(shown(plan) == ["delete /var/lib/haops/manifest none"])
        #expect(
            plan.notes == [
                "`\(Self.path)` is not in the inventory any more and was changed on the node since it was shipped: it stays, and haops no longer tracks it",
                "`/etc/link` is not in the inventory any more and is a symbolic link now: it stays, and haops no longer tracks it",
            ])
    }

    @Test func `a list that names other files than haops ships removes none of them`() throws {
        let contents = Array("x\n".utf8)
        let paths = ["/etc/keepalived/keepalived.conf", "/var/lib/haops/journal", "/etc/../etc/x"]
        let manifest = Manifest(
            paths.map {
                Manifest.Entry(path: $0, digest: SHA256.hexDigest(of: contents), onChange: .none)
            })
        let cluster = try cluster([])
        var files = try shipped(cluster)
        files[NodePaths.manifest] = state(manifest.contents, mode: 0o600)
        for path in paths.dropFirst() { files[path] = state(contents) }
        #expect(try shown(plan(cluster, on: files)) == ["delete /var/lib/haops/manifest none"])
    }

    @Test func `a rollback removes nothing by the list`() throws {
        let old = try cluster([file()])
        var facts = HostFacts(host: TestCluster.lb1)
        facts.set(FilesFact.self, to: try shipped(old))
        let plan = NodePlanner(
            node: old.nodes[0], facts: facts, desired: DesiredNode(files: []), cluster: old
        ).plan()
        #expect(plan.files.isEmpty)
    }

    @Test func `mode and owner are brought back exactly, and a secret file's contents are never shown`()
        throws
    {
        let old = try cluster([file(Self.path, "token=old-and-long\n", isSecret: true)])
        var files = try shipped(old)
        files[Self.path]?.mode = 0o400
        files[Self.path]?.owner = "daemon:daemon"
        let moded = try #require(try plan(old, on: files).files.first)
        #expect(moded.kind == .mode && moded.mode == 0o600 && moded.owner == "root:root")

        let new = try cluster([file(Self.path, "token=new-and-long\n", isSecret: true)])
        for cluster in [new, try cluster([])] {
            let change = try #require(
                try plan(cluster, on: shipped(old)).files.first { $0.path == Self.path })
            let diff = change.diff.text(old: "", new: "")
            let list = try #require(try plan(cluster, on: shipped(old)).files.first { $0.role == .manifest })
            let shown = list.diff.text(old: "", new: "")
            #expect(!shown.contains(SHA256.hexDigest(of: old.files[0].contents)), "\(shown)")
            #expect(diff.contains("(hidden, before: 19 bytes)") && !diff.contains("token"), "\(diff)")
        }
    }

    @Test func `a rollback shows nothing of a secret file either`() throws {
        let old = try cluster([file(Self.path, "token=old-and-long\n", isSecret: true)])
        let now = try shipped(cluster([file(Self.path, "token=new-and-long\n", isSecret: true)]))
        var facts = HostFacts(host: TestCluster.lb1)
        facts.set(FilesFact.self, to: now)
        let saved = DesiredFile(
            path: Self.path, contents: old.files[0].contents, mode: 0o600, owner: "root:root", role: .file)
        let plan = NodePlanner(
            node: old.nodes[0], facts: facts, desired: DesiredNode(files: [saved]),
            cluster: try cluster([])
        ).plan()
        #expect(
            plan.files.map { $0.diff.text(old: "", new: "") } == [
                "--- \n+++ \n@@ -1 +1 @@\n-(hidden, before: 19 bytes)\n+(hidden, then: 19 bytes)\n"
            ])
    }

    @Test func `a configuration under test names the staged files, all of them, haproxy's too`() throws {
        var cluster = try cluster([
            file("/etc/haproxy/site.pem", "x\n"), file("/etc/haproxy/a.map", "x\n"), file(),
        ])
        cluster.keepalived?.scripts = [TrackScript(name: "status", run: Self.path + " 1")]
        var settings = HAProxySettings(frontends: [], backends: [])
        settings.extraSections =
            "listen x\n bind :443 ssl crt /etc/haproxy/site.pem ca-file /etc/haproxy/site.pem\n use_backend %[path,map(/etc/haproxy/a.map)]"
        cluster.haproxy = settings
        let staged = StagedSet(try plan(cluster, on: [:]).files, directory: "/stage")
        let text = String(decoding: staged.bytes, as: UTF8.self)
        #expect(
            text.contains("crt /stage/check/etc/haproxy/site.pem ca-file /stage/check/etc/haproxy/site.pem"))
        #expect(text.contains("map(/stage/check/etc/haproxy/a.map)"))
        #expect(text.contains("script \"/stage/check\(Self.path) 1\""))
        #expect(staged.index.contains(" 755 check \(Self.path)\n"))
        #expect(staged.index.contains(" 600 check /etc/haproxy/site.pem\n"))
    }

    @Test func `every file that a firewall is opened by is haops' own`() {
        for path in FirewallOpening.paths { #expect(!mayShip(to: path), "\(path)") }
    }
}
