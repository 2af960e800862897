package import Addresses
import Events
package import Facts
package import Remote
package import Timeline

/// Something that a machine's kernel or one of its daemons has told over a held session.
package struct WitnessEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case address(Interface.Held, interface: String, isAdded: Bool)
        /// An interface, and whether it has a carrier; `nil` when it is gone.
        case link(String, isUp: Bool, hasCarrier: Bool?)
        /// Whom the machine sends to.
        case neighbour(IPAddress, MACAddress)
        /// A machine has told all others that it has the address: a gratuitous ARP, or an unsolicited neighbour advertisement.
        case announcement(Announcement)
        case log(TimelineEvent.Kind)
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

/// Reads what ``WitnessScript`` prints on one machine: `ip -o -ts monitor`, `journalctl -f -o short-unix` and
/// tcpdump.
package struct WitnessLines: Sendable {
    package var host: HostID
    package var clock: ClockOffset

    package init(host: HostID, clock: ClockOffset) {
        self.host = host
        self.clock = clock
    }

    /// `nil` for lines that say nothing about who has an address.
    package func event(of line: String) -> WitnessEvent? {
        let words = line.split(separator: " ")
        guard let first = words.first else { return nil }
        if first == "now", let kind = Self.kernel(words.dropFirst()) {
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
            let event = LogMeaning(node: host.name, clock: clock).event(of: read)
        else { return nil }
        return WitnessEvent(
            time: event.time.millisecondsSince1970 * 1000, host: host, kind: .log(event.kind))
    }

    /// `3: eth1    inet 203.0.113.50/24 scope …`, `Deleted 3: eth1 …`, `3: eth1@if4: <…,LOWER_UP> …`,
    /// `203.0.113.50 dev eth1 lladdr 02:… REACHABLE`.
    private static func kernel(_ words: ArraySlice<Substring>) -> WitnessEvent.Kind? {
        let isDeleted = words.first == "Deleted"
        let words = Array(isDeleted ? words.dropFirst() : words)
        if words.count > 3, words[2] == "inet" || words[2] == "inet6" {
            return InterfacesFact.address(Self.firstLine(words[2...])).map {
                .address($0, interface: String(words[1]), isAdded: !isDeleted)
            }
        }
        if let interface = InterfacesFact.link(words) {
            return .link(
                interface.name, isUp: interface.isUp, hasCarrier: isDeleted ? nil : interface.hasCarrier)
        }
        return isDeleted ? nil : neighbour(words[...])
    }

    /// `-o` prints `\` for the end of a line.
    private static func firstLine(_ words: ArraySlice<Substring>) -> [Substring] {
        let end = words.firstIndex { $0.contains("\\") } ?? words.endIndex - 1
        return words[...end].map { $0.prefix { $0 != "\\" } }.filter { !$0.isEmpty }
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

    /// `1796116650.321635`: seconds since 1970, as `ping -D` and `tcpdump -tt` print them.
    package static func microseconds(sinceEpoch text: Substring) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count <= 11, parts[1].utf8.count == 6,
            let seconds = Int(parts[0]), let fraction = Int(parts[1]), seconds >= 0, fraction >= 0
        else { return nil }
        return seconds * 1_000_000 + fraction
    }
}
