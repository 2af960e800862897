internal import Synchronization

/// Lines that were looked at and hold no secret.
///
/// The files of a fleet differ in a few lines, and a plan looks at each of them several times: as it is, as it is to be,
/// as a linter sees it. A line with a secret is never kept here.
enum PlainLines {
    private static let known = Mutex<Set<[UInt8]>>([])
    private static let most = 8192

    /// The line with its secrets; `nil` when it holds none and nothing of it goes on behind it.
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
