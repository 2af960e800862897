/// What known_hosts files say about machines: a pure reader of the format in sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".
struct KnownHosts: Sendable {
    /// What is known of a host and the key that it shows.
    enum Verdict: Hashable, Sendable {
        case known
        /// No line names the host.
        case unknown
        /// A line names the host with another key of the same kind; `at` is "file:line".
        case changed(at: String)
        /// `@revoked`: refused, whatever else is there.
        case revoked(at: String)
        /// Lines name the host, with keys of other kinds only.
        case otherKinds(at: String, kinds: [String])
        /// Lines name the host, but no key of them can be used: unreadable, or a certificate authority's.
        case unusable(at: String, why: String)
    }

    private struct Line: Sendable {
        var marker: Marker
        var at: String
        /// `nil` when the line cannot be read beyond its names.
        var key: [UInt8]?
        var kind: String
    }

    private enum Marker { case none, revoked, authority }

    private enum Names: Sendable {
        case patterns([String])
        case hashed(salt: [UInt8], hash: [UInt8])
    }

    /// Lines that name one host in so many words, by that name: the ordinary case, found without a search.
    private var plain: [String: [Line]] = [:]
    /// Lines with wildcards, negations or a hash.
    private var others: [(names: Names, line: Line)] = []

    /// Reads one file more; lines that make no sense are passed over.
    mutating func add(_ text: String, file: String) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            add(line: line, at: "\(file):\(index + 1)")
        }
    }

    private mutating func add(line text: Substring, at: String) {
        var fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })[...]
        guard let first = fields.first, !first.hasPrefix("#") else { return }
        var marker = Marker.none
        if first.hasPrefix("@") {
            switch first {
            case "@revoked": marker = .revoked
            case "@cert-authority": marker = .authority
            default: return
            }
            fields = fields.dropFirst()
        }
        guard let names = fields.popFirst() else { return }
        var line = Line(marker: marker, at: at, key: nil, kind: fields.first.map(String.init) ?? "")
        if fields.count >= 2, let key = Base64.decode(fields[fields.startIndex + 1].utf8) {
            var reader = WireReader(key)
            // The kind is written twice; a line where the two differ was damaged.
            if reader.text() == line.kind, !reader.isAtEnd { line.key = key }
        }
        add(line, named: String(names))
    }

    private mutating func add(_ line: Line, named names: String) {
        if names.hasPrefix("|") {
            let parts = names.split(separator: "|")
            guard parts.count == 3, parts[0] == "1", let salt = Base64.decode(parts[1].utf8),
                let hash = Base64.decode(parts[2].utf8)
            else { return }
            return others.append((.hashed(salt: salt, hash: hash), line))
        }
        let patterns = names.lowercased().split(separator: ",").map(String.init)
        if patterns.contains(where: { $0.contains { "*?!".contains($0) } }) {
            others.append((.patterns(patterns), line))
        } else {
            for name in patterns { plain[name, default: []].append(line) }
        }
    }

    private func lines(naming name: String) -> [Line] {
        let name = name.lowercased()
        let bytes = Array(name.utf8)
        return (plain[name] ?? [])
            + others.filter { entry in
                switch entry.names {
                case .hashed(let salt, let hash): SHA1.authenticate(bytes, key: salt) == hash
                case .patterns(let patterns): Self.matches(name, patterns)
                }
            }.map(\.line)
    }

    /// A negated pattern that matches wins over every other one of its line.
    private static func matches(_ name: String, _ patterns: [String]) -> Bool {
        var matched = false
        for pattern in patterns {
            if pattern.hasPrefix("!") {
                if name.matches(glob: pattern.dropFirst()) { return false }
            } else if name.matches(glob: pattern[...]) {
                matched = true
            }
        }
        return matched
    }

    /// Judges the key that a host shows.
    ///
    /// `name` is written as ``Hop/knownHostsName`` writes it.
    func verdict(on key: [UInt8], of name: String) -> Verdict {
        let lines = lines(naming: name)
        if let line = lines.first(where: { $0.marker == .revoked && $0.key == key }) {
            return .revoked(at: line.at)
        }
        let ordinary = lines.filter { $0.marker == .none }
        if ordinary.contains(where: { $0.key == key }) { return .known }
        let kind = Self.kind(of: key)
        if let line = ordinary.first(where: { $0.key != nil && $0.kind == kind }) {
            return .changed(at: line.at)
        }
        let readable = ordinary.filter { $0.key != nil }
        if let line = readable.first { return .otherKinds(at: line.at, kinds: readable.map(\.kind)) }
        if let line = ordinary.first { return .unusable(at: line.at, why: "the key there cannot be read") }
        if let line = lines.first(where: { $0.marker == .authority }) {
            return .unusable(at: line.at, why: "it is known by a certificate authority only")
        }
        return .unknown
    }

    /// The kinds of key that the host is known by, so that it can be asked for one of them.
    func kinds(of name: String) -> [String] {
        var kinds: [String] = []
        for line in lines(naming: name) where line.marker == .none && line.key != nil {
            if !kinds.contains(line.kind) { kinds.append(line.kind) }
        }
        return kinds
    }

    /// The algorithms to ask a host for, those of the keys that it is known by first; none when it makes no difference.
    static func algorithms(of kinds: [String], among supported: [String]) -> [String] {
        // One RSA key makes three kinds of signature (RFC 8332); servers of today offer none under the key's own name.
        let wanted = kinds.flatMap { $0 == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", $0] : [$0] }
        let known = wanted.filter(supported.contains)
        return known.isEmpty ? [] : known + supported.filter { !known.contains($0) }
    }

    /// A line for a host not yet known.
    static func line(for name: String, key: [UInt8], hashed: Bool) -> String {
        var shown = name.lowercased()
        if hashed {
            var random = SystemRandomNumberGenerator()
            let salt = (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) }
            let hash = SHA1.authenticate(Array(shown.utf8), key: salt)
            shown = "|1|\(Base64.encode(salt))|\(Base64.encode(hash))"
        }
        return "\(shown) \(kind(of: key)) \(Base64.encode(key))\n"
    }

    /// "ssh-ed25519" and the like, the first string of a public key.
    static func kind(of key: [UInt8]) -> String {
        var reader = WireReader(key)
        return reader.text() ?? ""
    }

    /// The fingerprint as `ssh-keygen -l` writes it.
    static func fingerprint(digest: [UInt8]) -> String { "SHA256:" + Base64.encode(digest, padding: false) }
}

extension String {
    /// Whether the pattern with its `*` and `?` covers the whole string.
    func matches(glob pattern: Substring) -> Bool {
        let text = Array(utf8)
        let glob = Array(pattern.utf8)
        var (position, index) = (0, 0)
        var retry: (position: Int, index: Int)?
        while position < text.count {
            if index < glob.count, glob[index] == UInt8(ascii: "*") {
                retry = (position, index + 1)
                index += 1
            } else if index < glob.count, glob[index] == UInt8(ascii: "?") || glob[index] == text[position] {
                position += 1
                index += 1
            } else if let last = retry {
                // The last star takes one byte more.
                retry = (last.position + 1, last.index)
                (position, index) = (last.position + 1, last.index)
            } else {
                return false
            }
        }
        return glob[index...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
