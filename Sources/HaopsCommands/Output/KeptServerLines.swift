import Facts
import Remote
import Survey

/// The servers of haproxy that haops keeps out of service, for every report about nodes.
struct KeptServerLines: Sendable {
    /// What each node keeps; nodes that did not say are not among them.
    private var nodes: [(host: HostID, kept: [KeptServer])]

    init(_ nodes: [HostID: [KeptServer]]) {
        self.nodes = nodes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Of one cluster.
    init(_ survey: OwnershipSurvey.Outcome) {
        nodes = survey.nodes.compactMap { host, answer in
            (try? answer.get())?.known(KeptServersFact.self).map { (host, $0) }
        }
    }

    /// One sentence for each server: "web/web2 drained by ops@desk since 2026-12-01T18:20:00Z, on lb1 and lb2".
    var sentences: [String] {
        var groups: [(server: KeptServer, hosts: [HostID])] = []
        for (host, kept) in nodes {
            for server in kept {
                if let known = groups.firstIndex(where: { $0.server.keepsTheSame(as: server) }) {
                    groups[known].hosts.append(host)
                } else {
                    groups.append((server, [host]))
                }
            }
        }
        return groups.sorted { $0.server.name < $1.server.name }.map { server, hosts in
            let others = nodes.map(\.host).filter { !hosts.contains($0) }
            let place =
                "on \(hosts.map(\.name).enumeration)"
                + (others.isEmpty ? "" : ", and not on \(others.map(\.name).enumeration)")
            let until = server.until.map { " until \($0)" } ?? ""
            return "\(server.name) \(server.words) by \(server.who) since \(server.since)\(until), \(place)"
                + (server.reason.isEmpty ? "" : ": \(server.reason)")
                + " (end it: haops enable \(server.name))"
        }
    }

    func text(_ style: Style) -> String {
        sentences.map { sentence in
            Wrapped(sentence.safeOnOneLine, indent: 4, width: style.width)
                .text(after: "  " + style(.warning, "server:") + " ")
        }.joined()
    }

    /// One of them in a document.
    struct Entry: Codable, Sendable {
        var node: String
        var backend: String
        var server: String
        /// `null` where only its weight is kept.
        @WordIfKnown<KeptServer.State> var state: String?
        /// `50%` of the weight in haproxy.cfg, or a number; `null` where that is in force.
        var weight: String?
        var who: String
        var since: String
        /// `null` where somebody ends it.
        var until: String?
        var reason: String

        init(_ server: KeptServer, on host: HostID) {
            node = host.name
            backend = server.name.backend
            self.server = server.name.server
            state = server.state?.rawValue
            weight = server.weight?.description
            who = server.who
            since = server.since
            until = server.until
            reason = server.reason
        }
    }

    var entries: [Entry] { nodes.flatMap { host, kept in kept.map { Entry($0, on: host) } } }
}
