import Events

/// The certificates that haproxy has loaded, as it tells of them over its runtime socket (`show ssl cert`, since 2.2, for a
/// socket of the level `operator` or `admin`): what clients get, whatever the files have become since.
package struct ServedCertificates: Hashable, Sendable {
    /// The machine's clock, in seconds since 1970.
    package var now: Int
    package var certificates: [Certificate]

    package struct Certificate: Hashable, Sendable {
        /// The file that it was loaded from.
        package var path: String
        /// Seconds since 1970.
        package var begins: Int?
        package var ends: Int?
        package var subject: String
        package var issuer: String
        /// The certificates behind it in the file, in their order.
        package var chain: [Link]
        /// Whether a `bind` or a server uses it.
        package var isUsed: Bool

        package init(
            path: String, begins: Int? = nil, ends: Int? = nil, subject: String = "",
            issuer: String = "", chain: [Link] = [], isUsed: Bool = true
        ) {
            self.path = path
            self.begins = begins
            self.ends = ends
            self.subject = subject
            self.issuer = issuer
            self.chain = chain
            self.isUsed = isUsed
        }
    }

    package struct Link: Hashable, Sendable {
        package var subject: String
        package var issuer: String

        package init(subject: String, issuer: String) {
            self.subject = subject
            self.issuer = issuer
        }
    }

    package init(now: Int, certificates: [Certificate]) {
        self.now = now
        self.certificates = certificates
    }
}

/// Asks haproxy for the certificates that it has loaded.
package struct ServedCertificatesFact: Fact {
    package static let name = "served-certificates"
    /// One question names them all, and haproxy reads no more than 16 kB of it.
    static let most = 100

    package init() {}

    /// Names with a blank, a backslash or a semicolon cannot be asked for.
    package let script = #"""
        \#(HAProxySocket.function)
        \#(HAProxyPaths.function)
        [ -e /etc/haproxy/haproxy.cfg ] || exit 0
        echo "now=$(date +%s)"
        for s in $(haproxy_sockets); do
          [ -S "$s" ] || continue
          list=$(query_socket "$s" "show ssl cert" | grep '^/[^[:space:];\\]*$' | head -n \#(most))
          [ -n "$list" ] || continue
          query_socket "$s" "$(printf '%s\n' "$list" | sed 's/^/show ssl cert /' | tr '\n' ';')"
          break
        done
        true
        """#

    package func parse(_ output: SectionOutput) throws(FactError) -> ServedCertificates? {
        var now: Int?
        var certificates: [ServedCertificates.Certificate] = []
        for line in output.lines {
            if line.hasPrefix("now="), now == nil, let seconds = Int(line.dropFirst(4)), seconds < 1 << 40 {
                now = seconds
                continue
            }
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = String(line[line.index(after: colon)...].drop { $0 == " " })
            if line[..<colon] == "Filename" {
                guard certificates.count < Self.most else { break }
                certificates.append(ServedCertificates.Certificate(path: value))
            }
            guard var certificate = certificates.popLast() else { continue }
            switch line[..<colon] {
            case "Status": certificate.isUsed = value == "Used"
            case "notBefore":
                certificate.begins = UTCTime(openSSL: value).map { $0.millisecondsSince1970 / 1000 }
            case "notAfter":
                certificate.ends = UTCTime(openSSL: value).map { $0.millisecondsSince1970 / 1000 }
            case "Subject": certificate.subject = value
            case "Issuer": certificate.issuer = value
            case "Chain Subject": certificate.chain.append(.init(subject: value, issuer: ""))
            case "Chain Issuer":
                if let last = certificate.chain.indices.last { certificate.chain[last].issuer = value }
            default: break
            }
            certificates.append(certificate)
        }
        return now.map { ServedCertificates(now: $0, certificates: certificates) }
    }
}

extension UTCTime {
    /// As OpenSSL prints a time: `Dec  1 18:37:06 2026 GMT`.
    init?(openSSL text: String) {
        let words = text.split(separator: " ")
        let clock = words.count == 5 ? words[2].split(separator: ":").compactMap { Int($0) } : []
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard clock.count == 3, clock.allSatisfy({ $0 >= 0 }), words[4] == "GMT",
            let month = months.firstIndex(of: String(words[0])), let day = Int(words[1]),
            let year = Int(words[3]), (1...9999).contains(year)
        else { return nil }
        self.init(
            year: year, month: month + 1, day: day, hour: clock[0], minute: clock[1], second: clock[2])
    }
}
