package import Inventory

/// What haops shipped to a node of the operator's own files: by it a file that leaves the inventory is known again.
///
/// It is one of the node's files, replaced, saved and put back with the others, so that it is right after a rollback and
/// after a revert as well. A line each, the path last, because it may hold blanks:
///
///     SHA256 ON-CHANGE PATH
package struct Manifest: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var path: String
        /// Of the contents as they were shipped, 64 digits.
        package var digest: String
        /// What its removal asks of a daemon.
        package var onChange: ShippedFile.OnChange

        package init(path: String, digest: String, onChange: ShippedFile.OnChange) {
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
                    path: file.path, digest: SHA256.hexDigest(of: file.contents), onChange: onChange)
            })
    }

    /// Lines that are none are left out: what is not known for certain to be haops' own is not touched.
    package init(reading contents: [UInt8]) {
        self.init(
            contents.split(separator: UInt8(ascii: "\n")).compactMap { line in
                let parts = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 2)
                guard parts.count == 3, parts[0].utf8.count == 64, parts[2].hasPrefix("/"),
                    let onChange = ShippedFile.OnChange(rawValue: String(parts[1].replacing("-", with: " ")))
                else { return nil }
                return Entry(path: String(parts[2]), digest: String(parts[0]), onChange: onChange)
            })
    }

    package var contents: [UInt8] {
        let lines = entries.map {
            "\($0.digest) \($0.onChange.rawValue.replacing(" ", with: "-")) \($0.path)\n"
        }
        return Array(
            ("# Files that haops shipped; it removes them when they leave the inventory.\n" + lines.joined())
                .utf8)
    }

    package subscript(path: String) -> Entry? { entries.first { $0.path == path } }
}
