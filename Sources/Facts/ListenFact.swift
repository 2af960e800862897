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
        /// The interface, if tcpdump reports it.
        package var interface: String?
        package var source: IPAddress
        package var destination: IPAddress
        package var version: Int
        package var routerID: Int
        package var priority: Int
        /// As tcpdump prints it: `simple`, `ah`, `none`; `nil` in version 3.
        package var authentication: String?
        /// As tcpdump prints it: `1s`, `10cs`.
        package var interval: String

        package init(
            interface: String? = nil, source: IPAddress, destination: IPAddress, version: Int, routerID: Int,
            priority: Int, authentication: String? = nil, interval: String = "1s"
        ) {
            self.interface = interface
            self.source = source
            self.destination = destination
            self.version = version
            self.routerID = routerID
            self.priority = priority
            self.authentication = authentication
            self.interval = interval
        }
    }

    package init(isPossible: Bool = false, adverts: Set<Advert> = []) {
        self.isPossible = isPossible
        self.adverts = adverts
    }
}

package struct ListenFact: Fact {
    package static let name = "listen"

    package var seconds: Int
    /// The maximum number of packets, however many pass.
    package static let mostPackets = 100

    package init(seconds: Int) { self.seconds = seconds }

    /// Without `-v`, tcpdump prints no password.
    package var script: String {
        """
        if command -v tcpdump >/dev/null && command -v timeout >/dev/null; then
          echo possible
          timeout \(seconds) tcpdump --immediate-mode -l -nn -i any -c \(Self.mostPackets) \
        'ip proto 112 or ip6 proto 112 or ip proto 51' &
        fi
        sleep \(seconds)
        wait
        """
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> Capture {
        var capture = Capture()
        for line in output.lines {
            if line == "possible" { capture.isPossible = true }
            if let advert = Self.advert(line) { capture.adverts.insert(advert) }
        }
        return capture
    }

    /// `09:35:48.540992 eth0  Out IP 198.51.100.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, …`
    private static func advert(_ line: Substring) -> Capture.Advert? {
        let words = line.split { $0 == " " || $0 == "," }
        guard let start = words.firstIndex(where: { $0 == "IP" || $0 == "IP6" }), words.count > start + 4,
            words[start + 2] == ">", let source = IPAddress(words[start + 1]),
            let destination = IPAddress(
                words[start + 3].prefix { $0 != ":" || words[start] == "IP6" }.trimmed(":")),
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
        return Capture.Advert(
            interface: start >= 3 ? String(words[start - 2]) : nil, source: source, destination: destination,
            version: version, routerID: id, priority: priority, authentication: word(after: "authtype"),
            interval: word(after: "intvl") ?? "")
    }
}

extension Substring {
    fileprivate func trimmed(_ last: Character) -> Substring { self.last == last ? dropLast() : self }
}
