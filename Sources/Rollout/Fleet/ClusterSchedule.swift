/// Decides which clusters are begun, given the results of the others. It performs nothing and reads no clock.
///
/// A cluster that was begun is always finished: stopping a run only prevents other clusters from being begun.
package struct ClusterSchedule: Sendable {
    /// What the schedule knows of one cluster.
    package struct Entry: Hashable, Sendable {
        package var name: String
        /// The identities of its machines. Clusters with a common machine are never changed at the same time.
        package var machines: Set<String>

        package init(name: String, machines: Set<String> = []) {
            self.name = name
            self.machines = machines
        }
    }

    /// Why no further cluster is begun.
    package enum Stop: Hashable, Sendable {
        /// More clusters failed than allowed.
        case failures
        /// The canary failed: the first cluster, which the others wait for.
        case canary
        /// The operator interrupted the run.
        case interrupt
    }

    private enum State: Hashable { case waiting, running, ended }

    private let entries: [Entry]
    private let waves: Waves
    private var states: [State]
    private var failures = 0
    package private(set) var stop: Stop?

    /// - `entries`: in the order in which they are begun, except for the canary.
    package init(_ entries: [Entry], waves: Waves) {
        self.entries = entries
        self.waves = waves
        states = Array(repeating: .waiting, count: entries.count)
    }

    /// The indices of the clusters to begin now; from here on they count as running.
    package mutating func next() -> [Int] {
        var begun: [Int] = []
        while let index = nextOne() {
            states[index] = .running
            begun.append(index)
        }
        return begun
    }

    private func nextOne() -> Int? {
        guard stop == nil else { return nil }
        if let canary, states[canary] != .ended { return states[canary] == .waiting ? canary : nil }
        let running = entries.indices.filter { states[$0] == .running }
        guard running.count < waves.atOnce else { return nil }
        let taken = running.reduce(into: Set<String>()) { $0.formUnion(entries[$1].machines) }
        return entries.indices.first {
            states[$0] == .waiting && entries[$0].machines.isDisjoint(with: taken)
        }
    }

    /// Records the end of a cluster's work. A cluster that was never begun may end too: a failure that is known in
    /// advance counts before anything is changed.
    package mutating func ended(_ index: Int, failed: Bool) {
        states[index] = .ended
        guard failed else { return }
        failures += 1
        if index == canary {
            stop = stop ?? .canary
        } else if failures > waves.maxFailures {
            stop = stop ?? .failures
        }
    }

    /// Records an interrupt: clusters in progress are finished, and no other is begun.
    package mutating func interrupt() { stop = stop ?? .interrupt }

    /// The indices of the clusters that were not begun.
    package var notBegun: [Int] { entries.indices.filter { states[$0] == .waiting } }

    private var canary: Int? {
        waves.canary.flatMap { name in entries.firstIndex { $0.name == name } }
    }

    /// How long all clusters take together, given the duration of each and assuming that none fails.
    package func duration(of durations: [Duration]) -> Duration {
        var schedule = self
        var now = Duration.zero
        var running: [(index: Int, end: Duration)] = []
        while true {
            running += schedule.next().map { ($0, now + durations[$0]) }
            guard let first = running.indices.min(by: { running[$0].end < running[$1].end }) else {
                return now
            }
            now = running[first].end
            schedule.ended(running.remove(at: first).index, failed: false)
        }
    }
}
