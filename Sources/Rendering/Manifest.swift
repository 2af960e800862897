package import Inventory

/// What haops shipped to a node of the operator's own files: by it a file that leaves the inventory is known again.
///
/// It is one of the node's files, replaced, saved and put back with the others, so that it is right after a rollback and
/// after a revert as well. A line each, the path last, because it may hold blanks:
///
///     SHA256 ON-CHANGE PATH
///     SHA256 ON-CHANGE,secret PATH
package struct Manifest: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var path: String
        /// Of the contents as they were shipped, 64 digits.
        package var digest: String
        /// What its removal asks of a daemon.
        package var onChange: ShippedFile.OnChange
        /// Whether its contents must not be shown, even when it is removed or put back.
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

    /// What these files are known by; others than shipped ones do not count.
    package init(_ files: [RenderedFile]) {
        self.init(
            files.compactMap { file in
                guard case .shipped(let onChange) = file.role else { return nil }
                return Entry(
                    path: file.path, digest: SHA256.hexDigest(of: file.contents), onChange: onChange,
                    isSecret: file.isHidden)
            })
    }

    /// Lines that are none are left out: what is not known for certain to be haops' own is not touched.
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

    /// What must not be shown of the list itself: by the checksum of a short secret it can be guessed.
    package var secrets: [Secret] { entries.filter(\.isSecret).map { Secret($0.digest) } }

    package subscript(path: String) -> Entry? { entries.first { $0.path == path } }
}
