/// Decides which clusters are begun, given what became of the others. It does nothing itself, and reads no clock.
///
/// A cluster that was begun is always finished: what stops a run keeps other clusters from being begun.
package struct ClusterSchedule: Sendable {
    /// One cluster, as far as its turn is concerned.
    package struct Entry: Hashable, Sendable {
        package var name: String
        /// Whatever identifies its machines. Clusters that have one in common are never changed side by side.
        package var machines: Set<String>

        package init(name: String, machines: Set<String> = []) {
            self.name = name
            self.machines = machines
        }
    }

    /// Why no other cluster is begun.
    package enum Stop: Hashable, Sendable {
        /// More clusters failed than may.
        case failures
        /// The first cluster failed, the one that the others wait for.
        case canary
        /// The operator wants to stop.
        case interrupt
    }

    private enum State: Hashable { case waiting, running, ended }

    private let entries: [Entry]
    private let waves: Waves
    private var states: [State]
    private var failures = 0
    package private(set) var stop: Stop?

    /// - `entries`: in the order in which they are begun, the canary excepted.
    package init(_ entries: [Entry], waves: Waves) {
        self.entries = entries
        self.waves = waves
        states = Array(repeating: .waiting, count: entries.count)
    }

    /// The clusters that are begun now, by their place; from here on they are running.
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

    /// A cluster's work is over. One that was never begun may end as well: what is known to fail counts before anything
    /// is changed.
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

    /// The operator wants to stop: what is under way comes to its end, and nothing else is begun.
    package mutating func interrupt() { stop = stop ?? .interrupt }

    /// The clusters whose turn did not come, by their place.
    package var notBegun: [Int] { entries.indices.filter { states[$0] == .waiting } }

    private var canary: Int? {
        waves.canary.flatMap { name in entries.firstIndex { $0.name == name } }
    }

    /// How long all clusters take together, when each takes so long and none fails.
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
