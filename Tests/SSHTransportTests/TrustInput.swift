@testable import SSHTransport

/// Any bytes as known_hosts and as ssh_config: for the fuzzers (fuzz/FuzzKnownHosts.swift, fuzz/FuzzSSHConfig.swift) and for
/// tests.
enum TrustInput {
    /// A key that no input has, as far as its text is not there.
    private static let key: [UInt8] =
        [0, 0, 0, 11] + Array("ssh-ed25519".utf8) + [0, 0, 0, 32] + (0..<32).map { $0 &* 7 &+ 1 }
    private static let names = ["lb1", "[lb1]:2222", "198.51.100.11", "[2001:db8::1]:22", "", "*"]

    /// No file makes a machine known by a key that is not in it.
    static func readKnownHosts(_ bytes: [UInt8]) {
        var known = KnownHosts()
        known.add(bytes, file: "known_hosts")
        // A part of the key's text that no wording of base64 can do without.
        let isThere = bytes.firstRange(of: Array(Base64.encode(key, padding: false).utf8.prefix(40))) != nil
        for name in names {
            if case .known = known.verdict(on: key, of: name, bareName: "lb1") { precondition(isThere) }
            _ = known.kinds(of: name, bareName: nil)
        }
        var alone = KnownHosts()
        alone.add(KnownHosts.line(for: "lb1", key: key, hashed: bytes.count % 2 == 0), file: "own")
        guard case .known = alone.verdict(on: key, of: "lb1") else {
            preconditionFailure("its own line is not read")
        }
    }

    /// The scan may report too much and never too little: what restricts a host by name is told of it.
    static func scan(_ bytes: [UInt8]) {
        var scan = ConfigScan()
        let text = String(decoding: bytes, as: UTF8.self)
        do {
            try scan.add(text: text) { pattern in
                pattern.count % 3 == 0 ? nil : [pattern]
            } read: { _, _ in
            }
        } catch {
            preconditionFailure("\(error)")
        }
        for host in ["lb1", "198.51.100.11", ""] {
            _ = scan.binds(host)
            _ = scan.mentions(of: host).unknown
        }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            precondition(ConfigScan.words(of: line).allSatisfy { !$0.contains("\n") })
        }
    }
}
