import Addresses
import Inventory
import Remote
import Survey
import Timeline

/// What a drill does on the nodes that fail.
extension DrillRunner {
    /// What became of a failure.
    struct Made: Sendable {
        /// Where it may be, and its end is scheduled.
        var nodes: [Node] = []
        /// Why nothing was broken on one of them.
        var refusal: String?
        /// Why it may not be what it should.
        var reasons: [String] = []
    }

    /// What the scripts know of the failure.
    private func values(_ node: Node) -> [(name: String, value: String)] {
        let servers = (cluster.haproxy?.backends ?? []).flatMap(\.servers)
        let backends = servers.compactMap { server -> String? in
            guard let endpoint = ClusterViewer.endpoint(of: server.endpoint), let address = endpoint.address
            else { return nil }
            return "\("\(address)".contains(":") ? "ip6" : "ip") \(address) \(endpoint.port)\n"
        }
        return [
            ("FAILURE", plan.failure.rawValue), ("SUBJECT", plan.subject ?? ""),
            ("DEVICES", (plan.devices[node.id] ?? []).joined(separator: " ")),
            ("BACKENDS", backends.joined()),
            ("ADDRESSES", plan.addresses.map(\.description).joined(separator: " ")),
        ]
    }

    /// Schedules the end of the failure on each node, and makes it, on one after the other until one refuses.
    func makeFailure() async -> Made {
        var made = Made()
        for node in nodes where made.refusal == nil && made.reasons.isEmpty {
            switch await makeFailure(on: node) {
            case .output(let output) where output.status == .code(3):
                made.refusal = NodeOperations.complaint(node, "make the failure", output)
            case .output(let output):
                made.nodes.append(node)
                if !output.status.isSuccess {
                    made.reasons = [NodeOperations.complaint(node, "make the failure", output)]
                }
            case .event(let event):
                made.nodes.append(node)
                made.reasons = event.reasons
            }
        }
        return made
    }

    private func makeFailure(on node: Node) async -> NodeOperations.Answer {
        let values = values(node)
        let mend = NodeScript(
            operations.context, [.services, .arming, .failures, .mend], values + [("CLAIM", "timer")])
        let input = Array(mend.text.utf8)
        return await operations.ask(
            node, [.services, .arming, .failures, .drill],
            values + [
                ("AFTER", RolloutTiming.seconds(plan.endsAfter(timing))), ("BYTES", String(input.count)),
                ("DETACHED", plan.failure.cutsConnection ? "yes" : ""),
            ], "make the failure", input: input)
    }

    /// What the end of a failure was, and when it began and ended; microseconds since 1970.
    struct Ended: Sendable {
        var event: RolloutState.Event
        var began: Int?
        var mended: Int?
    }

    /// Lets every node end its failure, all at the same time.
    ///
    /// - `ahead`: how far the nodes' clocks are ahead of the one here.
    /// - Returns: the first result that is no success, the first beginning and the last end, by the clock here.
    func endFailures(on nodes: [Node], since begins: Int, _ ahead: [HostID: Int]) async -> Ended {
        let all = await withTaskGroup(of: Ended.self) { group in
            for node in nodes {
                group.addTask {
                    var end = await endFailure(on: node, since: begins)
                    end.began = end.began.map { $0 - (ahead[node.id] ?? 0) }
                    end.mended = end.mended.map { $0 - (ahead[node.id] ?? 0) }
                    return end
                }
            }
            return await group.reduce(into: [Ended]()) { $0.append($1) }
        }
        return Ended(
            event: all.first { !$0.event.isSuccess }?.event ?? .succeeded,
            began: all.compactMap(\.began).min(), mended: all.compactMap(\.mended).max())
    }

    /// Lets the node end the failure, or waits until it has done so by itself.
    ///
    /// - `begins`: when the failure was made, by the clock here; microseconds.
    /// - Returns: the result, with the times of the node's clock.
    private func endFailure(on node: Node, since begins: Int) async -> Ended {
        var began: Int?
        var mended: Int?
        func read(_ lines: [String]) {
            for line in lines {
                let words = line.split(separator: " ")
                guard words.count == 2, let time = ClockComparison.milliseconds(words[1]) else { continue }
                if words[0] == "began" { began = time * 1000 }
                if words[0] == "mended" { mended = time * 1000 }
            }
        }
        func ask(anew: Bool) async -> RolloutState.Event {
            await operations.insist(
                node, [.services, .arming, .failures, .mend], values(node) + [("CLAIM", "haops")],
                "end the failure", timeout: anew ? .seconds(60) : nil, anew: anew, hearing: read)
        }
        guard plan.failure.cutsConnection else {
            return Ended(event: await ask(anew: false), began: began, mended: mended)
        }
        let isReboot = plan.failure == .reboot
        // Whoever asks before the node's timer waits for an answer that cannot come. A reboot's end is its boot, whose time
        // nobody knows before.
        let limit: Deadline
        if isReboot {
            limit = clock.deadline(after: plan.endsAfter(timing))
        } else {
            let due = clock.deadline(
                after: plan.endsAfter(timing) + .seconds(1) - .microseconds(Self.now - begins))
            while !due.hasPassed() { try? await clock.sleep(for: .milliseconds(100)) }
            limit = clock.deadline(after: .seconds(60))
        }
        var event = await ask(anew: true)
        while !event.isSuccess, !limit.hasPassed() {
            // A machine that still goes down says so.
            if case .failed = event, !isReboot { break }
            try? await clock.sleep(for: .seconds(1))
            event = await ask(anew: true)
        }
        return Ended(event: event, began: began, mended: mended)
    }

    /// How far the clocks of the nodes that fail are ahead of the one here, in microseconds.
    func clockOffsets() async -> [HostID: Int] {
        var ahead: [HostID: Int] = [:]
        for node in nodes {
            let offset = try? await operations.transport.withSession(to: node.target) { session in
                try await ClockComparison.offset(of: session)
            }
            ahead[node.id] = ((offset ?? nil)?.ahead ?? 0) * 1000
        }
        return ahead
    }
}
