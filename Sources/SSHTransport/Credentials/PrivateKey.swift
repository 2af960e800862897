internal import Glibc
internal import Reactor
internal import Synchronization

/// A private key file, read but not decrypted.
struct PrivateKey: Hashable, Sendable {
    let path: String
    /// The file's contents, which libssh2 decodes; empty when only the public half is available.
    let text: [UInt8]
    /// The public half as RFC 4253 section 6.6 encodes it; `nil` when it needs a passphrase.
    let publicKey: [UInt8]?
    let isEncrypted: Bool
    /// Whether there is a certificate `KEY-cert.pub` beside the file.
    let hasCertificate: Bool

    /// The public half as a line of a `.pub` file.
    let publicLine: String?

    /// "ssh-rsa", "ssh-ed25519" and the like; empty when unknown.
    var kind: String { publicKey.map(KnownHosts.kind) ?? "" }

    var isRSA: Bool {
        kind == "ssh-rsa" || (kind.isEmpty && text.firstRange(of: "BEGIN RSA PRIVATE KEY".utf8) != nil)
    }

    /// Whether the file is only a handle and the key itself is in hardware (OpenSSH's `PROTOCOL.u2f`).
    var isOfSecurityKey: Bool { kind.hasPrefix("sk-") }

    /// `publicText` is the `.pub` file beside it, if there is one.
    init(path: String, text: [UInt8], publicText: [UInt8]?, hasCertificate: Bool = false) {
        self.path = path
        self.text = text
        self.hasCertificate = hasCertificate
        let header = Self.openSSHHeader(text)
        let besides = publicText.flatMap { publicText -> [UInt8]? in
            let fields = publicText.split(separator: UInt8(ascii: " "), maxSplits: 2)
            return fields.count >= 2 ? Base64.decode(fields[1]) : nil
        }
        publicKey = header?.publicKey ?? besides
        publicLine = publicKey.map { "\(KnownHosts.kind(of: $0)) \(Base64.encode($0))" }
        isEncrypted = header?.isEncrypted ?? (text.firstRange(of: "ENCRYPTED".utf8) != nil)
    }

    /// The part of OpenSSH's own format that is never encrypted (OpenSSH's `PROTOCOL.key`).
    private static func openSSHHeader(_ text: [UInt8]) -> (publicKey: [UInt8], isEncrypted: Bool)? {
        let lines = text.split(separator: UInt8(ascii: "\n"))
        guard lines.first?.starts(with: "-----BEGIN OPENSSH PRIVATE KEY".utf8) == true else { return nil }
        let body = lines.dropFirst().prefix { $0.first != UInt8(ascii: "-") }
        guard let bytes = Base64.decode(body.joined().filter { $0 != UInt8(ascii: "\r") }) else { return nil }
        var reader = WireReader(bytes)
        guard reader.skip("openssh-key-v1\0".utf8.count), let cipher = reader.text(),
            reader.string() != nil, reader.string() != nil, reader.number() == 1, let key = reader.string()
        else { return nil }
        return (key, cipher != "none")
    }
}

/// A key file that is missing or cannot be read completely.
struct KeyFileError: Error, Hashable, Sendable {
    /// The file itself, or its `.pub`.
    let file: String
    let error: FileError
}

/// The key files of a run, each read once.
final class KeyFiles: Sendable {
    private let reactor: Reactor
    private let keys = Mutex<[String: Result<PrivateKey, KeyFileError>]>([:])

    init(reactor: Reactor) { self.reactor = reactor }

    func key(at path: String, until deadline: ContinuousClock.Instant) async throws(WaitError)
        -> Result<PrivateKey, KeyFileError>
    {
        if let key = keys.withLock({ $0[path] }) { return key }
        let key = try await offPool(reactor, until: deadline) { () -> Result<PrivateKey, KeyFileError> in
            let publicText: [UInt8]?
            switch readFile(path + ".pub", atMost: FileLimit.key) {
            case .success(let text): publicText = text
            case .failure(let error) where error.isMissing: publicText = nil
            case .failure(let error): return .failure(KeyFileError(file: path + ".pub", error: error))
            }
            switch readFile(path, atMost: FileLimit.key) {
            case .success(let text):
                let hasCertificate = unsafe access(path + "-cert.pub", R_OK) == 0
                return .success(
                    PrivateKey(
                        path: path, text: text, publicText: publicText, hasCertificate: hasCertificate))
            case .failure(let error) where publicText != nil && error.isMissing:
                // The private half may be in the agent.
                return .success(PrivateKey(path: path, text: [], publicText: publicText))
            case .failure(let error): return .failure(KeyFileError(file: path, error: error))
            }
        }
        keys.withLock { $0[path] = key }
        return key
    }
}
