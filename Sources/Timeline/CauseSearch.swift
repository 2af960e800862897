import Events
import Keepalived

/// Looks in the logs for why an instance changed its owner. It says what is written there, and no more.
struct CauseSearch {
    private let scope: Story.Scope
    private let events: [TimelineEvent]
    private let nodesByAddress: [String: String]

    /// How long before a change of state its cause may be, in milliseconds: a check needs some runs to fail.
    private static let before = 30_000
    /// How long after it the log may still say why.
    private static let after = 1_500

    init(_ scope: Story.Scope, _ events: [TimelineEvent], _ nodesByAddress: [String: String]) {
        self.scope = scope
        self.events = events
        self.nodesByAddress = nodesByAddress
    }

    // MARK: Losing it

    /// Why a tenure ended, from the immediate cause to the first one.
    func loss(at index: Int, on node: String) -> [String] {
        let event = events[index]
        if case .service(_, let change) = event.kind { return serviceLoss(change, index, node) }
        guard case .keepalived(let journal) = event.kind else { return [] }
        switch journal.kind {
        case .becameFault(let cause): return fault(cause, index, node)
        case .becameBackup:
            if let advert = higherAdvert(endingAt: index, on: node) { return higher(advert, index, node) }
            return group(index, node) ?? reload(index, node)
        case .priorityZeroSent, .stopping, .stopped: return stop(index, node)
        case .childDied: return ["its VRRP process died"]
        case .permanentError(let error): return ["keepalived gave up (\(error))"]
        default: return []
        }
    }

    /// Why a log breaks off and goes on with a start.
    func silence(from last: Int, to next: Int, on node: String) -> [String] {
        if case .machine = events[next].kind { return ["the machine was down, and booted again"] }
        let boot = events[...next].last { $0.node == node && $0.kind == .machine(.booted) }
        guard boot == nil || near(boot?.time, events[next].time) == false else {
            return ["the machine was down, and booted again"]
        }
        return ["keepalived ended without a word in its log, and was started again"]
    }

    private func near(_ time: UTCTime?, _ other: UTCTime) -> Bool {
        time.map { abs($0.millisecondsSince1970 - other.millisecondsSince1970) < Self.before * 4 } ?? false
    }

    /// Whether keepalived ended so that it could not remove its addresses, as far as its log says.
    func leavesAddressBehind(at index: Int, on node: String) -> Bool {
        guard case .service(_, .killed) = events[index].kind else { return false }
        return !around(index, node).contains { event in
            guard case .keepalived(let journal) = event.kind else { return false }
            switch journal.kind {
            case .stopping, .stopped, .removedAddresses, .priorityZeroSent, .started: return true
            default: return false
            }
        }
    }

    private func fault(_ cause: String?, _ index: Int, _ node: String) -> [String] {
        var cause = cause
        // 2.x writes the reason with `entering FAULT state`, before or after the change of state itself.
        if cause == nil {
            cause = nearest(to: index, node, within: 1_000) { event in
                guard case .keepalived(let journal) = event.kind, journal.subject == scope.instance,
                    case .becameFault(let text?) = journal.kind
                else { return nil }
                return text
            }
        }
        let interface = nearest(to: index, node, within: 5_000) { $0.downInterface }
        guard let cause else {
            if let interface { return ["interface \(interface) went down"] }
            if let script = failedCheck(before: index, node) { return script }
            return group(index, node) ?? []
        }
        if cause.hasPrefix("script ") || cause.hasPrefix("tracked script ") {
            let name = cause.split(separator: " ").last.map(String.init) ?? cause
            return checkFailed(name, index, node)
        }
        if cause.hasPrefix("interface "), cause.hasSuffix(" down") {
            let name = cause.dropFirst("interface ".count).dropLast(" down".count)
            return ["interface \(name) went down"]
        }
        return [cause] + (cause.contains("process") ? service(before: index, node) : [])
    }

    private func stop(_ index: Int, _ node: String) -> [String] {
        // A stop by systemd follows an end of the process where that one comes first.
        let killed: String? = first(in: around(index, node)) { event in
            if case .service(.keepalived, .killed(let signal)) = event.kind { return signal }
            return nil
        }
        var causes = [killed.map { "its main process was killed (SIG\($0))" } ?? "its keepalived was stopped"]
        if let run = run(at: index, node) {
            causes.append(run)
        } else if around(index, node).contains(where: { $0.kind == .machine(.goesDown) }) {
            causes.append("the machine went down")
        }
        return causes
    }

    private func serviceLoss(
        _ change: TimelineEvent.ServiceEvent, _ index: Int, _ node: String
    ) -> [String] {
        switch change {
        case .killed(let signal):
            var causes = ["its keepalived was killed (SIG\(signal))"]
            if let program: String = first(
                in: around(index, node),
                { event in
                    if case .machine(.outOfMemory(let program)) = event.kind { return program }
                    return nil
                })
            {
                causes.append("the machine had no memory left for \(program)")
            }
            return causes
        case .exited(let status): return ["its keepalived ended (status \(status))"]
        case .failed(let result): return ["its keepalived failed" + (result.map { " (\($0))" } ?? "")]
        default: return stop(index, node)
        }
    }

    // MARK: Adverts

    struct HigherAdvert {
        var from: String?
        var theirs: Int?
        var ours: Int?
        var isSame = false
    }

    /// The advert for which a node became BACKUP.
    func higherAdvert(endingAt index: Int, on node: String) -> HigherAdvert? {
        guard case .keepalived(let journal) = events[index].kind, case .becameBackup = journal.kind else {
            return nil
        }
        return nearest(to: index, node, within: 2_000) { event in
            guard case .keepalived(let journal) = event.kind, journal.subject == scope.instance else {
                return nil
            }
            switch journal.kind {
            case .higherAdvert(let from, let theirs, let ours):
                return HigherAdvert(from: from, theirs: theirs, ours: ours)
            case .sameAdvertFromHigherAddress(let from, let priority):
                return HigherAdvert(from: from, theirs: priority, ours: priority, isSame: true)
            default: return nil
            }
        }
    }

    private func higher(_ advert: HigherAdvert, _ index: Int, _ node: String) -> [String] {
        let other = name(of: advert.from)
        let who = other ?? advert.from ?? "another node"
        if advert.isSame {
            return [
                "\(who) has the same priority \(advert.theirs.map(String.init) ?? "") and a higher address"
            ]
        }
        var sentence = "\(who) advertised a higher priority"
        if let theirs = advert.theirs {
            sentence += " (\(theirs)" + (advert.ours.map { ", its own was \($0)" } ?? "") + ")"
        }
        var causes = [sentence]
        if let (from, to) = priorityChange(before: index, node), to < from {
            causes.append("its priority had fallen from \(from) to \(to)")
            causes += failedCheck(before: index, node) ?? []
        } else if let check = failedCheck(before: index, node) {
            causes += check
        }
        if let run = run(at: index, node) { causes.append(run) }
        if causes.count == 1 { causes += comeback(of: other, before: index, besides: node) }
        return causes
    }

    /// Why the other node has a higher priority all of a sudden: the gravest change there is the first cause.
    private func comeback(of other: String?, before index: Int, besides node: String) -> [String] {
        // What was long before the loser became MASTER has not ended that.
        let span = min(Self.before, age(ofTenureAt: index, node) + 5_000)
        var found: (rank: Int, words: String)?
        for event in events[..<index].reversed() {
            guard age(of: event, at: index) <= span else { break }
            guard event.cluster == scope.cluster, other.map({ $0 == event.node }) ?? (event.node != node),
                let change = Self.comeback(event), change.rank > found?.rank ?? 0
            else { continue }
            found = change
        }
        return found.map { [$0.words] } ?? []
    }

    private static func comeback(_ event: TimelineEvent) -> (rank: Int, words: String)? {
        let node = event.node
        switch event.kind {
        case .machine(.booted): return (6, "\(node) had booted")
        case .link(let name, isUp: true): return (4, "interface \(name) of \(node) was up again")
        case .keepalived(let journal):
            switch journal.kind {
            case .timerLate(let seconds): return (5, "keepalived on \(node) did not run for \(seconds) s")
            case .started: return (5, "keepalived on \(node) had been started")
            case .interfaceUp: return (4, "interface \(journal.subject) of \(node) was up again")
            case .priorityChanged(let from, let to) where to > from:
                return (3, "the priority of \(node) had risen from \(from) to \(to)")
            case .scriptSucceeded: return (2, "script \(journal.subject) succeeded again on \(node)")
            case .reloaded, .reloading: return (1, "keepalived on \(node) had loaded its files anew")
            default: return nil
            }
        default: return nil
        }
    }

    func name(of address: String?) -> String? { address.flatMap { nodesByAddress[$0] } }

    // MARK: Taking it

    /// Why a node became MASTER.
    func takeover(at index: Int, on node: String) -> [String] {
        var found: [String] = []
        for event in events[..<index].reversed() {
            guard age(of: event, at: index) <= 5_000 else { break }
            guard event.node == node, event.cluster == scope.cluster,
                case .keepalived(let journal) = event.kind
            else { continue }
            if journal.kind == .groupSync(state: "MASTER") {
                found.append("its group \(journal.subject) went to MASTER")
                continue
            }
            guard journal.subject == scope.instance else { continue }
            switch journal.kind {
            case .priorityZeroReceived: return ["the owner gave it up (priority 0)"]
            case .lowerAdvert, .lowerAdvertDiscarded: return ["the owner's priority was lower than its own"]
            case .advertTimeout: found.insert("it heard no more adverts", at: 0)
            // What is before that is of an earlier change.
            case .becameBackup(initial: true):
                return found.isEmpty ? [] : ["it had started, and heard no adverts"]
            case .becameMaster, .becameBackup, .becameFault: return found
            default: continue
            }
        }
        return found
    }

    // MARK: What was before

    private func group(_ index: Int, _ node: String) -> [String]? {
        nearest(to: index, node, within: 2_000) { event in
            guard case .keepalived(let journal) = event.kind, case .groupSync(let state) = journal.kind else {
                return nil
            }
            return ["its group \(journal.subject) went to \(state)"]
        }
    }

    private func reload(_ index: Int, _ node: String) -> [String] {
        for event in around(index, node) {
            guard case .keepalived(let journal) = event.kind else { continue }
            switch journal.kind {
            case .reloading, .reloaded: return ["keepalived loaded its files anew"]
            case .addressVanished(let address): return ["\(address) was removed by somebody else"]
            case .timerLate(let seconds): return ["keepalived did not run for \(seconds) s"]
            default: continue
            }
        }
        return []
    }

    private func failedCheck(before index: Int, _ node: String) -> [String]? {
        let name: String? = nearest(to: index, node, within: age(ofTenureAt: index, node)) { event in
            guard event.time <= events[index].time, case .keepalived(let journal) = event.kind else {
                return nil
            }
            switch journal.kind {
            case .scriptFailed, .scriptTimedOut: return journal.subject
            default: return nil
            }
        }
        return name.map { checkFailed($0, index, node) }
    }

    private func checkFailed(_ name: String, _ index: Int, _ node: String) -> [String] {
        ["script \(name) failed"] + service(before: index, node)
    }

    /// What happened to haproxy before a check failed.
    private func service(before index: Int, _ node: String) -> [String] {
        for event in events[..<index].reversed() {
            guard age(of: event, at: index) <= Self.before else { break }
            guard event.node == node, event.cluster == scope.cluster else { continue }
            switch event.kind {
            case .service(.haproxy, .killed(let signal)): return ["haproxy was killed (SIG\(signal))"]
            case .service(.haproxy, .stopping), .service(.haproxy, .stopped):
                return ["haproxy was stopped"]
            case .service(.haproxy, .failed): return ["haproxy failed"]
            case .service(.haproxy, .exited(let status)) where !status.hasPrefix("0"):
                return ["haproxy ended (status \(status))"]
            case .haproxy(.noServer(let backend)): return ["haproxy had no server left in \(backend)"]
            default: continue
            }
        }
        return []
    }

    private func priorityChange(before index: Int, _ node: String) -> (from: Int, to: Int)? {
        nearest(to: index, node, within: age(ofTenureAt: index, node)) { event in
            guard event.time <= events[index].time, case .keepalived(let journal) = event.kind,
                journal.subject == scope.instance, case .priorityChanged(let from, let to) = journal.kind
            else { return nil }
            return (from, to)
        }
    }

    /// A run of haops that was at work on the node. Its journal has whole seconds.
    private func run(at index: Int, _ node: String) -> String? {
        for event in events[...index].reversed() {
            guard age(of: event, at: index) <= Self.before * 2 else { break }
            guard event.node == node, event.cluster == scope.cluster,
                case .run(let what, _, let who, let isLast) = event.kind
            else { continue }
            return isLast && age(of: event, at: index) > 1_000 ? nil : "during haops \(what) by \(who)"
        }
        return nil
    }

    // MARK: Searching

    /// How long before an event a cause may be: what was before the node became MASTER has not ended that.
    private func age(ofTenureAt index: Int, _ node: String) -> Int {
        for event in events[..<index].reversed() where event.node == node && event.cluster == scope.cluster {
            guard case .keepalived(let journal) = event.kind, journal.subject == scope.instance,
                journal.kind == .becameMaster
            else { continue }
            return min(Self.before, max(0, age(of: event, at: index)))
        }
        return Self.before
    }

    private func age(of event: TimelineEvent, at index: Int) -> Int {
        events[index].time.millisecondsSince1970 - event.time.millisecondsSince1970
    }

    /// What the node's log has from shortly before an event to shortly after it.
    private func around(_ index: Int, _ node: String) -> [TimelineEvent] {
        var found: [TimelineEvent] = []
        for event in events[..<index].reversed() {
            guard age(of: event, at: index) <= 5_000 else { break }
            if event.node == node, event.cluster == scope.cluster { found.insert(event, at: 0) }
        }
        for event in events[index...] {
            guard -age(of: event, at: index) <= Self.after else { break }
            if event.node == node, event.cluster == scope.cluster { found.append(event) }
        }
        return found
    }

    private func first<Found>(in events: [TimelineEvent], _ find: (TimelineEvent) -> Found?) -> Found? {
        events.lazy.compactMap(find).first
    }

    /// What is found in the node's log next to an event: before it and within the time, else shortly after it.
    private func nearest<Found>(
        to index: Int, _ node: String, within span: Int, _ find: (TimelineEvent) -> Found?
    ) -> Found? {
        for event in events[...index].reversed() {
            guard age(of: event, at: index) <= span else { break }
            guard event.node == node, event.cluster == scope.cluster else { continue }
            if let found = find(event) { return found }
        }
        for event in events[index...].dropFirst() {
            guard -age(of: event, at: index) <= min(span, Self.after) else { break }
            guard event.node == node, event.cluster == scope.cluster else { continue }
            if let found = find(event) { return found }
        }
        return nil
    }
}

extension TimelineEvent {
    /// The interface that went down.
    fileprivate var downInterface: String? {
        switch kind {
        case .link(let name, isUp: false): return name
        case .keepalived(let journal):
            if case .interfaceDown = journal.kind { return journal.subject }
            return nil
        default: return nil
        }
    }
}
