package import Inventory
package import Remote

/// Renders every node's files, sorted by path. The same inventory gives the same bytes.
///
/// - Parameters:
///   - cluster: From a valid inventory.
///   - templates: The shipped ones, or an operator's own in front of them.
///   - families: Nodes that are not named are taken for Debian's.
///   - secret: The value behind a name, or `nil` when there is none; literals are not asked for.
/// - Returns: One set for each node, in the inventory's order.
/// - Throws: Everything that is wrong, of all nodes, at once.
package func render(
    _ cluster: Cluster, templates: TemplateSet = .shipped, families: [HostID: NodeFamily] = [:],
    secret: (SecretValue) -> Secret?
) throws(RenderingError) -> [RenderedNode] {
    var problems = nameProblems(cluster)
    var authPasses: [String: Secret] = [:]
    for instance in cluster.keepalived?.instances ?? [] {
        guard let value = cluster.keepalived?.authPass(of: instance) else { continue }
        switch resolve(authPass: value, secret) {
        case .success(let found): authPasses[instance.name] = found
        case .failure(let error): problems += error.problems.filter { !problems.contains($0) }
        }
    }
    var textSecrets: [String: Secret] = [:]
    for (name, value) in cluster.textSecrets.sorted(by: { $0.key < $1.key }) {
        textSecrets[name] = secret(value)
        if textSecrets[name] == nil { problems.append(.missingSecret(name)) }
    }
    var renderer = MustacheRenderer(templates)
    let nodes = cluster.nodes.map { node in
        let context = NodeContext(
            cluster: cluster, node: node, family: families[node.id] ?? .debian, authPasses: authPasses,
            textSecrets: textSecrets)
        problems += context.problems.filter { !problems.contains($0) }
        return RenderedNode(
            node: node, files: files(context, templates, &renderer).sorted { $0.path < $1.path })
    }
    problems += renderer.problems
    for name in templates.added where !renderer.usedTemplates.contains(name) {
        guard let meant = suggestion(for: name, among: TemplateSet.shipped.names) else { continue }
        problems.append(.unusedTemplate(templates.displayName(name), suggestion: meant))
    }
    problems += lineProblems(nodes)
    guard problems.isEmpty else { throw RenderingError(problems) }
    return nodes
}

private func files(
    _ node: NodeContext, _ templates: TemplateSet, _ renderer: inout MustacheRenderer
) -> [RenderedFile] {
    var files: [RenderedFile] = []
    func add(
        _ path: String, _ template: String, _ context: [String: MustacheValue], mode: Int,
        _ role: RenderedFile.Role
    ) {
        let result = renderer.render(template, context)
        let secrets = result.secrets.sorted { $0.revealed < $1.revealed }
        let isSecret = !secrets.isEmpty || SecretMask(secrets: secrets).hidesAnything(in: result.contents)
        files.append(
            RenderedFile(
                path: path, contents: result.contents, mode: isSecret ? mode & ~0o007 : mode,
                isSecret: isSecret,
                secrets: secrets, role: role))
    }

    let base = node.base
    let shipped = node.cluster.files(on: node.node)
    // An operator's script replaces haops' script at the same path.
    let taken = Set(shipped.map(\.path))
    if let keepalived = node.cluster.keepalived {
        add(
            NodePaths.keepalivedConfig, "keepalived.conf.mustache", base.merging(node.keepalived) { $1 },
            mode: 0o640, .keepalivedConfig)
        add(
            node.family.keepalivedOptions, node.family.keepalivedOptionsTemplate,
            base.merging(node.keepalivedOptions) { $1 }, mode: 0o644, .keepalivedOptions)
        // A script is rendered if there is a template for it; other scripts must exist on the node.
        for path in Set(keepalived.scripts.filter { !$0.isOwn }.compactMap(\.program))
        where path.hasPrefix(NodePaths.scripts + "/") {
            let template = String(path.dropFirst(NodePaths.scripts.count + 1)) + TemplateSet.suffix
            guard path != NodePaths.notifyScript, !taken.contains(path), templates[template] != nil else {
                continue
            }
            add(path, template, base.merging(node.checkScript) { $1 }, mode: 0o755, .checkScript)
        }
        if keepalived.notify.isUsed {
            add(
                NodePaths.notifyScript, "haops-notify.sh.mustache", base.merging(node.notifyScript) { $1 },
                mode: 0o755, .notifyScript)
        }
    }
    if node.cluster.keepalived?.startsScriptsAsItStops == true, !node.cluster.isAdopted {
        add(
            NodePaths.keepalivedService, "keepalived.service.mustache", base, mode: 0o644, .keepalivedService)
    }
    if node.cluster.haproxy != nil {
        add(
            NodePaths.haproxyConfig, "haproxy.cfg.mustache", base.merging(node.haproxy) { $1 }, mode: 0o644,
            .haproxyConfig)
    }
    if !node.cluster.sysctl.isEmpty {
        add(NodePaths.sysctl, "sysctl.conf.mustache", base.merging(node.sysctl) { $1 }, mode: 0o644, .sysctl)
    }
    files += shipped.map { ShippedFiles(node: node).render($0, &renderer) }
    if !shipped.isEmpty {
        files.append(
            RenderedFile(
                path: NodePaths.manifest, contents: Manifest(files).contents, mode: 0o600, role: .manifest))
    }
    return files
}

/// The problems of names that become part of a path or of a word of keepalived.conf.
private func nameProblems(_ cluster: Cluster) -> [RenderingError.Problem] {
    let names =
        cluster.nodes.map { ($0.id.name, "the node") }
        + (cluster.keepalived?.instances ?? []).map { ($0.name, "the instance") }
        + (cluster.keepalived?.scripts ?? []).map { ($0.name, "the script") }
    return names.filter { !$0.0.isPlainName }.map { .unusableName($0.0, what: $0.1) }
}

private func lineProblems(_ nodes: [RenderedNode]) -> [RenderingError.Problem] {
    nodes.flatMap { node in
        node.files.filter { $0.role == .keepalivedConfig }.flatMap { file in
            file.contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
                .filter { $0.element.count > 1023 }
                .map { .lineTooLong(path: node.node.id.name + file.path, line: $0.offset + 1) }
        }
    }
}

/// The secret, if keepalived 2.2.7 reads it back unchanged from between quotes.
private func resolve(
    authPass value: SecretValue, _ lookUp: (SecretValue) -> Secret?
) -> Result<Secret, RenderingError> {
    let name: String
    let found: Secret?
    switch value {
    case .literal(let literal): (name, found) = ("auth_pass", literal)
    case .reference(let reference, _): (name, found) = (reference, lookUp(value))
    }
    guard let found else { return .failure(RenderingError([.missingSecret(name)])) }
    let text = found.revealed
    let reason: String? =
        if text.isEmpty {
            "it is empty"
        } else if text.utf8.count > 8 {
            "it has \(text.utf8.count) bytes, and only 8 are compared"
        } else if text.utf8.contains(UInt8(ascii: "\"")) || text.utf8.contains(UInt8(ascii: "\\")) {
            "a double quote or a backslash cannot be written into keepalived.conf"
        } else if text.contains("$_") || text.contains("${") {
            "keepalived would take its `$` for a definition"
        } else if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            "it holds a control character"
        } else {
            nil
        }
    return if let reason { .failure(RenderingError([.unusableAuthPass(name, reason: reason)])) } else {
        .success(found)
    }
}

extension TrackScript {
    /// The program of the command line.
    var program: String? { run.split(separator: " ").first.map(String.init) }
}

extension String {
    /// Safe as a path component and as a word of keepalived.conf without quotes.
    var isPlainName: Bool {
        !isEmpty && first != "." && first != "-"
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
