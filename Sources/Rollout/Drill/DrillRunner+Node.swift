import Addresses
import Inventory
import Remote
import Survey
import Timeline

/// What a drill does on the node that fails.
extension DrillRunner {
    enum Made: Sendable {
        case made
        /// Nothing was broken.
        case refused(String)
        /// The failure may be there, and its end is scheduled.
        case failed(RolloutState.Event)
    }

    /// What the scripts know of the failure.
    private var values: [(name: String, value: String)] {
        let servers = (cluster.haproxy?.backends ?? []).flatMap(\.servers)
        let backends = servers.compactMap { server -> String? in
            guard let endpoint = ClusterViewer.endpoint(of: server.endpoint), let address = endpoint.address
            else { return nil }
            return "\("\(address)".contains(":") ? "ip6" : "ip") \(address) \(endpoint.port)\n"
        }
        return [
            ("FAILURE", plan.failure.rawValue), ("SUBJECT", plan.subject ?? ""),
            ("DEVICES", plan.devices.joined(separator: " ")), ("BACKENDS", backends.joined()),
            ("ADDRESSES", plan.addresses.map(\.description).joined(separator: " ")),
        ]
    }

    /// Schedules the end of the failure on the node, and makes it.
    func makeFailure() async -> Made {
        let mend = NodeScript(
            operations.context, [.services, .arming, .failures, .mend], values + [("CLAIM", "timer")])
        let input = Array(mend.text.utf8)
        let answer = await operations.ask(
            node, [.services, .arming, .failures, .drill],
            values + [
                ("AFTER", RolloutTiming.seconds(plan.endsAfter(timing))), ("BYTES", String(input.count)),
                ("DETACHED", plan.failure.cutsConnection ? "yes" : ""),
            ], "make the failure", input: input)
        switch answer {
        case .output(let output) where output.status.isSuccess: return .made
        case .output(let output):
            let complaint = NodeOperations.complaint(node, "make the failure", output)
            return output.status == .code(3) ? .refused(complaint) : .failed(.failed([complaint]))
        case .event(let event): return .failed(event)
        }
    }

    /// Lets the node end the failure, or waits until it has done so by itself.
    ///
    /// - `begins`: when the failure was made, by the clock here; microseconds.
    /// - Returns: the result, and when the failure began and ended by the node's clock; microseconds.
    func endFailure(since begins: Int) async -> (event: RolloutState.Event, began: Int?, mended: Int?) {
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
                node, [.services, .arming, .failures, .mend], values + [("CLAIM", "haops")],
                "end the failure", timeout: anew ? .seconds(60) : nil, anew: anew, hearing: read)
        }
        guard plan.failure.cutsConnection else { return (await ask(anew: false), began, mended) }
        // Whoever asks before the node's timer waits for an answer that cannot come.
        let due = clock.deadline(
            after: plan.endsAfter(timing) + .seconds(1) - .microseconds(Self.now - begins))
        while !due.hasPassed() { try? await clock.sleep(for: .milliseconds(100)) }
        let limit = clock.deadline(after: .seconds(60))
        var event = await ask(anew: true)
        while !event.isSuccess, !limit.hasPassed() {
            if case .failed = event { break }
            try? await clock.sleep(for: .seconds(1))
            event = await ask(anew: true)
        }
        return (event, began, mended)
    }

    /// How far the node's clock is ahead of the one here, in microseconds.
    func clockOffset() async -> Int {
        let offset = try? await operations.transport.withSession(to: node.target) { session in
            try await ClockComparison.offset(of: session)
        }
        return ((offset ?? nil)?.ahead ?? 0) * 1000
    }
}
