import Remote

/// Nodes that go back to their old set: told to, or by themselves.
extension Runner {
    private static let revertParts: [NodeScript.Part] = [.files, .services, .arming, .revert]

    private func revertValues(_ plan: NodePlan, claim: String) -> [(name: String, value: String)] {
        [
            ("CLAIM", claim), ("HAPROXY_ACTION", plan.haproxy.rawValue),
            ("KEEPALIVED_ACTION", plan.keepalived.rawValue),
        ]
    }

    /// What a node runs by itself when its time is up.
    func revertScript(_ plan: NodePlan) -> String {
        NodeScript(context, Self.revertParts, revertValues(plan, claim: "timer")).text
    }

    func restore(_ id: HostID) async -> RolloutState.Event {
        let plan = plan(of: id)
        return await hands.insist(
            plan.node, Self.revertParts, revertValues(plan, claim: "haops"), "put the old set back")
    }

    /// Puts a node back, or waits until it has done so by itself.
    func restoreInTheEnd(_ id: HostID) async -> RolloutState.Event {
        switch await restore(id) {
        case .unreachable, .unknown: await awaitRevert(id)
        case let event: event
        }
    }

    func awaitRevert(_ id: HostID) async -> RolloutState.Event {
        let deadline = clock.deadline(after: timing.revertAfter + .seconds(60))
        var lastEvent = RolloutState.Event.failed([])
        repeat {
            // When it can be reached again before its time is up, it need not wait.
            lastEvent = await restore(id)
            if case .succeeded = lastEvent { return .succeeded }
            if case .failed = lastEvent { return lastEvent }
            await tell(
                id, .restore, .waits("its own revert is due within \(timing.revertAfter.brief) of the change")
            )
            try? await clock.sleep(for: .seconds(2))
        } while !deadline.hasPassed()
        return lastEvent
    }
}
