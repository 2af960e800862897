package import Inventory

/// The list of an operator's files that haops has shipped to a node. It identifies files that have left the
/// inventory and must be removed.
///
/// The manifest is one of the node's files. It is replaced, saved and restored with the others, so it is also
/// correct after a rollback or revert. Each file has a line, with the path last, because it may contain blanks:
///
///     SHA256 ON-CHANGE PATH
///     SHA256 ON-CHANGE,secret PATH
package struct Manifest: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var path: String
        /// The SHA-256 of the shipped contents, 64 hexadecimal digits.
        package var digest: String
        /// What a daemon must do after the file's removal.
        package var onChange: ShippedFile.OnChange
        /// Whether its contents must not be shown, even when it is removed or restored.
        package var isSecret: Bool

        package init(
            path: String, digest: String, onChange: ShippedFile.OnChange, isSecret: Bool = false
        ) {
            self.isSecret = isSecret
            self.path = path
            self.digest = digest
            self.onChange = onChange
        }
    }

    package var entries: [Entry]

    package init(_ entries: [Entry]) { self.entries = entries.sorted { $0.path < $1.path } }

    /// The manifest of these files; only shipped ones are listed.
    package init(_ files: [RenderedFile]) {
        self.init(
            files.compactMap { file in
                guard case .shipped(let onChange) = file.role else { return nil }
                return Entry(
                    path: file.path, digest: SHA256.hexDigest(of: file.contents), onChange: onChange,
                    isSecret: file.isHidden)
            })
    }

    /// Invalid lines are ignored: haops does not touch a file unless it certainly shipped it.
    package init(reading contents: [UInt8]) {
        self.init(
            contents.split(separator: UInt8(ascii: "\n")).compactMap { line in
                let parts = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 2)
                guard parts.count == 3, parts[0].utf8.count == 64, parts[2].hasPrefix("/") else { return nil }
                let isSecret = parts[1].hasSuffix(Self.secret)
                let words = isSecret ? parts[1].dropLast(Self.secret.count) : parts[1]
                guard let onChange = ShippedFile.OnChange(rawValue: String(words.replacing("-", with: " ")))
                else { return nil }
                return Entry(
                    path: String(parts[2]), digest: String(parts[0]), onChange: onChange, isSecret: isSecret)
            })
    }

    private static let secret = ",secret"

    package var contents: [UInt8] {
        let lines = entries.map {
            let what = $0.onChange.rawValue.replacing(" ", with: "-") + ($0.isSecret ? Self.secret : "")
            return "\($0.digest) \(what) \($0.path)\n"
        }
        return Array(
            ("# Files that haops shipped; it removes them when they leave the inventory.\n" + lines.joined())
                .utf8)
    }

    /// The parts of the manifest that must not be shown: a short secret can be guessed from its checksum.
    package var secrets: [Secret] { entries.filter(\.isSecret).map { Secret($0.digest) } }

    package subscript(path: String) -> Entry? { entries.first { $0.path == path } }
}
