package import Addresses
import Events
package import Keepalived
package import Remote
import Timeline

/// Something that a machine's kernel or keepalived has told while a drill ran.
package struct WitnessEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case address(IPAddress, isAdded: Bool)
        /// Whom the machine sends to.
        case neighbour(IPAddress, MACAddress)
        /// A machine has told all others that it has the address: a gratuitous ARP, or an unsolicited neighbour advertisement.
        case announcement(Announcement)
        case log(JournalEvent)
    }

    /// By the clock here; microseconds since 1970. 0 for what was so before.
    package var time: Int
    package var host: HostID
    package var kind: Kind

    package init(time: Int, host: HostID, kind: Kind) {
        self.time = time
        self.host = host
        self.kind = kind
    }
}

/// Reads what `ip -o -ts monitor address neigh`, `journalctl -f -o short-unix` and tcpdump print on one machine.
struct WitnessLines: Sendable {
    var host: HostID
    var clock: ClockOffset

    /// `nil` for lines that say nothing about who has an address.
    func event(of line: String) -> WitnessEvent? {
        let words = line.split(separator: " ")
        guard let first = words.first else { return nil }
        if first == "now", let kind = Self.neighbour(words.dropFirst()) {
            return WitnessEvent(time: 0, host: host, kind: kind)
        }
        if first.first == "[", first.last == "]" {
            guard let time = Self.microseconds(first.dropFirst().dropLast()),
                let kind = Self.kernel(words.dropFirst())
            else { return nil }
            return WitnessEvent(time: time - clock.ahead * 1000, host: host, kind: kind)
        }
        if let (time, announcement) = Announcement.captured(words) {
            return WitnessEvent(
                time: time - clock.ahead * 1000, host: host, kind: .announcement(announcement))
        }
        let reader = LogReader(reference: UTCTime(millisecondsSince1970: 0))
        guard let read = reader.text(of: Array(line.utf8)).lines.first,
            let event = LogMeaning(node: host.name, clock: clock).event(of: read),
            case .keepalived(let said) = event.kind
        else { return nil }
        return WitnessEvent(
            time: event.time.millisecondsSince1970 * 1000, host: host, kind: .log(said))
    }

    /// `3: eth1    inet 203.0.113.50/24 scope …`, `Deleted 3: eth1 …`, `203.0.113.50 dev eth1 lladdr 02:… REACHABLE`.
    private static func kernel(_ words: ArraySlice<Substring>) -> WitnessEvent.Kind? {
        let isDeleted = words.first == "Deleted"
        let words = isDeleted ? words.dropFirst() : words
        if let family = words.firstIndex(where: { $0 == "inet" || $0 == "inet6" }) {
            guard words.indices.contains(family + 1), let cidr = CIDR(String(words[family + 1])) else {
                return nil
            }
            return .address(cidr.address, isAdded: !isDeleted)
        }
        return isDeleted ? nil : neighbour(words)
    }

    private static func neighbour(_ words: ArraySlice<Substring>) -> WitnessEvent.Kind? {
        guard let address = words.first.flatMap({ IPAddress(String($0)) }),
            let key = words.firstIndex(of: "lladdr"), words.indices.contains(key + 1),
            let mac = MACAddress(words[key + 1])
        else { return nil }
        return .neighbour(address, mac)
    }

    /// `2026-12-01T03:29:03.459300`, in UTC.
    private static func microseconds(_ text: Substring) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 6, let fraction = Int(parts[1]), fraction >= 0,
            let time = UTCTime(parts[0] + "Z")
        else { return nil }
        return time.millisecondsSince1970 * 1000 + fraction
    }
}
