import Facts
import FoundationEssentials
import Inventory
import Keepalived
import Remote

/// The files of a node that cannot be reached, in a folder: a copy of its root directory or of /etc/keepalived, or its
/// keepalived.conf alone.
struct NodeFolder {
    /// The node's name and the path, as in `lb1=DIR`.
    let name: String
    let path: String

    /// - Throws: ``Failure`` for an argument without a name.
    init(_ argument: String) throws {
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex,
            argument.index(after: equals) < argument.endIndex
        else {
            throw Failure(
                .usage, "`\(argument)` names no node",
                hint: "write lb1=FOLDER, or name nodes that can be reached with --nodes")
        }
        name = String(argument[..<equals])
        path = String(argument[argument.index(after: equals)...])
        guard isPlainWord(name) else { throw Failure(.usage, "`\(name)` is not a node name") }
    }

    /// What the files say of the node; nothing else is known of it.
    ///
    /// - Throws: ``Failure`` when there is no keepalived.conf or a file cannot be read.
    func facts(version: KeepalivedVersion) throws -> HostFacts {
        let files = try read()
        guard files[NodePaths.keepalivedConfig] != nil else {
            throw Failure(
                .usage, "there is no keepalived.conf in `\(path)`",
                hint: "name a copy of the node's / or of its /etc/keepalived, or the file itself")
        }
        var facts = HostFacts(host: HostID(name))
        facts.set(SystemFact.self, to: SystemInfo(hostname: name, now: 0))
        facts.set(KeepalivedFact.self, to: KeepalivedDaemon(version: version))
        facts.set(ConfigurationFilesFact.self, to: ConfigurationEvidence(files: files))
        let scripts = files.filter {
            $0.key.hasPrefix(NodePaths.scripts + "/") && $0.value.contents.starts(with: "#!".utf8)
        }
        facts.set(OwnScriptsFact.self, to: scripts)
        return facts
    }

    /// The files by their paths on the node.
    private func read() throws -> [String: FileState] {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Failure(.usage, "cannot read `\(path)`: there is no such file or folder")
        }
        guard isFolder else { return [NodePaths.keepalivedConfig: try state(of: path)] }
        let isRoot = FileManager.default.fileExists(atPath: path + NodePaths.keepalivedConfig)
        var files: [String: FileState] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: path).sorted() {
            let local = path + "/" + name
            guard FileManager.default.fileExists(atPath: local, isDirectory: &isFolder), !isFolder else {
                continue
            }
            let remote =
                isRoot
                ? "/" + name
                : name == "haproxy.cfg" ? NodePaths.haproxyConfig : NodePaths.scripts + "/" + name
            guard isRoot ? Self.counts(remote) : true else { continue }
            guard files.count < ConfigurationFilesFact.mostFiles else {
                throw Failure(
                    .usage, "`\(path)` has more than \(ConfigurationFilesFact.mostFiles) files",
                    hint: "name a folder with the node's configuration only")
            }
            files[remote] = try state(of: local)
        }
        return files
    }

    /// Whether import may need the file: all of /etc, and whatever else ends like a configuration.
    private static func counts(_ path: String) -> Bool {
        path.hasPrefix("/etc/") || path.hasSuffix(".conf") || path.hasSuffix(".cfg")
    }

    private func state(of path: String) throws -> FileState {
        do throws(LocalFileError) {
            let bytes = try LocalFile(path: path, limit: ConfigurationFilesFact.largest).bytes
            let isExecutable = FileManager.default.isExecutableFile(atPath: path)
            return FileState(kind: .regular, mode: isExecutable ? 0o755 : 0o644, contents: bytes)
        } catch {
            throw Failure(.usage, "cannot read `\(path)`: \(error.reason)")
        }
    }
}
