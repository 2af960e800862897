import Inventory

/// Renders an operator's file for one node: unchanged, or as a template with the node's values.
struct ShippedFiles {
    let node: NodeContext

    /// The rendered file; problems of a template are added to `renderer`.
    func render(_ file: ShippedFile, _ renderer: inout MustacheRenderer) -> RenderedFile {
        var contents = file.contents
        var secrets: Set<Secret> = []
        if file.isTemplate {
            let result = renderer.render(
                source: file.contents, name: file.source ?? "files: \(file.path)", node.all)
            contents = result.contents
            secrets = result.secrets
            let filled = String(decoding: contents, as: UTF8.self).replacingSecrets { name in
                guard let secret = node.textSecrets[name] else { return nil }
                secrets.insert(secret)
                return secret.revealed
            }
            contents = Array(filled.utf8)
        }
        let isSecret = file.isSecret || !secrets.isEmpty
        return RenderedFile(
            path: file.path, contents: contents, mode: isSecret ? file.mode & ~0o007 : file.mode,
            owner: file.owner, isSecret: isSecret, isHidden: file.isSecret,
            secrets: secrets.sorted { $0.revealed < $1.revealed }, role: .shipped(file.onChange))
    }
}
