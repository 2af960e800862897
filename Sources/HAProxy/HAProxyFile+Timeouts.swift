extension HAProxyFile {
    /// A frontend, backend or listen section without timeouts, in which connections may stay open for ever.
    package struct MissingTimeouts: Hashable, Sendable {
        /// `frontend web`.
        package var section: String
        /// `client`, `connect` or `server`.
        package var timeouts: [String]
        package var location: Location
    }

    /// The proxies without a timeout, neither their own nor from their `defaults`. Their `defaults` section is
    /// the one that `from` names, or else the latest before them.
    package var missingTimeouts: [MissingTimeouts] {
        var named: [String: Set<String>] = [:]
        var latest: Set<String> = []
        var missing: [MissingTimeouts] = []
        for section in sections {
            let own = Set(
                section.lines.filter { $0.words.count > 2 && $0.words[0].value == "timeout" }
                    .map(\.words[1].value))
            let inherited = section.from.map { named[$0] ?? latest }
            if section.keyword == "defaults" {
                latest = own.union(inherited ?? [])
                if !section.name.isEmpty { named[section.name] = latest }
            } else if section.isProxy {
                let inForce = own.union(inherited ?? latest)
                let expectedAbsences = Self.neededTimeouts(of: section).filter { !inForce.contains($0) }
                guard !expectedAbsences.isEmpty else { continue }
                missing.append(
                    MissingTimeouts(
                        section: section.title, timeouts: expectedAbsences,
                        location: location(of: section.header)))
            }
        }
        return missing
    }

    /// Without servers, as in a section for statistics, nothing is waited for behind haproxy (cfgparse.c).
    private static func neededTimeouts(of section: Section) -> [String] {
        let hasServers = section.lines.contains { $0.keyword == "server" || $0.keyword == "server-template" }
        let ofServers = hasServers ? ["connect", "server"] : []
        return (section.keyword == "backend" ? [] : ["client"])
            + (section.keyword == "frontend" ? [] : ofServers)
    }
}
