import Addresses
import Inventory
import Remote

/// The words that belong to one cluster alone: the names and addresses of its machines, its virtual addresses, its router ids.
///
/// The texts of two clusters with the same setup differ only in these words. ``pattern(of:)`` replaces each of
/// them by its role, so two texts have equal patterns exactly when they differ only in these words.
struct ClusterVocabulary {
    /// What a word means in its cluster.
    enum Kind: Int, CaseIterable, Comparable {
        case cluster, nodeName, nodeAddress, observer, virtualAddress, instance, routerID, server
        /// A checksum of a file that haops ships; it differs whenever the file's content does.
        case checksum
        /// The id of a run that saved files.
        case run

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

        var plural: String {
            switch self {
            case .cluster: "cluster names"
            case .nodeName: "node names"
            case .nodeAddress: "node addresses"
            case .observer: "observers"
            case .virtualAddress: "virtual addresses"
            case .instance: "instance names"
            case .routerID: "router ids"
            case .server: "backend servers"
            case .checksum: "checksums"
            case .run: "run ids"
            }
        }
    }

    /// A text without its cluster's own words.
    struct Pattern {
        var text: String
        /// The words that were replaced, in their order.
        var words: [(kind: Kind, word: String)]
    }

    private var parts: [Substring: (kind: Kind, part: String)] = [:]
    private var routerIDs: [Substring: String] = [:]
    private let name: Substring

    init(_ cluster: Cluster) {
        name = cluster.name[...]
        for (index, node) in cluster.nodes.enumerated() {
            add(.nodeName, node.id.name, "\(index)")
            add(.nodeAddress, node.target.host, "\(index)")
            if let address = node.vrrpAddress { add(.nodeAddress, address.description, "vrrp\(index)") }
        }
        for (index, observer) in cluster.observers.enumerated() {
            add(.observer, observer.id.name, "name\(index)")
            add(.observer, observer.target.host, "\(index)")
        }
        for (index, instance) in (cluster.keepalived?.instances ?? []).enumerated() {
            add(.instance, instance.name, "\(index)")
            routerIDs[String(instance.routerID)[...]] =
                routerIDs[String(instance.routerID)[...]] ?? "\(index)"
        }
        for (index, address) in cluster.virtualAddresses.enumerated() {
            add(.virtualAddress, address.vip.cidr.address.description, "\(index)")
        }
        for (index, backend) in (cluster.haproxy?.backends ?? []).enumerated() {
            for (place, server) in backend.servers.enumerated() {
                add(.server, server.name, "name\(index).\(place)")
                let host = server.endpoint.lastIndex(of: ":").map { server.endpoint[..<$0] }
                add(.server, String(host ?? server.endpoint[...]), "\(index).\(place)")
            }
        }
    }

    /// Adds a word and its role. A word with two roles keeps the first one.
    private mutating func add(_ kind: Kind, _ word: String, _ part: String) {
        if parts[word[...]] == nil, !word.isEmpty { parts[word[...]] = (kind, part) }
    }

    func pattern(of text: String) -> Pattern {
        var pattern = Pattern(text: "", words: [])
        var rest = text[...]
        var previous = Substring()
        while !rest.isEmpty {
            let gap = rest.utf8.firstIndex(where: Self.isPartOfWord) ?? rest.endIndex
            pattern.text += rest[..<gap]
            rest = rest[gap...]
            let end = rest.utf8.firstIndex { !Self.isPartOfWord($0) } ?? rest.endIndex
            let word = rest[..<end]
            rest = rest[end...]
            if word.isEmpty { break }
            // Elsewhere these are ordinary words and numbers: a backend may have its cluster's name.
            if previous == "virtual_router_id", let part = routerIDs[word] {
                pattern.replace(word, .routerID, part)
            } else if previous == "cluster", word == name || word.dropLast() == name, !name.isEmpty {
                pattern.replace(name, .cluster, "")
                pattern.text += word.dropFirst(name.count)
            } else {
                add(word, to: &pattern)
            }
            previous = word
        }
        return pattern
    }

    /// Adds a token that may contain such a word, such as `203.0.113.50:80`, `c01-lb1:`, or the `-lb1` of a diff.
    private func add(_ word: Substring, to pattern: inout Pattern) {
        if replace(word, in: &pattern) { return }
        let isMark: (UInt8) -> Bool = { ".:-".utf8.contains($0) }
        let start = word.utf8.firstIndex { !isMark($0) } ?? word.endIndex
        let end = word.utf8.lastIndex { !isMark($0) }.map { word.utf8.index(after: $0) } ?? start
        let core = word[start..<end]
        pattern.text += word[..<start]
        if !replace(core, in: &pattern) {
            for (index, piece) in core.split(separator: ":", omittingEmptySubsequences: false).enumerated() {
                if index > 0 { pattern.text += ":" }
                if !replace(piece, in: &pattern) { pattern.text += piece }
            }
        }
        pattern.text += word[end...]
    }

    private func replace(_ word: Substring, in pattern: inout Pattern) -> Bool {
        if let known = parts[word] {
            pattern.replace(word, known.kind, known.part)
        } else if Self.isChecksum(word) {
            pattern.replace(word, .checksum, "")
        } else if Self.isRun(word) {
            pattern.replace(word, .run, "")
        } else {
            return false
        }
        return true
    }

    private static func isPartOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x80...: true
        default: "_.-:".utf8.contains(byte)
        }
    }

    /// Whether the word is a SHA-256 checksum, as in the list of shipped files.
    private static func isChecksum(_ word: Substring) -> Bool {
        word.utf8.count == 64
            && word.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// Whether the word is a run id, such as `20261121T084349Z-k3x9f2`.
    private static func isRun(_ word: Substring) -> Bool {
        word.utf8.count > 17 && word.dropFirst(8).first == "T" && word.dropFirst(15).hasPrefix("Z-")
            && word.prefix(8).allSatisfy(\.isNumber)
    }
}

extension ClusterVocabulary.Pattern {
    /// Appends a placeholder. Displayed text never contains its control character, because control characters are
    /// escaped before.
    fileprivate mutating func replace(_ word: Substring, _ kind: ClusterVocabulary.Kind, _ part: String) {
        text += "\u{1}\(kind.rawValue) \(part)\u{1}"
        words.append((kind, String(word)))
    }
}

/// Groups elements of several clusters that differ only in their clusters' own words.
struct AlikeClusters<Element> {
    struct Group {
        /// The members in their original order; the first one is the example.
        var members: [Element]
        /// The kinds of words in which the members differ from the first one.
        var differing: [ClusterVocabulary.Kind]
    }

    var groups: [Group] = []

    /// - `describe`: the element's cluster, and the text that must be equal.
    init(_ elements: [Element], _ describe: (Element) -> (cluster: Cluster, text: String)) {
        var index: [String: Int] = [:]
        var examples: [[(kind: ClusterVocabulary.Kind, word: String)]] = []
        for element in elements {
            let (cluster, text) = describe(element)
            let pattern = ClusterVocabulary(cluster).pattern(of: text)
            guard let known = index[pattern.text] else {
                index[pattern.text] = groups.count
                groups.append(Group(members: [element], differing: []))
                examples.append(pattern.words)
                continue
            }
            let differing = zip(examples[known], pattern.words).compactMap {
                $0.word == $1.word ? nil : $0.kind
            }
            groups[known].members.append(element)
            groups[known].differing = Set(groups[known].differing + differing).sorted()
        }
    }
}
