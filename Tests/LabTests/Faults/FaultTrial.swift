import FoundationEssentials
import HaopsTestSupport
import Remote

/// Runs one case, and looks at what is left of it.
struct FaultTrial: Sendable {
    let one: FaultCase
    let ground: FaultGround
    let seed: UInt64

    private var lab: LabFixture { ground.lab }
    private var scenario: FaultScenario { one.scenario }
    private static let limit = Duration.seconds(480)

    /// What a trial has seen, for its verdict and for whoever reads why it did not hold.
    struct Sight: Sendable {
        /// Before a rollback's own change was made: what it goes back to.
        var origin: [String: FaultNodeState] = [:]
        var before: [String: FaultNodeState] = [:]
        /// After the first run, with the fault taken back.
        var after: [String: FaultNodeState] = [:]
        /// After the second run.
        var final: [String: FaultNodeState] = [:]
        var first = CommandOutput(stdout: [], stderr: [], status: .code(-1))
        var second: CommandOutput?
        var steps: [AnnouncedStep] = []
        /// What did not hold, and was seen on the way.
        var violations: [String] = []
        /// When each part of the trial was over.
        var marks: [(part: String, at: ContinuousClock.Instant)] = [("begin", .now)]

        mutating func mark(_ part: String) { marks.append((part, .now)) }

        /// How long each part took, in seconds.
        var parts: String {
            zip(marks, marks.dropFirst()).map { "\($1.part) \(Int(($1.at - $0.at) / .seconds(1)))" }
                .joined(separator: ", ")
        }
    }

    /// - Throws: where the case could not be made; what does not hold is in the result.
    func run() async throws -> FaultResult {
        let begun = ContinuousClock.now
        var sight = Sight()
        var start = try await ground.ready()
        if scenario.onlyAdds || one.fault?.isOfMaking == true {
            start = try await ground.undo(scenario, from: start)
        }
        // Whatever throws from here on, the next case begins from bare machines.
        await ground.stands(on: nil)
        let toggled = scenario.toggles.map { start.symmetricDifference($0) } ?? start
        // A rollback goes back to what is in force now.
        let target = scenario == .rollback ? start : toggled
        let pair = try toggled.pair(on: lab)
        sight.origin = try await ground.states()
        try await prepare(pair)
        sight.mark("prepared")
        sight.before = try await ground.states()
        let foretold = try await ground.foretold(
            scenario, "\(toggled.isSuperset(of: scenario.toggles ?? []))"
        ) { try await foretell(pair) }

        sight.mark("foretold")
        let delay = pause
        let run = try FaultRun(pair, scenario.arguments, options: one.fault?.options ?? [])
        let pings = try await Pings.counted(from: "client", to: ManagedPair.vip, on: lab) {
            try await look(run, pair, delay, &sight)
            try await runAgain(pair, target, &sight)
        }
        sight.final = try await ground.states()
        let planned = try await target.pair(on: lab).haops("plan", "--detailed-exitcode")
        if planned.status != .code(0) {
            sight.violations.append("after the second run something is pending: \(planned.everything)")
        }

        sight.mark("judged")
        print("\(one.name): \(sight.parts)")
        let allowed = foretold + (one.fault?.silence.milliseconds ?? 0) + 300
        let verdict = FaultVerdict(one: one, sight: sight)
        var violations = verdict.violations
        let silence = Int(pings.silence / .milliseconds(1))
        if silence > allowed {
            violations.append("silent for \(silence) ms, allowed are \(allowed) ms: \(pings)")
        }
        if violations.isEmpty { await ground.stands(on: target) } else { try await tell(sight) }
        return FaultResult(
            name: one.name, violations: violations, exit: "\(sight.first.status)", silence: silence,
            allowed: allowed, seconds: Int((ContinuousClock.now - begun) / .seconds(1)),
            delay: Int(delay / .milliseconds(1)))
    }

    /// From the beginning of the step to the fault: anywhere in the step, and the same for the same seed.
    private var pause: Duration {
        var generator = SeededGenerator(
            seed: one.name.utf8.reduce(seed) { ($0 &* 31) &+ UInt64($1) })
        return .milliseconds(Int.random(in: 0...300, using: &generator))
    }

    // MARK: - Before

    private func prepare(_ pair: ManagedPair) async throws {
        switch scenario {
        case .rollback:
            try await insist(pair, "apply")
            try await pair.isWell()
        case .release:
            try await insist(pair, "switchover", "--to", "lb2")
        case .fix:
            // Its addresses stay behind, and nobody is left who takes them down.
            _ = try await lab.console(
                "lb1",
                "m=$(systemctl show --property MainPID --value keepalived); kill -STOP $m; kill -KILL $(pgrep -P $m); kill -KILL $m"
            )
            try await lab.eventually(HandMadePair.holds, on: "lb2")
        default: break
        }
    }

    @discardableResult
    private func insist(_ pair: ManagedPair, _ verb: String, _ words: String...) async throws -> CommandOutput
    {
        let output = try await pair.haops(verb, words + ["--yes"])
        guard output.status == .code(0) else {
            throw LabFixture.Failure.failed(command: "haops \(verb)", output: output)
        }
        return output
    }

    /// The longest silence that haops foretells, in milliseconds.
    private func foretell(_ pair: ManagedPair) async throws -> Int {
        struct Move: Decodable { var outage_ms: Int? }
        struct Span: Decodable { var longest: Int? }
        struct Foretold: Decodable { var silence_ms: Span? }
        struct Cluster: Decodable { var moves: [Move]? }
        struct Document: Decodable {
            var moves: [Move]?
            var clusters: [Cluster]?
            var foretold: [Foretold]?
        }
        let words = Array(scenario.arguments.dropFirst()) + ["--dry-run", "-o", "json"]
        let output = try await pair.haops(scenario.arguments[0], words)
        let document = try JSONDecoder().decode(Document.self, from: Data(output.stdout))
        let moves = (document.moves ?? []) + (document.clusters ?? []).flatMap { $0.moves ?? [] }
        return (moves.compactMap(\.outage_ms) + (document.foretold ?? []).compactMap(\.silence_ms?.longest))
            .max() ?? 0
    }

    // MARK: - The run, and what it leaves

    private func look(_ run: FaultRun, _ pair: ManagedPair, _ delay: Duration, _ sight: inout Sight)
        async throws
    {
        let place = InjectedFault.Place(lab: lab, node: one.node, process: 0, again: run.again)
        if let fault = one.fault { sight.violations += try await fault.prepare(place) }
        let (output, steps, acted) = try await run.run(at: one.step, after: delay, limit: Self.limit) {
            [fault = one.fault] process in
            var here = place
            here.process = process
            return try await fault?.inject(here) ?? []
        }
        (sight.first, sight.steps) = (output, steps)
        sight.mark("run")
        if let acted {
            sight.violations += acted
        } else if let step = one.step {
            sight.violations.append("the run announced no step \(step): \(steps)")
        }
        if let fault = one.fault {
            // The fault is still there, and the others serve.
            if scenario != .fix || output.status == .code(0) {
                await expect("one node that is well has the address, with the fault in place", &sight) {
                    try await ownsOnce(fault.silencesNode)
                }
            }
            sight.violations += try await fault.takeBack(place)
            if fault.hangsSteps {
                // They end by themselves, and the rollback that waits for them as well.
                await expect("no step is at work any more", within: .seconds(180), &sight) {
                    try await ground.states().values.allSatisfy { $0.steps.isEmpty } ? true : nil
                }
            }
        }
        // What a fix did not come to mend is still as it was.
        if scenario != .fix || output.status == .code(0) {
            await expect("one owner for every address", within: .seconds(60), &sight) {
                try await pair.who().exit == .code(0) ? true : nil
            }
        }
        if scenario == .drill {
            // What failed on purpose ends by itself, whatever has become of haops.
            await expect("the drill's failure has ended", within: .seconds(90), &sight) {
                let states = try await ground.states()
                return states.values.allSatisfy { $0.rollsBackIn == nil && $0.daemons["keepalived"] != "0" }
                    ? true : nil
            }
        }
        sight.after = try await ground.states()
        sight.mark("looked at")
    }

    private func runAgain(_ pair: ManagedPair, _ target: FaultVariant, _ sight: inout Sight) async throws {
        if one.fault?.leavesLock == true {
            // Its lease is as long as its rollbacks are scheduled; who cannot wait breaks it.
            let unlocked = try await pair.haops("unlock", "--yes")
            if unlocked.status != .code(0) { sight.violations.append("unlock: \(unlocked.everything)") }
        }
        // A rollback that is done would go back further.
        let isBack =
            scenario == .rollback && sight.after.mapValues(\.files) == sight.origin.mapValues(\.files)
        let verb = isBack ? ["apply"] : scenario.arguments
        let second = try await (isBack ? target.pair(on: lab) : pair).haops(
            verb[0], Array(verb.dropFirst()) + ["--yes"], limit: .seconds(300))
        sight.second = second
        sight.mark("run again")
        if second.status != .code(0) {
            sight.violations.append("the second run ends with \(second.status): \(second.everything)")
        }
        // A node that stayed broken gets its addresses back when its operator says so, as he was told.
        let isTold = sight.first.said.contains("haops switchover --release")
        if scenario == .switchover || isTold { try await insist(pair, "switchover", "--release") }
        await expect("lb1 owns all, and a client is answered", within: .seconds(30), &sight) {
            try await pair.isWell()
            return true
        }
    }

    /// Records it when something does not come about in time.
    private func expect(
        _ what: String, within limit: Duration = .seconds(20), _ sight: inout Sight,
        _ probe: () async throws -> Bool?
    ) async {
        do { try await lab.eventually(what, within: limit, probe) } catch {
            sight.violations.append("not so: \(what): \(error)")
        }
    }

    /// Whether exactly one machine that is neither off nor frozen has each address, and a client is answered.
    private func ownsOnce(_ mayBeSilent: Bool) async throws -> Bool? {
        var holders: [String: Int] = [:]
        for node in ManagedPair.nodes where !mayBeSilent || !isSilent(node) {
            // The kernel's own word: `ip` may be what is broken.
            let local = try await lab.console(
                node, "awk '/ [|]-- /{ a = $2 } / host LOCAL/{ print a }' /proc/net/fib_trie | sort -u")
            for vip in [ManagedPair.vip, ManagedPair.secondVIP]
            where local.text.split(separator: "\n").contains(Substring(vip)) {
                holders[vip, default: 0] += 1
            }
        }
        guard holders.count == 2, holders.values.allSatisfy({ $0 == 1 }) else { return nil }
        return try await lab.console("client", "ping -c1 -W1 \(ManagedPair.vip)").status.isSuccess
            ? true : nil
    }

    /// Whether a machine is frozen, off, or cut off, by the lab's own notes.
    private func isSilent(_ node: String) -> Bool {
        ["frozen", "powered-off", "cut-off"].contains {
            FileManager.default.fileExists(atPath: "\(lab.state)/nodes/\(node)/faults/\($0)")
        }
    }

    /// Prints what is needed to understand a case that did not hold.
    private func tell(_ sight: Sight) async throws {
        print("---- \(one.name): the first run\n\(sight.first.everything)")
        if let second = sight.second { print("---- the second run\n\(second.everything)") }
        print("---- before\n\(sight.before)\n---- after\n\(sight.after)\n---- in the end\n\(sight.final)")
        for node in ManagedPair.nodes {
            let journal = try await lab.console(node, "tail -n 40 /var/lib/haops/journal | cut -f 1,2,5")
            print("---- the journal of \(node)\n\(journal.text)")
        }
    }
}
