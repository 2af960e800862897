internal import Glibc

/// The contents of known_hosts files: a reader without I/O of the format in sshd(8), "SSH_KNOWN_HOSTS FILE
/// FORMAT".
struct KnownHosts: Sendable {
    /// The result of looking up a host and its key.
    enum Verdict: Hashable, Sendable {
        case known
        /// No line names the host.
        case unknown
        /// A line names the host with another key of the same kind; `at` is "file:line".
        case changed(at: String)
        /// A `@revoked` line has the key: refused in any case.
        case revoked(at: String)
        /// Only `@revoked` lines name the host, with other keys than the host's present one.
        case knownByRevokedOnly(at: String)
        /// Lines name the host, with keys of other kinds only.
        case otherKinds(at: String, kinds: [String])
        /// Lines name the host, but their keys cannot be used: they are unreadable, or a certificate authority's.
        case unusable(at: String, why: String)
    }

    private struct Line: Sendable {
        var marker: Marker
        var at: String
        /// The key; `nil` when it cannot be read.
        var key: [UInt8]?
        var kind: String
        /// Whether the line names the host literally and not by a pattern such as `*`.
        var isByName = true
    }

    private enum Marker { case none, revoked, authority, unheardOf }

    private enum Names: Sendable {
        case patterns([String])
        case hashed(salt: [UInt8], hash: [UInt8])
    }

    /// Lines that name hosts literally, by host name. This is the usual case, and needs no search.
    private var plain: [String: [Line]] = [:]
    /// Lines with wildcards, negations or a hash.
    private var others: [(names: Names, line: Line)] = []
    /// Whether there is any `@revoked` line; without one no second name is looked up.
    private var revokesAny = false

    /// Reads one file more; lines that make no sense are passed over.
    ///
    /// - `firstLine`: the number of the first line, where `text` is only a part of the file.
    mutating func add(_ text: String, file: String, firstLine: Int = 1) {
        add(Array(text.utf8), file: file, firstLine: firstLine)
    }

    /// Reads one file more; lines that make no sense are passed over.
    mutating func add(_ bytes: [UInt8], file: String, firstLine: Int = 1) {
        var number = firstLine
        bytes.forEachLine { line in
            add(line: line, at: "\(file):", number)
            number += 1
        }
    }

    private mutating func add(line: ArraySlice<UInt8>, at file: String, _ number: Int) {
        guard let start = line.firstIndex(where: { !Self.isBlank($0) }), line[start] != UInt8(ascii: "#")
        else {
            return
        }
        var fields = line[start...].split(maxSplits: 4, whereSeparator: Self.isBlank)[...]
        var marker = Marker.none
        if fields.first?.first == UInt8(ascii: "@"), let word = fields.popFirst() {
            marker =
                switch String(decoding: word, as: UTF8.self) {
                case "@revoked": .revoked
                case "@cert-authority": .authority
                default: .unheardOf
                }
        }
        guard let names = fields.popFirst() else { return }
        if marker == .revoked { revokesAny = true }
        let kind = fields.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
        var line = Line(marker: marker, at: file + String(number), key: nil, kind: kind)
        if fields.count >= 2, let key = Base64.decode(fields[fields.startIndex + 1]) {
            var reader = WireReader(key)
            // The line contains the kind twice; if the two differ, the line is damaged.
            if reader.text() == line.kind, !reader.isAtEnd { line.key = key }
        }
        add(line, named: String(decoding: names, as: UTF8.self))
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    private mutating func add(_ line: Line, named names: String) {
        if names.utf8.first == UInt8(ascii: "|") {
            let parts = names.split(separator: "|")
            guard parts.count == 3, parts[0] == "1", let salt = Base64.decode(parts[1].utf8),
                let hash = Base64.decode(parts[2].utf8)
            else { return }
            return others.append((.hashed(salt: salt, hash: hash), line))
        }
        let patterns = names.lowercased().utf8.split(separator: UInt8(ascii: ",")).map {
            String(Substring($0))
        }
        if patterns.contains(where: { $0.utf8.contains { "*?!".utf8.contains($0) } }) {
            var line = line
            line.isByName = false
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

    private func linesRevoking(_ bareName: String?) -> [Line] {
        guard revokesAny, let bareName else { return [] }
        return lines(naming: bareName)
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

    /// Looks up a host and its key.
    ///
    /// - `name`: in the form of ``Hop/knownHostsName``.
    /// - `bareName`: the host without its port, if `name` has one. A key that is revoked for the host is revoked
    ///   on all its ports, which is stricter than ssh.
    func verdict(on key: [UInt8], of name: String, bareName: String? = nil) -> Verdict {
        let lines = lines(naming: name)
        let revoked = (lines + linesRevoking(bareName)).filter { $0.marker == .revoked }
        if let line = revoked.first(where: { $0.key == key }) { return .revoked(at: line.at) }
        if let line = revoked.first(where: { $0.key == nil }) {
            return .unusable(at: line.at, why: "the key that is revoked there cannot be read")
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
        if let line = lines.first(where: { $0.marker == .unheardOf }) {
            return .unusable(at: line.at, why: "its marker is neither @revoked nor @cert-authority")
        }
        // `@revoked *` revokes a key for all hosts, and does not make any host known.
        if let line = lines.first(where: { $0.marker == .revoked && $0.isByName }) {
            return .knownByRevokedOnly(at: line.at)
        }
        return .unknown
    }

    /// The kinds of the host's known keys, to request one of them in the handshake. If only revoked keys are
    /// known, their kinds, so that the host cannot evade the check with another kind.
    func kinds(of name: String, bareName: String? = nil) -> [String] {
        func kinds(_ lines: [Line], _ marker: Marker) -> [String] {
            var kinds: [String] = []
            for line in lines where line.marker == marker && line.key != nil && !kinds.contains(line.kind) {
                kinds.append(line.kind)
            }
            return kinds
        }
        let lines = lines(naming: name)
        let known = kinds(lines, .none)
        return known.isEmpty ? kinds(lines + linesRevoking(bareName), .revoked) : known
    }

    /// The order in which ssh itself prefers host keys.
    private static let preference = [
        "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512",
        "rsa-sha2-256", "ssh-rsa",
    ]

    /// The host key algorithms to offer: first those of the host's known keys, in ssh's order. With this order
    /// haops checks the same key as ssh, so that a changed key is noticed as by ssh.
    ///
    /// - `allowed`: `HostKeyAlgorithms`; `nil` without a restriction.
    static func algorithms(of kinds: [String], among supported: [String], allowed: [String]? = nil)
        -> [String]
    {
        // libssh2 does not verify the signature of a host certificate.
        let usable = supported.filter { !$0.contains("-cert-v01@") }
        var order = (allowed ?? preference).filter(usable.contains)
        if allowed == nil { order += usable.filter { !order.contains($0) } }
        // An RSA key has three signature algorithms (RFC 8332); current servers do not offer `ssh-rsa`.
        let wanted = kinds.flatMap { $0 == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", $0] : [$0] }
        return order.filter(wanted.contains) + order.filter { !wanted.contains($0) }
    }

    /// A line for an unknown host.
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

    /// The length of an RSA key's modulus; `nil` for keys of other kinds.
    static func rsaBits(of key: [UInt8]) -> Int? {
        var reader = WireReader(key)
        guard reader.text() == "ssh-rsa", reader.string() != nil, let modulus = reader.string() else {
            return nil
        }
        let digits = modulus.drop { $0 == 0 }
        guard let first = digits.first else { return 0 }
        return digits.count * 8 - first.leadingZeroBitCount
    }

    /// The fingerprint as `ssh-keygen -l` writes it.
    static func fingerprint(digest: [UInt8]) -> String { "SHA256:" + Base64.encode(digest, padding: false) }
}

extension [UInt8] {
    /// Calls `body` with each line, without its newline; a carriage return before it stays.
    func forEachLine(_ body: (ArraySlice<UInt8>) -> Void) {
        var start = 0
        while start < count {
            let end = unsafe withUnsafeBufferPointer { bytes in
                guard let base = bytes.baseAddress,
                    let found = unsafe memchr(base + start, 10, bytes.count - start)
                else { return bytes.count }
                return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
            }
            body(self[start..<end])
            start = end + 1
        }
    }
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
                // The last star matches one more byte.
                retry = (last.position + 1, last.index)
                (position, index) = (last.position + 1, last.index)
            } else {
                return false
            }
        }
        return glob[index...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
