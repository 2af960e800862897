/// An operator's file that haops installs on nodes: a check or notify script, a map, a certificate.
package struct ShippedFile: Hashable, Sendable {
    /// What a daemon must do once the file has changed.
    package enum OnChange: String, Sendable, CaseIterable {
        /// Nothing: the file is read at each use, as keepalived does with scripts.
        case none
        case reloadKeepalived = "reload keepalived"
        case restartKeepalived = "restart keepalived"
        case reloadHAProxy = "reload haproxy"
        case restartHAProxy = "restart haproxy"
    }

    /// Absolute, on the node; in its shortest form.
    package var path: String
    /// The local source file; `nil` for a text in the inventory.
    package var source: String?
    /// As it is shipped, or the template that it is rendered from.
    package var contents: [UInt8]
    package var isTemplate: Bool
    /// `user:group`
    package var owner: String
    /// Permission bits.
    package var mode: Int
    package var onChange: OnChange
    /// Whether the contents are hidden in diffs.
    package var isSecret: Bool

    /// The largest local file, in bytes.
    package static let largest = 1 << 20

    /// - `mode`: `nil` is the usual one, see ``usualMode(of:isSecret:)``.
    package init(
        path: String, source: String? = nil, contents: [UInt8], isTemplate: Bool = false,
        owner: String = "root:root", mode: Int? = nil, onChange: OnChange = .none, isSecret: Bool = false
    ) {
        self.path = path
        self.source = source
        self.contents = contents
        self.isTemplate = isTemplate
        self.owner = owner
        self.onChange = onChange
        self.isSecret = isSecret || contents.holdsPrivateKey
        self.mode = mode ?? Self.usualMode(of: contents, isSecret: self.isSecret)
    }

    /// The default mode: executable for a file that begins with `#!`, not readable by others for a secret, and
    /// else readable by all.
    package static func usualMode(of contents: [UInt8], isSecret: Bool) -> Int {
        let isProgram = contents.starts(with: "#!".utf8)
        return (isProgram ? 0o755 : 0o644) & (isSecret ? 0o700 : 0o777)
    }
}

extension Cluster {
    /// The files for a node, sorted by path. The node's entry for a path replaces the cluster's.
    package func files(on node: Node) -> [ShippedFile] {
        var files = Dictionary(files.map { ($0.path, $0) }) { _, last in last }
        for path in node.withheldFiles { files[path] = nil }
        for file in node.files { files[file.path] = file }
        return files.values.sorted { $0.path < $1.path }
    }
}

extension [UInt8] {
    /// Whether the file contains a PEM private key. Such a file is never shown, even when the inventory does not
    /// mark it as secret.
    package var holdsPrivateKey: Bool {
        split(separator: UInt8(ascii: "\n")).contains { line in
            line.starts(with: "-----BEGIN ".utf8)
                && line.firstRange(of: Array("PRIVATE KEY-----".utf8)) != nil
        }
    }
}
