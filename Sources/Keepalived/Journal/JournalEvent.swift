/// The event that one line of keepalived's log reports, for every release.
package struct JournalEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        // Changes of state
        case becameMaster
        /// `initial` at start and reload.
        case becameBackup(initial: Bool)
        case becameFault(cause: String?)
        /// `Transition to MASTER STATE` (1.x) or `Receive advertisement timeout`.
        case advertTimeout
        case groupSync(state: String)
        // Adverts
        case higherAdvert(from: String?, theirs: Int?, ours: Int?)
        case sameAdvertFromHigherAddress(from: String, priority: Int)
        /// A MASTER received an advert of lower priority.
        case lowerAdvert(from: String?, theirs: Int?, ours: Int?)
        /// A BACKUP discarded an advert of lower priority, and waits for its master-down time.
        case lowerAdvertDiscarded(from: String?, theirs: Int?)
        case priorityZeroReceived
        case priorityZeroSent
        // Adverts that are refused
        case wrongPassword(from: String?)
        case wrongAuthentication(received: String, expected: String)
        case wrongInterval(mine: String, theirs: String)
        case wrongAddressCount(received: Int?, expected: Int?)
        case addressNotInAdvert(String?, from: String?)
        case packetIgnored
        case wrongVersion(received: Int?, expected: Int?)
        case wrongCast(expectedUnicast: Bool)
        case wrongTTL(received: Int?)
        case wrongChecksum
        case notAPeer(String)
        case unknownRouterID(Int, interface: String, from: String?)
        case bothOwners
        case equalPriorityFromOwnAddress
        case cannotSend(to: String?, reason: String)
        // What is tracked
        case scriptSucceeded
        case scriptFailed(how: String?)
        case scriptTimedOut
        case scriptReturns(Int)
        case scriptDisabled(reason: String)
        case scriptBusy
        /// The program of a check could not be started; keepalived counts that as success.
        case programNotStarted(reason: String)
        /// `track_process` gets no word of processes that start and end.
        case processesUnseen(reason: String)
        case priorityChanged(from: Int, to: Int)
        case interfaceDown
        case interfaceUp
        case addressVanished(String)
        // Addresses
        case setAddresses
        case removedAddresses
        case announced(address: String, interface: String)
        // The daemon
        case started(version: KeepalivedVersion?)
        case reloading
        case reloaded
        case stopping
        case stopped
        case childDied
        case permanentError(String)
        case timerLate(String)
    }

    package var kind: Kind
    /// The instance, group, script or interface of the line; empty for the daemon.
    package var subject: String

    /// Whether an advert was rejected because the two nodes' configurations differ.
    package var isRejection: Bool {
        switch kind {
        case .wrongPassword, .wrongAuthentication, .wrongInterval, .wrongAddressCount, .addressNotInAdvert,
            .packetIgnored, .wrongVersion, .wrongCast, .wrongTTL, .wrongChecksum, .notAPeer:
            true
        default:
            false
        }
    }

    /// Reads a message; `nil` when it does not concern the ownership of addresses.
    ///
    /// - Parameter message: with or without syslog's `Keepalived_vrrp[123]:` or the daemon's own date.
    package init?(message: some StringProtocol) {
        let text = Self.withoutPrefix(Substring(message))
        let (subject, rest) = Self.subject(of: text)
        let bytes = Array(rest.utf8)[...]
        for (pattern, make) in JournalPatterns.all {
            guard let captures = pattern.captures(in: bytes), let made = make(captures) else { continue }
            kind = made.kind
            self.subject = made.subject ?? subject
            return
        }
        return nil
    }

    private static func withoutPrefix(_ text: Substring) -> Substring {
        var text = text
        if let tag = text.firstRange(of: "Keepalived")?.lowerBound,
            tag == text.startIndex || text[text.index(before: tag)] == " ",
            let colon = text[tag...].firstIndex(of: ":"), text[tag..<colon].allSatisfy({ $0 != " " })
        {
            text = text[text.index(after: colon)...]
        } else if let date = text.firstDate {
            text = text[date...]
        }
        return text.drop { $0 == " " }
    }

    /// `(NAME)`, `(NAME):` and `VRRP_Instance(NAME)` name an instance; `VRRP_Group(…)` and `VRRP_Script(…)` name
    /// a group and a script.
    private static func subject(of text: Substring) -> (String, Substring) {
        for lead in ["VRRP_Instance(", "VRRP_Group(", "VRRP_Script(", "("] where text.hasPrefix(lead) {
            let body = text.dropFirst(lead.count)
            guard let close = body.firstIndex(of: ")") else { break }
            var rest = body[body.index(after: close)...]
            rest = rest.drop { $0 == ":" || $0 == " " }
            let kept: Substring = lead == "VRRP_Script(" ? "VRRP_Script " + rest : rest
            return (String(body[..<close]), kept)
        }
        return ("", text)
    }
}

extension Substring {
    /// The end of the `Sat Nov 21 08:57:23 2026: ` that keepalived writes without syslog.
    fileprivate var firstDate: Index? {
        let bytes = Array(utf8.prefix(26))
        guard bytes.count == 26, bytes[24] == UInt8(ascii: ":"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"), bytes[20...23].allSatisfy(\.isDigit)
        else { return nil }
        return index(startIndex, offsetBy: 25)
    }
}
