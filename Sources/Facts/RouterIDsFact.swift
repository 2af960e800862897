import Remote

/// The adverts that a machine heard on some interfaces.
package struct HeardAdverts: Hashable, Sendable {
    /// By interface; one that it could not listen on is absent.
    package var adverts: [String: Set<Capture.Advert>] = [:]
    /// Whether it has nothing to listen with.
    package var isDeaf = false

    package init() {}
}

/// The adverts that a machine hears on some interfaces: whose router ids are taken there.
///
/// haops asks this before a router id is configured for the first time, as it asks for the address. Only tcpdump hears
/// adverts without a keepalived; a machine without it cannot say.
package struct RouterIDsFact: Fact {
    package static let name = "router-ids"

    package var interfaces: [String]
    /// Whether to ask only if no keepalived was ever started on the machine.
    package var onlyBeforeService: Bool

    package init(_ interfaces: [String], onlyBeforeService: Bool = false) {
        self.interfaces = interfaces
        self.onlyBeforeService = onlyBeforeService
    }

    package var waits: Bool { true }

    /// A MASTER sends every second, unless somebody has changed that: three adverts of the usual interval.
    private static let seconds = 3
    package var duration: Int { Self.seconds }

    /// In promiscuous mode, as a card may drop what nobody on the machine has joined.
    package var script: String {
        (onlyBeforeService ? SegmentFact.endInService : "") + """
            command -v tcpdump >/dev/null && command -v timeout >/dev/null || { echo deaf; exit; }
            \(SegmentFact.hasCarrier)
            hear() {
              has_carrier "$1" || return
              timeout \(Self.seconds) tcpdump --immediate-mode -l -nn -i "$1" -c \(ListenFact.mostPackets) \
            'ip proto 112 or ip6 proto 112' | sed "s/^/advert=$1 /"
              echo "listened=$1"
            }

            """
            + interfaces.map { "hear \($0.shellQuoted) &\n" }.joined() + "wait\n"
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> HeardAdverts {
        var heard = HeardAdverts()
        for line in output.lines {
            if line == "deaf" { heard.isDeaf = true }
            guard line.hasPrefix("listened=") else { continue }
            heard.adverts[String(line.dropFirst("listened=".count))] = []
        }
        for line in output.lines where line.hasPrefix("advert=") {
            let words = line.dropFirst("advert=".count).split(separator: " ", maxSplits: 1)
            guard words.count == 2,
                let advert = ListenFact.advert(words[1].split { $0 == " " || $0 == "," })
            else { continue }
            heard.adverts[String(words[0])]?.insert(advert)
        }
        return heard
    }
}
