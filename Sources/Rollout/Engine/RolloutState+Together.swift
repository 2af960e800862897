import Remote

/// Nodes that are changed at the same time, because a node changed alone would reject the adverts of the others:
/// either all of them get the new files, or all of them are rolled back.
extension RolloutState {
    mutating func afterChangeTogether(_ event: Event, _ nodes: [HostID]) -> Action {
        if event.isSuccess { return then(.verifyTogether(nodes)) }
        guard case .each(let events) = event else { return then(.restoreTogether(nodes)) }
        let touched = nodes.filter { node in
            switch events[node] {
            case .failed, .unreachable: false
            default: true
            }
        }
        let why = event.reasons
        if !touched.isEmpty {
            summary = .failed(why)
            return then(.restoreTogether(touched))
        }
        let errors = nodes.flatMap { node -> [RemoteError] in
            if case .unreachable(let errors) = events[node] { errors } else { [] }
        }
        summary = errors.count == why.count ? .unreachable(errors) : .refused(why)
        return then(.clean)
    }

    mutating func afterVerifyTogether(_ event: Event, _ nodes: [HostID]) -> Action {
        if event.isSuccess { return passed(nodes) }
        summary = .failed(event.reasons)
        return then(.restoreTogether(nodes))
    }

    mutating func afterRestoreTogether(_ event: Event, _ nodes: [HostID]) -> Action {
        for node in nodes {
            let fared: Event = if case .each(let events) = event { events[node] ?? event } else { event }
            settleFate(of: node, putBack: fared)
        }
        // After a failed group change, every node is rolled back; the gate decides whether the cluster is healthy.
        guard event.isSuccess, let first = nodes.first else { return restoreAll() }
        return then(.verifyRestored(first))
    }
}
