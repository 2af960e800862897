import Inventory

/// A node's new files for transport: one stream of bytes, and the lists that split it on the node.
struct StagedSet: Sendable {
    /// The contents of all files, one after the other.
    private(set) var bytes: [UInt8] = []
    /// `OFFSET SIZE MODE TREE PATH`, a line each.
    private(set) var index = ""
    /// `KIND MODE OWNER ROLE PATH`, a line each.
    private(set) var list = ""

    /// - `directory`: The run's directory on the node, where a configuration under test finds its scripts.
    init(_ changes: [FileChange], directory: String) {
        let staged = changes.filter {
            $0.isNamedByConfigurations && $0.contents != nil && $0.kind != .notLoaded
        }
        .map(\.path)
        for change in changes where change.kind != .notLoaded {
            guard let contents = change.contents else {
                list += "absent - - \(change.role.rawValue) \(change.path)\n"
                continue
            }
            list +=
                "file \(String(change.mode, radix: 8)) \(change.owner) \(change.role.rawValue) \(change.path)\n"
            add(contents, tree: "root", path: change.path)
            switch change.role {
            // keepalived requires that a script is executable, and skips a configuration file that is executable.
            case .checkScript, .notifyScript: add(contents, tree: "check", path: change.path, mode: 0o755)
            case .haproxyConfig:
                add(
                    Self.underTest(contents, staged: staged, directory: directory), tree: "check",
                    path: change.path)
            case .keepalivedConfig:
                add(
                    Self.underTest(contents, staged: staged, directory: directory), tree: "check",
                    path: change.path)
            case .file, .fileReloadingKeepalived, .fileRestartingKeepalived, .fileReloadingHAProxy,
                .fileRestartingHAProxy:
                add(
                    contents, tree: "check", path: change.path, mode: change.mode & 0o100 == 0 ? 0o600 : 0o755
                )
            case .sysctl, .firewall, .keepalivedService, .keepalivedOptions, .manifest: break
            }
        }
    }

    private mutating func add(_ contents: [UInt8], tree: String, path: String, mode: Int = 0o600) {
        index += "\(bytes.count) \(contents.count) \(String(mode, radix: 8)) \(tree) \(path)\n"
        bytes += contents
    }

    /// A configuration that a daemon can test before the files are in place: it names the staged files, and
    /// keepalived runs all scripts as root, because 2.2.5 to 2.2.7 kill their own test of any other user.
    static func underTest(_ contents: [UInt8], staged: [String], directory: String) -> [UInt8] {
        var lines = contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(
            Array.init)
        for (number, line) in lines.enumerated() {
            var text = String(decoding: line, as: UTF8.self)
            let words = text.split { $0 == " " || $0 == "\t" }
            if words.first == "script_user" {
                lines[number] = Array("script_user root".utf8)
                continue
            }
            for path in staged.sorted(by: { $0.utf8.count > $1.utf8.count }) {
                // After the directory is inserted, the search must not find the same path again.
                while let range = text.range(ofWord: path) {
                    text.insert(contentsOf: directory + "/check", at: range.lowerBound)
                    lines[number] = Array(text.utf8)
                }
            }
        }
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }
}

extension FileChange {
    /// Whether a configuration may name the file by its path, so that a configuration under test must name the staged
    /// copy.
    fileprivate var isNamedByConfigurations: Bool {
        role == .checkScript || role == .notifyScript || role.onChange != nil
    }
}

extension String {
    /// The first occurrence of `word` as a whole word.
    fileprivate func range(ofWord word: String) -> Range<String.Index>? {
        let inside: (Character) -> Bool = { $0.isLetter || $0.isNumber || "/._-".contains($0) }
        var start = startIndex
        while let range = self[start...].firstRange(of: word) {
            let before = range.lowerBound == startIndex ? nil : self[index(before: range.lowerBound)]
            let after = range.upperBound == endIndex ? nil : self[range.upperBound]
            if before.map(inside) != true, after.map(inside) != true { return range }
            start = range.upperBound
        }
        return nil
    }
}
