internal import Glibc

/// Scans the operator's ssh configuration for keywords that matter to haops.
///
/// Only `ssh -G` evaluates the configuration, because it knows all of its rules. But that is a process per host,
/// and for most fleets the files only contain settings of ssh itself. So the files are scanned first. The scan
/// may report too much, which only costs an unnecessary `ssh -G`.
struct ConfigScan: Sendable {
    /// Keywords that may restrict, with the patterns of their `Host` line; `nil` when the condition is not a host
    /// name.
    private var lines: [(keyword: String, patterns: [String]?)] = []
    /// Whether any keyword may apply to any host, because ssh reads the files again under a canonical name, or
    /// because an `Include` cannot be followed here.
    private var isOpaque = false
    /// Whether the files contain `HashKnownHosts yes`, for any host.
    private(set) var hashesKnownHosts = false

    /// Whether the files contain `StrictHostKeyChecking accept-new`, for any host.
    private(set) var acceptsNew = false

    /// Whether the files contain `GSSAPIDelegateCredentials`, or include files that cannot be found here.
    var mayDelegateTickets: Bool { delegatesTickets || isOpaque }
    private var delegatesTickets = false

    /// A configuration file that exists and cannot be read completely, so that its restrictions are unknown.
    struct Unreadable: Error, Hashable {
        let file: String
        let why: String
    }

    /// The keywords in the files that may apply to a host.
    struct Mentions: Sendable {
        fileprivate let keywords: Set<String>
        fileprivate let isEverything: Bool

        /// - `keyword`: in lower case, by its present name.
        func contains(_ keyword: String) -> Bool { isEverything || keywords.contains(keyword) }

        /// Words in the files that ``SSHKeyword/all`` does not contain.
        var unknown: [String] { keywords.filter { SSHKeyword.named($0) == nil }.sorted() }
    }

    /// Whether `ssh -G` must be run for the host.
    func binds(_ host: String) -> Bool { isOpaque || lines.contains { Self.bind($0.patterns, host) } }

    func mentions(of host: String) -> Mentions {
        Mentions(
            keywords: Set(lines.filter { Self.bind($0.patterns, host) }.map(\.keyword)),
            isEverything: isOpaque)
    }

    private static func bind(_ patterns: [String]?, _ host: String) -> Bool {
        guard let patterns else { return true }
        // Negated patterns are ignored here, because they only exclude hosts: `ssh -G` decides.
        return patterns.contains { !$0.hasPrefix("!") && host.matches(glob: $0[...]) }
    }

    /// Scans the operator's files: the one of `-F`, or else the usual ones. Blocks: not for the cooperative pool.
    static func ofFiles(_ named: String?) -> Result<ConfigScan, Unreadable> {
        var scan = ConfigScan()
        let userDirectory = homeDirectory + "/.ssh"
        do throws(Unreadable) {
            switch named {
            case "none": break
            case let file?: try scan.add(file: expandTilde(file), relativeTo: userDirectory)
            case nil:
                try scan.add(file: userDirectory + "/config", relativeTo: userDirectory)
                try scan.add(file: "/etc/ssh/ssh_config", relativeTo: "/etc/ssh")
            }
            return .success(scan)
        } catch {
            return .failure(error)
        }
    }

    /// Reads a file and what it includes. Blocks: not for the cooperative pool.
    mutating func add(file: String, relativeTo base: String, depth: Int = 0) throws(Unreadable) {
        guard depth < 16 else { throw Unreadable(file: file, why: "it is included by too many others") }
        switch readFile(file, atMost: FileLimit.settings) {
        case .failure(let error):
            if !error.isMissing { throw Unreadable(file: file, why: error.message) }
        case .success(let bytes):
            try add(text: String(decoding: bytes, as: UTF8.self)) { include in
                let pattern = expandTilde(include)
                // User names, variables and tokens, which newer versions of ssh expand in file names, cannot be
                // expanded here.
                guard !pattern.hasPrefix("~"), !pattern.contains("$"), !pattern.contains("%") else {
                    return nil
                }
                return expandGlob(pattern.hasPrefix("/") ? pattern : base + "/" + pattern)
            } read: { scan, path throws(Unreadable) in
                try scan.add(file: path, relativeTo: base, depth: depth + 1)
            }
        }
    }

    /// Reads one file's text; the closures find and read included files. `expand` returns `nil` when it cannot
    /// expand a pattern.
    mutating func add(
        text: String, expand: (String) -> [String]?,
        read: (inout ConfigScan, String) throws(Unreadable) -> Void
    ) throws(Unreadable) {
        var condition: [String]? = ["*"]
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            var words = Self.words(of: line)
            guard let keyword = words.first?.lowercased() else { continue }
            words.removeFirst()
            switch keyword {
            case "host": condition = words
            case "match":
                let criteria = words.map { $0.lowercased() }
                condition = criteria.first == "all" ? ["*"] : nil
                if criteria.contains("final") || criteria.contains("canonical") { isOpaque = true }
            case "include":
                for word in words {
                    guard let paths = expand(word) else {
                        isOpaque = true
                        continue
                    }
                    for path in paths { try read(&self, path) }
                }
            case "hashknownhosts":
                if words.first?.lowercased() == "yes" { hashesKnownHosts = true }
            default: note(keyword, words.first?.lowercased(), under: condition)
            }
        }
    }

    private mutating func note(_ word: String, _ value: String?, under condition: [String]?) {
        guard let keyword = SSHKeyword.named(word) else {
            // A keyword that is newer than the table may restrict.
            if !SSHKeyword.idle.contains(word) { lines.append((word, condition)) }
            return
        }
        let name = keyword.name.lowercased()
        if name == "gssapidelegatecredentials" { delegatesTickets = true }
        guard keyword.handling != .ignored else { return }
        lines.append((name, condition))
        if name == "stricthostkeychecking", value == "accept-new" { acceptsNew = true }
        if name == "canonicalizehostname", value != "no", value != "false" { isOpaque = true }
    }

    /// The keyword of a line and its arguments, with the quotes of ssh_config(5).
    static func words(of line: some Sequence<UInt8>) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var isWord = false
        var quote: UInt8?
        var isEscaped = false
        /// One `=` may stand between the keyword and its first argument.
        var mayAssign = false
        func end() {
            guard isWord else { return }
            words.append(String(decoding: word, as: UTF8.self))
            word = []
            isWord = false
            if words.count == 1 { mayAssign = true }
        }
        for byte in line {
            if isEscaped {
                // A backslash before any other character is literal.
                if byte != quote, !"\"'\\ ".utf8.contains(byte) { word.append(UInt8(ascii: "\\")) }
                word.append(byte)
                isEscaped = false
                continue
            }
            switch byte {
            case UInt8(ascii: "\\"):
                isEscaped = true
                isWord = true
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                if quote == byte {
                    quote = nil
                } else if quote == nil {
                    quote = byte
                    isWord = true
                } else {
                    word.append(byte)
                }
            case _ where quote != nil: word.append(byte)
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), 0x0c: end()
            case UInt8(ascii: "=") where words.isEmpty || (mayAssign && !isWord):
                end()
                mayAssign = false
            case UInt8(ascii: "#") where !isWord: return words
            default:
                word.append(byte)
                isWord = true
                if words.count == 1 { mayAssign = false }
            }
        }
        end()
        return words
    }
}

private func expandGlob(_ pattern: String) -> [String]? {
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    let code = unsafe glob(pattern, 0, nil, &found)
    // glob(3) failed, for example for an unreadable directory, so the matching files are unknown.
    guard code == 0 || code == GLOB_NOMATCH else { return nil }
    guard code == 0 else { return [] }
    return unsafe (0..<Int(found.gl_pathc)).compactMap { index in
        guard let path = unsafe found.gl_pathv[index] else { return nil }
        return unsafe String(cString: path)
    }
}
