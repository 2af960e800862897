package import Addresses

/// The adverts that a machine sends and receives during some seconds. A machine that cannot listen waits just as
/// long, so that the facts before and after are equally far apart.
///
/// tcpdump sees packets before the input filter: an advert that it sees and that keepalived does not count was
/// dropped or refused on this machine.
package struct Capture: Hashable, Sendable {
    /// Whether tcpdump is installed.
    package var isPossible: Bool
    /// The adverts, each different one once.
    package var adverts: Set<Advert>

    package struct Advert: Hashable, Sendable {
        /// The interface and the direction, if tcpdump reports them (it does since 4.99).
        package var interface: String?
        package var isOutgoing: Bool?
        package var source: IPAddress
        package var destination: IPAddress
        package var version: Int
        package var routerID: Int
        package var priority: Int
        /// As tcpdump prints it: `simple`, `ah`, `none`; `nil` in version 3.
        package var authentication: String?
        /// As tcpdump prints it: `1s`, `10cs`.
        package var interval: String
        /// The virtual addresses in it; empty if tcpdump prints none.
        package var addresses: [IPAddress]

        package init(
            interface: String? = nil, isOutgoing: Bool? = nil, source: IPAddress, destination: IPAddress,
            version: Int, routerID: Int, priority: Int, authentication: String? = nil,
            interval: String = "1s", addresses: [IPAddress] = []
        ) {
            self.interface = interface
            self.isOutgoing = isOutgoing
            self.source = source
            self.destination = destination
            self.version = version
            self.routerID = routerID
            self.priority = priority
            self.authentication = authentication
            self.interval = interval
            self.addresses = addresses
        }
    }

    package init(isPossible: Bool = false, adverts: Set<Advert> = []) {
        self.isPossible = isPossible
        self.adverts = adverts
    }
}

package struct ListenFact: Fact {
    package static let name = "listen"

    /// How long it listens, in tenths of a second.
    package var tenths: Int
    /// The maximum number of packets, however many pass.
    package static let mostPackets = 100

    package init(tenths: Int) { self.tenths = tenths }

    private var wholeSeconds: Int { (tenths + 9) / 10 }
    package var duration: Int { wholeSeconds + 1 }

    /// With `-v`, tcpdump prints the virtual addresses, and behind them the password, which is cut off on the node. Some
    /// busyboxes know whole seconds only.
    package var script: String {
        """
        listen=\(tenths / 10).\(tenths % 10)
        if command -v tcpdump >/dev/null && command -v timeout >/dev/null; then
          echo possible
          timeout 0.1 true && most=$listen || most=\(wholeSeconds)
          timeout "$most" tcpdump --immediate-mode -l -nn -v -i any -c \(Self.mostPackets) \
        'ip proto 112 or ip6 proto 112 or ip proto 51' | sed 's/ auth ".*//' &
        fi
        if ! sleep "$listen"; then sleep \(wholeSeconds); fi
        wait
        """
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> Capture {
        var capture = Capture()
        // An IPv4 packet takes two lines, and the first one has its interface.
        var head: (interface: String?, isOutgoing: Bool?)
        for line in output.lines {
            if line == "possible" { capture.isPossible = true }
            let words = line.split { $0 == " " || $0 == "," }
            if let start = words.firstIndex(where: { $0 == "IP" || $0 == "IP6" }) {
                head = start >= 3 ? (String(words[start - 2]), words[start - 1] == "Out") : (nil, nil)
            }
            guard var advert = Self.advert(words) else { continue }
            advert.interface = head.interface
            advert.isOutgoing = head.isOutgoing
            capture.adverts.insert(advert)
        }
        return capture
    }

    /// `… 198.51.100.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, …, addrs(2): 203.0.113.50,203.0.113.51`
    static func advert(_ words: [Substring]) -> Capture.Advert? {
        guard let arrow = words.firstIndex(of: ">"), arrow > 0, words.count > arrow + 2,
            let source = IPAddress(words[arrow - 1]),
            let destination = IPAddress(words[arrow + 1].prefix { $0 != ":" || source.isIPv6 }.trimmed(":")),
            let version = words.first(where: { $0.hasPrefix("VRRPv") }).flatMap({ Int($0.dropFirst(5)) })
        else { return nil }
        func word(after key: String) -> String? {
            words.firstIndex { $0 == key }.flatMap {
                words.indices.contains($0 + 1) ? String(words[$0 + 1]) : nil
            }
        }
        guard let id = word(after: "vrid").flatMap({ Int($0) }),
            let priority = word(after: "prio").flatMap({ Int($0) })
        else { return nil }
        let start = words.firstIndex { $0.hasPrefix("addrs") && $0.hasSuffix(":") }
        let addresses = words[(start.map { $0 + 1 } ?? words.endIndex)...].prefix { IPAddress($0) != nil }
            .compactMap { IPAddress($0) }
        return Capture.Advert(
            source: source, destination: destination, version: version, routerID: id, priority: priority,
            authentication: word(after: "authtype"), interval: word(after: "intvl") ?? "",
            // Some releases print IPv4 addresses for IPv6 adverts.
            addresses: addresses.filter { $0.isIPv6 == source.isIPv6 })
    }
}

extension Substring {
    fileprivate func trimmed(_ last: Character) -> Substring { self.last == last ? dropLast() : self }
}
