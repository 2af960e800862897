/// The restrictions of the operator's ssh configuration on how libssh2 connects and logs in.
struct Restrictions: Hashable, Sendable {
    /// The allowed methods of RFC 4252 that libssh2 supports, in the order in which they are tried.
    var methods = ["publickey", "password", "keyboard-interactive"]
    /// `BatchMode`, or no prompts: the operator is not asked for a password or a passphrase.
    var asksNothing = false
    /// `PubkeyAcceptedAlgorithms`: the allowed signature algorithms of keys; `nil` allows all.
    var signatures: [String]?
    /// `RequiredRSASize`, in bits.
    var requiredRSASize = 0

    /// The algorithms that may be negotiated; a missing keyword restricts nothing.
    var algorithms: [Algorithms: [String]] = [:]

    /// The kinds of negotiated algorithms, by their keywords.
    enum Algorithms: String, CaseIterable, Sendable {
        case kexAlgorithms = "KexAlgorithms"
        case ciphers = "Ciphers"
        case macs = "MACs"
        case hostKeyAlgorithms = "HostKeyAlgorithms"
    }

    var allowsKeys: Bool { methods.contains("publickey") }

    /// Nothing is restricted.
    init() {}

    /// - `mentions`: the keywords that the files set for the host. For other keywords `ssh -G` prints ssh's
    ///   default algorithms, which differ from libssh2's and are ignored.
    init(_ config: ResolvedConfig, mentions: ConfigScan.Mentions) {
        if let preferred = config.list("preferredauthentications") {
            // Keys need no prompt, so they go first in any case.
            methods =
                methods.filter { $0 == "publickey" && preferred.contains($0) }
                + preferred.filter { $0 != "publickey" && methods.contains($0) }
        }
        for (keyword, method) in [
            ("pubkeyauthentication", "publickey"), ("passwordauthentication", "password"),
            ("kbdinteractiveauthentication", "keyboard-interactive"),
            ("challengeresponseauthentication", "keyboard-interactive"),
        ] where config.isNo(keyword) {
            methods.removeAll { $0 == method }
        }
        if config.string("kbdinteractivedevices") != nil {
            methods.removeAll { $0 == "keyboard-interactive" }
        }
        asksNothing = config.isYes("batchmode") || config.number("numberofpasswordprompts") == 0
        for name in ["pubkeyacceptedalgorithms", "pubkeyacceptedkeytypes"]
        where mentions.contains("pubkeyacceptedalgorithms") {
            signatures = signatures ?? config.list(name)
        }
        // RHEL 8 uses the second name.
        requiredRSASize = config.number("requiredrsasize") ?? config.number("rsaminsize") ?? 0
        for kind in Algorithms.allCases where mentions.contains(kind.rawValue.lowercased()) {
            algorithms[kind] = config.list(kind.rawValue.lowercased())
        }
    }

    /// Why a key may not be offered; `nil` when it may.
    ///
    /// - `kind`: of the key, empty when it is not known without the passphrase.
    /// - `rsaSignatures`: the session's signature algorithms for RSA keys.
    func refusal(of kind: String, key: [UInt8]?, isRSA: Bool, rsaSignatures: [String]) -> String? {
        guard allowsKeys else { return "PubkeyAuthentication or PreferredAuthentications forbids keys" }
        if let signatures {
            let made = isRSA ? rsaSignatures : [kind]
            guard made.allSatisfy(signatures.contains) else { return "PubkeyAcceptedAlgorithms forbids it" }
        }
        if isRSA, requiredRSASize > 1024 || key != nil {
            guard let bits = key.flatMap(KnownHosts.rsaBits) else {
                return "RequiredRSASize is \(requiredRSASize), and its size is not known without a .pub file"
            }
            if bits < requiredRSASize {
                return "it has \(bits) bits, and RequiredRSASize is \(requiredRSASize)"
            }
        }
        return nil
    }
}
