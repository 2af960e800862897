/// A file that a configuration may include.
package struct ConfigurationFile: Sendable {
    package var bytes: [UInt8]
    /// keepalived skips files with any execute bit (`is not a regular non-executable file`).
    package var isExecutable: Bool

    package init(_ bytes: [UInt8], isExecutable: Bool = false) {
        self.bytes = bytes
        self.isExecutable = isExecutable
    }
}

/// The source of a configuration's files: a directory, or files that were read from a node.
///
/// Paths are absolute or relative, as written; ``directory(of:)`` and ``join(_:_:)`` make them.
package protocol ConfigurationFiles {
    /// The file at a path; `nil` when it does not exist or cannot be read.
    func file(at path: String) -> ConfigurationFile?
    /// The names in a directory, unordered, without `.` and `..`; empty when there is none.
    func names(in directory: String) -> [String]
}

/// Files held in memory, by path.
package struct FileSet: ConfigurationFiles, Sendable {
    package var files: [String: ConfigurationFile]

    package init(_ files: [String: ConfigurationFile] = [:]) { self.files = files }

    package func file(at path: String) -> ConfigurationFile? { files[path] }

    package func names(in directory: String) -> [String] {
        let prefix = directory.isEmpty || directory == "/" ? directory : directory + "/"
        var names: Set<String> = []
        for path in files.keys where path.hasPrefix(prefix) {
            let rest = path.dropFirst(prefix.count)
            guard let name = rest.split(separator: "/", maxSplits: 1).first else { continue }
            names.insert(String(name))
        }
        return Array(names)
    }
}

/// The names in directories. Each directory is read once, because a file may have thousands of patterns for it.
final class DirectoryListings {
    private let files: any ConfigurationFiles
    private var known: [String: [String]] = [:]

    init(_ files: any ConfigurationFiles) { self.files = files }

    /// In the order of glob(3).
    func names(in directory: String) -> [String] {
        if let names = known[directory] { return names }
        let names = files.names(in: directory).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        known[directory] = names
        return names
    }
}

/// The paths that an include pattern names, with `*`, `?`, `[…]` and `{a,b}`, as glob(3) finds them.
struct IncludeGlob {
    /// Limits the expansion of `{a,b}{a,b}…`.
    static let mostAlternatives = 256

    let files: any ConfigurationFiles
    let listings: DirectoryListings

    struct Match {
        var paths: [String] = []
        /// Alternatives without a wildcard that name no file.
        var missing: [String] = []
        var hasWildcard = false
    }

    func matches(_ alternatives: [String], in directory: String) -> Match {
        var match = Match()
        for alternative in alternatives {
            let path = alternative.hasPrefix("/") ? alternative : Self.join(directory, alternative)
            guard alternative.utf8.contains(where: { "*?[".utf8.contains($0) }) else {
                if files.file(at: path) == nil {
                    match.missing.append(alternative)
                } else {
                    match.paths.append(path)
                }
                continue
            }
            match.hasWildcard = true
            match.paths += expand(path)
        }
        return match
    }

    static func join(_ directory: String, _ path: String) -> String {
        if path.hasPrefix("/") || directory.isEmpty && !path.hasPrefix("./") { return path }
        // `./x` is what a definition of the current directory makes.
        if path.hasPrefix("./") { return join(directory, String(path.dropFirst(2))) }
        if path.isEmpty { return directory }
        return directory.hasSuffix("/") ? directory + path : directory + "/" + path
    }

    static func directory(of path: String) -> String? {
        guard let slash = path.utf8.lastIndex(of: ASCII.slash) else { return nil }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func expand(_ path: String) -> [String] {
        var found = [path.hasPrefix("/") ? "/" : ""]
        for component in path.split(separator: "/") {
            let pattern = Array(component.utf8)
            guard pattern.contains(where: { "*?[".utf8.contains($0) }) else {
                found = found.map { Self.join($0, String(component)) }
                continue
            }
            // Bounded, because below `*/*` every file of the set would be examined for each directory.
            found = found.prefix(Self.mostAlternatives).flatMap { directory in
                listings.names(in: directory)
                    .filter { GlobPattern.matches(Array($0.utf8), pattern) }
                    .map { Self.join(directory, $0) }
            }
        }
        return found.filter { files.file(at: $0) != nil }
    }

    /// Expands `{a,b}`, left to right.
    static func alternatives(_ pattern: String) -> [String] {
        var done: [String] = []
        var open = [Array(pattern.utf8)]
        while let next = open.popLast() {
            if done.count + open.count >= mostAlternatives { break }
            guard let start = next.firstIndex(of: ASCII.openBrace),
                let parts = GlobPattern.braceParts(next, from: start)
            else {
                done.append(next.configurationText)
                continue
            }
            for part in parts.alternatives.reversed() {
                open.append(Array(next[..<start]) + part + next[parts.end...])
            }
        }
        return done
    }
}

/// Shell patterns over bytes.
enum GlobPattern {
    /// Whether a file name matches; a leading dot must be written out.
    static func matches(_ name: [UInt8], _ pattern: [UInt8]) -> Bool {
        let dot = UInt8(ascii: ".")
        if name.first == dot, pattern.first != dot { return false }
        var n = 0
        var p = 0
        var star: (pattern: Int, name: Int)?
        while n < name.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                star = (p, n)
                p += 1
            } else if let next = step(name[n], pattern, p) {
                n += 1
                p = next
            } else if let last = star {
                star = (last.pattern, last.name + 1)
                p = last.pattern + 1
                n = last.name + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// The pattern's next index when its element at `index` accepts the byte.
    private static func step(_ byte: UInt8, _ pattern: [UInt8], _ index: Int) -> Int? {
        guard index < pattern.count else { return nil }
        switch pattern[index] {
        case UInt8(ascii: "?"):
            return index + 1
        case UInt8(ascii: "["):
            guard let set = bracket(pattern, index) else { return byte == pattern[index] ? index + 1 : nil }
            return set.contains(byte) ? set.end : nil
        case ASCII.backslash where index + 1 < pattern.count:
            return pattern[index + 1] == byte ? index + 2 : nil
        default:
            return pattern[index] == byte ? index + 1 : nil
        }
    }

    private struct Bracket {
        var ranges: [ClosedRange<UInt8>] = []
        var isNegated = false
        var end = 0

        func contains(_ byte: UInt8) -> Bool { ranges.contains { $0.contains(byte) } != isNegated }
    }

    private static func bracket(_ pattern: [UInt8], _ start: Int) -> Bracket? {
        var set = Bracket()
        var index = start + 1
        if index < pattern.count, pattern[index] == ASCII.bang || pattern[index] == ASCII.caret {
            set.isNegated = true
            index += 1
        }
        let first = index
        while index < pattern.count {
            if pattern[index] == UInt8(ascii: "]"), index > first {
                set.end = index + 1
                return set
            }
            let low = pattern[index]
            if index + 2 < pattern.count, pattern[index + 1] == UInt8(ascii: "-"),
                pattern[index + 2] != UInt8(ascii: "]")
            {
                if low <= pattern[index + 2] { set.ranges.append(low...pattern[index + 2]) }
                index += 3
            } else {
                set.ranges.append(low...low)
                index += 1
            }
        }
        return nil
    }

    /// The comma-separated parts of the brace expression that starts at `start`.
    static func braceParts(
        _ pattern: [UInt8], from start: Int
    ) -> (alternatives: [ArraySlice<UInt8>], end: Int)? {
        var depth = 0
        var parts: [ArraySlice<UInt8>] = []
        var partStart = start + 1
        for index in start..<pattern.count {
            switch pattern[index] {
            case ASCII.openBrace:
                depth += 1
            case ASCII.closeBrace:
                depth -= 1
                if depth == 0 {
                    parts.append(pattern[partStart..<index])
                    return (parts, index + 1)
                }
            case ASCII.comma where depth == 1:
                parts.append(pattern[partStart..<index])
                partStart = index + 1
            default:
                break
            }
        }
        return nil
    }
}
