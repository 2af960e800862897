import Keepalived

extension ClusterObservation {
    /// Seconds until every tracked check of every node has run often enough to fail.
    package var checkPeriod: Int {
        nodes.compactMap(\.configuration).flatMap { configuration in
            configuration.scripts.filter { configuration.tracks($0.name) }.map {
                min(600, $0.interval.value) * min(10, $0.fall.value)
            }
        }.max() ?? 0
    }
}
