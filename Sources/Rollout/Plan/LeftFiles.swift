import Facts
import Inventory
import Rendering

/// Files that haops shipped to a node and that its inventory does not have any more.
///
/// The node's manifest lists these files. haops removes only those that are unchanged since; a changed file belongs
/// to its editor.
struct LeftFiles {
    private(set) var removed: [DesiredFile] = []
    private(set) var notes: [String] = []

    /// - `files`: the current files on the node, including its manifest and all that it lists.
    init(wanted: [DesiredFile], files: [String: FileState]) {
        guard let state = files[NodePaths.manifest], state.kind == .regular else { return }
        let known = Set(wanted.map(\.path))
        for entry in Manifest(reading: state.contents).entries where !known.contains(entry.path) {
            guard let objection = objection(to: entry, files[entry.path]) else {
                removed.append(
                    DesiredFile(
                        path: entry.path, contents: nil,
                        role: DesiredFile.Role(entry.onChange)))
                continue
            }
            if !objection.isEmpty {
                notes.append(
                    "`\(String.shown(entry.path))` is not in the inventory any more and \(objection): it stays, and haops no longer tracks it"
                )
            }
        }
        if !known.contains(NodePaths.manifest) {
            removed.append(DesiredFile(path: NodePaths.manifest, contents: nil, role: .manifest))
        }
    }

    /// Why a file stays; empty where there is nothing to remove, `nil` where the file is removed.
    private func objection(to entry: Manifest.Entry, _ state: FileState?) -> String? {
        guard mayShip(to: entry.path) else { return "is none of the files that haops ships" }
        guard let state else { return "could not be read" }
        switch state.kind {
        case .absent: return ""
        case .other(let kind): return "is a \(kind) now"
        case .regular:
            return SHA256.hexDigest(of: state.contents) == entry.digest
                ? nil : "was changed on the node since it was shipped"
        }
    }
}
