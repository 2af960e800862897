package import Addresses
import Concealment
package import Keepalived

/// The lines of a haproxy.cfg that decide whether haproxy can start, and where it listens.
package struct HAProxyConfiguration: Sendable {
    package struct Bind: Hashable, Sendable {
        /// The section's title, such as `frontend web`.
        package var section: String
        /// As written: `203.0.113.50:80`.
        package var text: String
        /// `nil` for all addresses, and for what is no plain address.
        package var address: IPAddress?
        /// As written; it may be a range or a variable.
        package var port: String
        package var isTransparent: Bool
        /// It listens in another network namespace.
        package var isInNamespace = false
        package var location: SourceLocation
    }

    package struct Section: Hashable, Sendable {
        package var title: String
        package var kind: String
        package var location: SourceLocation
        /// The timeouts in force, from the section and its `defaults`.
        package var timeouts: Set<String> = []
    }

    /// A directory that must exist for haproxy to start.
    package struct Need: Hashable, Sendable {
        package var keyword: String
        package var path: String
        package var location: SourceLocation
    }

    package private(set) var sections: [Section] = []
    package private(set) var binds: [Bind] = []
    package private(set) var neededDirectories: [Need] = []
    /// Of the process, where it is written as a number.
    package private(set) var maxconn: (value: Int, location: SourceLocation)?
    /// Whether a limit that cannot be reached keeps haproxy from starting, as since 2.3.
    package private(set) var isStrictAboutLimits = true
    /// Where sockets stand is not where they are said to.
    private var hasSocketPrefix = false
    /// What of the file must not be shown.
    let concealed: ConcealedFiles
    private var defaults: [String: Set<String>] = [:]
    private var latestDefaults: Set<String> = []

    /// Reads any bytes; what is not understood is passed over, as `haproxy -c` judges it better.
    package init(file: String, source: [UInt8]) {
        concealed = ConcealedFiles([file: source])
        var number = 0
        for line in source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let words = Self.words(line)
            guard let first = words.first else { continue }
            read(first.text, words, SourceLocation(file: file, line: number, column: first.column))
        }
        finishDefaults()
    }

    private mutating func read(
        _ keyword: String, _ words: [(text: String, column: Int)], _ location: SourceLocation
    ) {
        switch keyword {
        case "global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "userlist", "cache",
            "ring", "program", "mailers", "http-errors", "fcgi-app", "log-forward":
            openSection(keyword, words.map(\.text), location)
        case "bind":
            for word in words.dropFirst().prefix(1) { addBinds(word.text, words.map(\.text), location) }
        case "timeout":
            if words.count > 2, !sections.isEmpty {
                sections[sections.count - 1].timeouts.insert(words[1].text)
            }
        case "chroot":
            if words.count > 1 {
                neededDirectories.append(Need(keyword: keyword, path: words[1].text, location: location))
            }
        case "stats":
            if words.count > 2, words[1].text == "socket", words[2].text.hasPrefix("/"), !hasSocketPrefix {
                let directory = words[2].text.split(separator: "/").dropLast().joined(separator: "/")
                neededDirectories.append(
                    Need(keyword: "stats socket", path: "/" + directory, location: location))
            }
        case "maxconn":
            if sections.last?.kind == "global", words.count > 1, let value = Int(words[1].text) {
                maxconn = (value, location)
            }
        case "no":
            if words.count > 1, words[1].text == "strict-limits" { isStrictAboutLimits = false }
        case "unix-bind":
            if words.contains(where: { $0.text == "prefix" }) { hasSocketPrefix = true }
        default:
            break
        }
    }

    private mutating func openSection(_ keyword: String, _ words: [String], _ location: SourceLocation) {
        finishDefaults()
        var section = Section(title: words.joined(separator: " "), kind: keyword, location: location)
        if keyword == "frontend" || keyword == "backend" || keyword == "listen" {
            section.timeouts = latestDefaults
            if let from = words.firstIndex(of: "from"), from + 1 < words.count {
                section.timeouts = defaults[words[from + 1]] ?? latestDefaults
            }
        }
        sections.append(section)
    }

    /// What a `defaults` section says counts for the sections that follow it.
    private mutating func finishDefaults() {
        guard let last = sections.last, last.kind == "defaults" else { return }
        latestDefaults = last.timeouts
        if let name = last.title.split(separator: " ").dropFirst().first {
            defaults[String(name)] = last.timeouts
        }
    }

    private mutating func addBinds(_ text: String, _ words: [String], _ location: SourceLocation) {
        for part in text.split(separator: ",") where !part.hasPrefix("/") && !part.hasPrefix("unix@") {
            guard let colon = part.lastIndex(of: ":") else { continue }
            var host = part[..<colon]
            for prefix in ["ipv4@", "ipv6@"] where host.hasPrefix(prefix) {
                host = host.dropFirst(prefix.count)
            }
            if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
            binds.append(
                Bind(
                    section: sections.last?.title ?? "", text: String(part), address: IPAddress(host),
                    port: String(part[part.index(after: colon)...]),
                    isTransparent: words.contains("transparent"), isInNamespace: words.contains("namespace"),
                    location: location))
        }
    }

    /// Words between blanks; quotes and `\ ` hold a word together, `#` starts a comment.
    private static func words(_ line: ArraySlice<UInt8>) -> [(text: String, column: Int)] {
        var words: [(String, Int)] = []
        var word: [UInt8] = []
        var start = 0
        var quote: UInt8?
        var isEscaped = false
        func flush() {
            if !word.isEmpty { words.append((String(decoding: word, as: UTF8.self), start)) }
            word = []
        }
        for (offset, byte) in line.enumerated() {
            if word.isEmpty { start = offset + 1 }
            if isEscaped {
                word.append(byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "'") {
                isEscaped = true
            } else if byte == quote {
                quote = nil
            } else if quote == nil, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if quote == nil, byte == UInt8(ascii: " ") || byte == 9 || byte == 13 {
                flush()
            } else if quote == nil, byte == UInt8(ascii: "#") {
                break
            } else {
                word.append(byte)
            }
        }
        flush()
        return words
    }
}

extension HAProxyConfiguration.Section {
    /// The timeouts without which connections are kept for ever.
    var missingTimeouts: [String] {
        let needed: [String]
        switch kind {
        case "frontend": needed = ["client"]
        case "backend": needed = ["connect", "server"]
        case "listen": needed = ["client", "connect", "server"]
        default: needed = []
        }
        return needed.filter { !timeouts.contains($0) }
    }
}
