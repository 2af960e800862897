import Facts
import Inventory
import Keepalived
import Remote
import Rendering

/// Imports, with their text, the scripts that the nodes' keepalived runs and that belong to no package.
///
/// Files that haops has shipped to the nodes before are imported as well.
struct FilesImport {
    let nodes: [NodeEvidence]
    /// The files for every node.
    private(set) var shared: [ShippedFile] = []
    /// The files for one node, or that differ there.
    private(set) var own: [HostID: [ShippedFile]] = [:]
    private(set) var notify: NotifySettings?
    private(set) var notes: [Remark] = []

    /// Whether files are imported only where haops has shipped files before: its list of them would be new.
    private let isMinimal: Bool

    init(_ nodes: [NodeEvidence], isMinimal: Bool) {
        self.nodes = nodes
        self.isMinimal = isMinimal
    }

    mutating func run() {
        importNotify()
        let isKnown = nodes.allSatisfy {
            $0.facts.known(OwnScriptsFact.self)?[NodePaths.manifest]?.kind == .regular
        }
        if isMinimal, !isKnown { return }
        var found: [[ShippedFile]] = []
        for node in nodes { found.append(files(of: node)) }
        var paths: [String] = []
        for path in found.flatMap({ $0.map(\.path) }) where !paths.contains(path) { paths.append(path) }
        for path in paths.sorted() {
            let copies = zip(nodes, found).compactMap { node, files in
                files.first { $0.path == path }.map { (node.id, $0) }
            }
            if copies.count == nodes.count, Set(copies.map(\.1)).count == 1, let file = copies.first?.1 {
                shared.append(file)
            } else {
                for (node, file) in copies { own[node, default: []].append(file) }
            }
        }
    }

    /// Whether every node gets a file at this path.
    func isImported(_ path: String) -> Bool {
        shared.contains { $0.path == path }
            || nodes.allSatisfy { own[$0.id]?.contains { $0.path == path } == true }
    }

    // MARK: - One node

    private mutating func files(of node: NodeEvidence) -> [ShippedFile] {
        let states = node.facts.known(OwnScriptsFact.self) ?? [:]
        let manifest = Manifest(reading: states[NodePaths.manifest]?.contents ?? [])
        let named = programs(of: node).union(manifest.entries.map(\.path))
        var files: [ShippedFile] = []
        for (path, state) in states.sorted(by: { $0.key < $1.key })
        where named.contains(path) && !isOfHaops(path, state) {
            let file = ShippedFile(
                path: path, contents: state.contents, owner: state.owner, mode: state.mode,
                onChange: manifest[path]?.onChange ?? .none)
            if let objection = objection(to: file, state) {
                notes.append(
                    Remark(
                        "not imported: \(objection)", at: [NodePlace(node: node.id, file: path)],
                        hint: "to have haops ship it, put it beside the inventory and name it in `files`"))
            } else {
                files.append(file)
            }
        }
        return files
    }

    /// The programs that the configuration runs, directly or through haops' script.
    private func programs(of node: NodeEvidence) -> Set<String> {
        guard let configuration = node.keepalived else { return [] }
        let hooks = hooks(of: node)?.hooks ?? []
        let directories = hooks.filter(\.isDirectory).map { $0.path + "/" }
        let states = node.facts.known(OwnScriptsFact.self) ?? [:]
        let notifies =
            configuration.instances.flatMap(\.notify) + configuration.syncGroups.flatMap(\.notify)
        return Set(configuration.scripts.compactMap { $0.command?.program } + notifies.map(\.command.program))
            .union(hooks.map(\.path))
            .union(states.keys.filter { path in directories.contains { path.hasPrefix($0) } })
    }

    /// Whether haops itself renders the file, so that it is not an operator's file.
    private func isOfHaops(_ path: String, _ state: FileState) -> Bool {
        guard path != NodePaths.notifyScript, path != NodePaths.manifest else { return true }
        return TemplateSet.shipped["\(path.fileName).mustache"] != nil
            && path.hasPrefix(NodePaths.scripts + "/")
            && String(decoding: state.contents.prefix(200), as: UTF8.self).contains("# Rendered by haops")
    }

    /// Why a file cannot be in an inventory as text; `nil` when it can.
    private func objection(to file: ShippedFile, _ state: FileState) -> String? {
        if case .other(let kind) = state.kind { return "it is a \(kind)" }
        if file.contents.count > ShippedFile.largest {
            return "it is larger than \(ShippedFile.largest >> 10) KiB"
        }
        guard let text = String(validating: file.contents, as: UTF8.self), !text.unicodeScalars.contains("\0")
        else { return "it is not text" }
        if file.isSecret || SecretMask().shown(file.contents).hidesMore(than: text) {
            return "it looks as if a secret stood in it, and an inventory holds none"
        }
        guard mayShip(to: file.path) else { return "haops ships nothing to such a path" }
        if file.mode > 0o777 || file.mode & 0o002 != 0 {
            return "its mode \(String(file.mode, radix: 8)) is one that haops does not ship"
        }
        let owner = file.owner.split(separator: ":", omittingEmptySubsequences: false)
        guard owner.count == 2, owner.allSatisfy({ $0 != "UNKNOWN" && isPlainWord(String($0)) }) else {
            return "its owner \(file.owner) has no name"
        }
        return nil
    }

    // MARK: - notify

    private func hooks(of node: NodeEvidence) -> NotifyHooks? {
        node.files.text(NodePaths.notifyScript).flatMap(NotifyHooks.init)
    }

    /// Imports the settings of haops' notify script when they are equal on every node.
    private mutating func importNotify() {
        let scripts = nodes.map(hooks)
        guard let first = scripts.first.flatMap(\.self),
            scripts.contains(where: { $0?.hooks.isEmpty == false })
        else { return }
        guard scripts.allSatisfy({ $0 == first }) else {
            notes.append(
                Remark(
                    "haops' notify script is not the same on all nodes: what it runs is not in the inventory",
                    at: nodes.map { NodePlace(node: $0.id, file: NodePaths.notifyScript) },
                    hint: "write `notify: { master: […] }` into the inventory"))
            return
        }
        var settings = NotifySettings(writesState: first.writesState)
        settings.timeout = first.timeout ?? settings.timeout
        for hook in first.hooks {
            if hook.isDirectory {
                settings.directory = hook.path
            } else if let event = NotifySettings.Event(rawValue: hook.state.lowercased()) {
                settings.hooks[event, default: []].append(hook.path)
            }
        }
        notify = settings
    }
}

extension String {
    /// Whether this text hides something that the original shows.
    fileprivate func hidesMore(than original: String) -> Bool {
        ranges(of: "(secret").count > original.ranges(of: "(secret").count
    }
}
