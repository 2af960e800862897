import Addresses
import Keepalived

/// The election of one virtual router among nodes whose state is given: RFC 3768 section 6.4 and RFC 5798 section 6.4, as
/// vrrp.c `vrrp_state_backup` and `vrrp_state_master_rx` of keepalived 2.2 do it. Pure.
struct Election: Hashable, Sendable {
    /// One node of the router.
    struct Contender: Hashable, Sendable {
        enum State: Hashable, Sendable { case absent, fault, backup, master }

        var name: String
        var state: State
        /// In its adverts, with the weights of its checks.
        var priority: Int
        /// Where its adverts come from; of two with equal priorities the higher one wins.
        var source: IPAddress?
        var timers: InstanceTimers
    }

    /// From whom to whom adverts travel.
    struct Way: Hashable, Sendable {
        var from: String
        var to: String

        init(_ from: String, _ to: String) { (self.from, self.to) = (from, to) }
    }

    var contenders: [Contender]
    /// Adverts that do not arrive.
    var lost: Set<Way> = []
    /// The timers of the MASTER that the others heard last.
    var heard: InstanceTimers?

    var masters: [String] { contenders.filter { $0.state == .master }.map(\.name) }

    subscript(name: String) -> Contender? {
        get { contenders.first { $0.name == name } }
        set {
            guard let newValue, let index = contenders.firstIndex(where: { $0.name == name }) else { return }
            contenders[index] = newValue
        }
    }

    /// Lets the nodes elect until nobody moves any more.
    ///
    /// - `event`: how the nodes learn of it, which decides how long they wait.
    /// - `starting`: nodes whose instance has just become BACKUP, and after how long it did: they have heard nobody, and
    ///   wait for their full time.
    /// - `delays`: how long single nodes take to get the priority that they have here.
    /// - Returns: when the first node took over; `nil` if none did.
    mutating func settle(
        _ event: OutagePrediction.Event, starting: [String: OutagePrediction] = [:],
        delays: [String: OutagePrediction] = [:]
    ) -> OutagePrediction? {
        var first: OutagePrediction?
        // Each step is one node's. Priorities order the nodes, so that nobody moves twice but by adverts that are lost.
        for _ in 0...(3 * contenders.count) {
            if let index = contenders.firstIndex(where: yields) {
                contenders[index].state = .backup
                continue
            }
            let takers = contenders.indices.compactMap { index -> (index: Int, wait: OutagePrediction)? in
                let name = contenders[index].name
                let own = starting[name] == nil ? event : .electionAfterReload
                return wait(of: contenders[index], own).map { wait in
                    (index: index, wait: wait + (starting[name] ?? delays[name] ?? .none))
                }
            }
            guard let next = takers.min(by: { $0.wait.longest < $1.wait.longest }) else { break }
            // Another one may be first where the times overlap.
            let earliest = takers.map(\.wait.shortest).min() ?? next.wait.shortest
            first = first ?? OutagePrediction(shortest: earliest, longest: next.wait.longest)
            contenders[next.index].state = .master
        }
        return first
    }

    private func hears(_ receiver: Contender) -> [Contender] {
        contenders.filter {
            $0.state == .master && $0.name != receiver.name && !lost.contains(Way($0.name, receiver.name))
        }
    }

    /// Whether a MASTER hears one that it steps back for.
    private func yields(_ contender: Contender) -> Bool {
        guard contender.state == .master else { return false }
        return hears(contender).contains { other in
            if other.priority != contender.priority { return other.priority > contender.priority }
            guard let theirs = other.source, let own = contender.source else { return false }
            return theirs > own
        }
    }

    /// How long a BACKUP waits before it takes over; `nil` for one that does not.
    private func wait(of contender: Contender, _ event: OutagePrediction.Event) -> OutagePrediction? {
        guard contender.state == .backup else { return nil }
        let masters = hears(contender)
        let time = contender.timers.masterDownTime(priority: contender.priority, hearing: heard)
        guard !masters.isEmpty else { return OutagePrediction(of: event, successor: time) }
        guard contender.timers.preempts, masters.allSatisfy({ $0.priority < contender.priority }) else {
            return nil
        }
        // While the delay runs it accepts the lower adverts: the last of them is up to an interval old then.
        let delay = contender.timers.preemptDelay
        guard delay > .zero else { return OutagePrediction(of: event, successor: time) }
        return OutagePrediction(of: .kill, successor: time)
            + OutagePrediction(shortest: delay, longest: delay)
    }
}
