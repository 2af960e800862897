internal import Synchronization

/// A cache of lines that contain no secret.
///
/// The files of a fleet differ in a few lines, and a plan examines each file several times: the current one, the
/// new one, and again for lint. A line with a secret is never cached.
enum PlainLines {
    private static let known = Mutex<Set<[UInt8]>>([])
    private static let most = 8192

    /// The line with its secrets; `nil` when it contains none and does not affect the next line.
    static func secrets(of line: ArraySlice<UInt8>) -> SecretLine? {
        let key = Array(line)
        if known.withLock({ $0.contains(key) }) { return nil }
        let secrets = SecretLine(line)
        guard secrets.parts.isEmpty, !secrets.goesOn, !secrets.lacksValue else { return secrets }
        known.withLock { known in
            if known.count >= most { known.removeAll() }
            known.insert(key)
        }
        return nil
    }
}
