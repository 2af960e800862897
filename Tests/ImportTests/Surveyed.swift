import Facts
import Import
import Inventory
import Keepalived
import Remote
import Rendering
import Testing

/// Nodes as an import sees them, made of files alone.
struct Surveyed {
    var nodes: [SurveyedNode] = []

    init() {}

    /// Two nodes with one keepalived.conf each.
    init(_ first: String, _ second: String, others: [String: String] = [:]) {
        for (index, text) in [first, second].enumerated() {
            add("lb\(index + 1)", address: "198.51.100.1\(index + 1)", others.merging([conf: text]) { $1 })
        }
    }

    mutating func add(
        _ name: String, address: String, _ files: [String: String], version: KeepalivedVersion = .assumed,
        executable: Set<String> = [], inForce: [String: String] = [:], scripts: [String: FileState] = [:],
        killMode: String? = nil, modes: [String: Int] = [:]
    ) {
        var facts = HostFacts(host: HostID(address))
        facts.set(SystemFact.self, to: SystemInfo(hostname: name, now: 0))
        facts.set(KeepalivedFact.self, to: KeepalivedDaemon(version: version))
        facts.set(SysctlFact.self, to: inForce)
        var service = ServiceState(isRunning: true, detail: "")
        service.killMode = killMode
        if killMode != nil { facts.set(ServicesFact.self, to: ["keepalived": service]) }
        facts.set(OwnScriptsFact.self, to: scripts)
        facts.set(
            ConfigurationFilesFact.self,
            to: ConfigurationEvidence(
                files: Dictionary(
                    uniqueKeysWithValues: files.map { path, text in
                        (
                            path,
                            FileState(kind: .regular, mode: modes[path] ?? 0o644, contents: Array(text.utf8))
                        )
                    })))
        nodes.append(
            SurveyedNode(target: SSHTarget(id: HostID(address), host: address), facts: facts))
    }

    var imported: ImportedCluster { importCluster(nodes) }
}

let conf = "/etc/keepalived/keepalived.conf"

extension ImportedCluster {
    /// The inventory as the program reads it.
    var cluster: Cluster {
        get throws {
            try #require(try readFleet(yaml: Array(inventory.utf8), file: "x", directory: "").clusters.first)
        }
    }

    /// keepalived.conf of each node, rendered.
    func rendered() throws -> [String] {
        let values = Dictionary(secrets.map { ($0.name, $0.value) }) { first, _ in first }
        return try render(try cluster) { value in
            if case .reference(let name, _) = value { values[name] } else { nil }
        }.map { node in
            String(decoding: node.files.first { $0.path == conf }?.contents ?? [], as: UTF8.self)
        }
    }
}
