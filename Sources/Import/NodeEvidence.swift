import Addresses
package import Facts
import HAProxy
import Inventory
import Keepalived
package import Remote
import Rendering

/// A node as the operator named it, and its facts.
package struct SurveyedNode: Sendable {
    package var target: SSHTarget
    package var facts: HostFacts

    package init(target: SSHTarget, facts: HostFacts) {
        self.target = target
        self.facts = facts
    }
}

/// One node's configuration, read as its daemons read it.
struct NodeEvidence {
    static let configuration = ConfigurationEvidence.usualMainFile

    let id: HostID
    let target: SSHTarget
    let facts: HostFacts
    let files: ConfigurationEvidence
    let isRedHat: Bool
    /// The daemon's arguments from the service manager's file; `nil` without such a file.
    let options: OptionsFile?
    let configID: String
    let version: KeepalivedVersion
    let keepalived: Configuration?
    let haproxy: HAProxyFile?

    init(_ node: SurveyedNode, named id: HostID) {
        self.id = id
        target = node.target
        facts = node.facts
        let files = facts.known(ConfigurationFilesFact.self) ?? ConfigurationEvidence(files: [:])
        self.files = files
        let system = facts.known(SystemFact.self)
        let isRedHat = system?.usesSysconfig ?? false
        self.isRedHat = isRedHat
        let path = isRedHat ? "/etc/sysconfig/keepalived" : "/etc/default/keepalived"
        options = files.text(path).map {
            OptionsFile($0, path: path, variable: isRedHat ? "KEEPALIVED_OPTIONS" : "DAEMON_ARGS")
        }
        version = facts.known(KeepalivedFact.self)?.version ?? .assumed
        let running = files.keepalivedArguments
        let arguments = running.isEmpty ? options?.words ?? [] : Array(running.dropFirst())
        configID =
            files.configID(arguments)
            ?? String((system?.hostname ?? id.name).prefix { $0 != "." })
        keepalived =
            files.text(Self.configuration) == nil
            ? nil
            : ConfigurationReader(files: files.set, configID: configID, version: version)
                .read(path: Self.configuration)
        haproxy = files.haproxy?.files.first
        otherFile = files.mainFile(arguments)
            .flatMap { $0 == Self.configuration ? nil : $0 }
    }

    /// The configuration file that keepalived reads instead of its default one.
    let otherFile: String?

    func place(_ location: ConfigurationLocation?) -> NodePlace {
        NodePlace(node: id, file: location?.file ?? Self.configuration, line: location?.line)
    }
}

/// A file with `DAEMON_ARGS="…"`, and its other lines.
struct OptionsFile {
    var path: String
    var value = ""
    var words: [String] { value.split(separator: " ").map(String.init) }
    /// Lines that are neither comments nor that variable, or that need a shell to evaluate.
    var others: [(line: Int, text: String)] = []

    init(_ text: String, path: String, variable: String) {
        self.path = path
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var rest = line.drop { $0 == " " || $0 == "\t" }
            while let last = rest.last, last == " " || last == "\t" || last == "\r" { rest.removeLast() }
            if rest.isEmpty || rest.hasPrefix("#") || rest.hasPrefix(";") { continue }
            guard rest.hasPrefix(variable + "=") else {
                others.append((index + 1, String(rest)))
                continue
            }
            var value = rest.dropFirst(variable.count + 1)
            if let quote = value.first, quote == "\"" || quote == "'", value.count > 1, value.last == quote {
                value = value.dropFirst().dropLast()
            }
            if value.contains(where: { "\"'\\$`".contains($0) }) {
                others.append((index + 1, String(rest)))
            } else {
                self.value = String(value)
            }
        }
    }
}
