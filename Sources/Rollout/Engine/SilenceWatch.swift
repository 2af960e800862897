package import Addresses
import Inventory
package import Remote
import Synchronization

/// How long an address gave no answer while a change was carried out.
package struct MeasuredSilence: Hashable, Sendable {
    package var vip: IPAddress
    package var instance: String
    /// The longest time without an answer, in steps of ``SilenceWatch/interval``; `nil` when nobody was answered at all.
    package var milliseconds: Int?
    /// The machine that asked.
    package var observer: HostID
    /// What the plan had predicted; `nil` where the work itself decides.
    package var predicted: Int?
    /// Whether the plan had predicted anything for this address.
    package var wasForetold: Bool
}

/// Pings addresses while a change is carried out, from the cluster's observers, or from its nodes where it has none.
struct SilenceWatch: Sendable {
    /// The time between two questions, and so the smallest silence that is seen.
    static let interval = Duration.milliseconds(50)
    /// More addresses than these are not watched: each costs twenty packets a second.
    private static let most = 16

    let cluster: Cluster
    let transport: any Transport

    /// Runs `body`, and returns what was measured meanwhile.
    func during<Value: Sendable>(
        _ moves: [PredictedMove], _ body: @escaping @Sendable () async -> Value
    ) async -> (value: Value, silences: [MeasuredSilence]) {
        let vips = cluster.virtualAddresses.prefix(Self.most).map { ($0.instance.name, $0.vip.cidr.address) }
        let targets =
            cluster.observers.isEmpty ? cluster.nodes.map(\.target) : cluster.observers.map(\.target)
        guard !vips.isEmpty else { return (await body(), []) }
        let tallies = targets.map { ($0, Tally()) }
        let script = Self.script(vips.map { "\($0.1)" })
        let value = await withTaskGroup(of: Void.self) { group in
            for (target, tally) in tallies { group.addTask { await listen(on: target, script, to: tally) } }
            // A first answer, or the proof that nothing will be heard.
            for (_, tally) in tallies { await tally.hasBegun() }
            let value = await body()
            group.cancelAll()
            return value
        }
        var found: [MeasuredSilence] = []
        for (instance, vip) in vips {
            let seen = tallies.compactMap { target, tally in
                tally.longest(of: "\(vip)").map { (target.id, $0) }
            }
            guard let worst = seen.max(by: { ($0.1 ?? .max) < ($1.1 ?? .max) }) else { continue }
            let foretold = moves.filter { $0.instance == instance }
            let predicted =
                foretold.contains { $0.outageMilliseconds == nil }
                ? nil : foretold.compactMap(\.outageMilliseconds).max() ?? 0
            found.append(
                MeasuredSilence(
                    vip: vip, instance: instance,
                    milliseconds: worst.1.map { $0 * Self.interval.wholeMilliseconds }, observer: worst.0,
                    predicted: predicted, wasForetold: !foretold.isEmpty))
        }
        return (value, found)
    }

    /// Prints `VIP +` for an answer and `VIP -` for a question without one. Ends with its standard input.
    private static func script(_ vips: [String]) -> String {
        """
        PATH="$PATH:/usr/sbin:/sbin"; export PATH LC_ALL=C
        command -v ping >/dev/null || { echo none; exit 0; }
        for vip in \(vips.joined(separator: " ")); do
          ping -n -O -i 0.05 "$vip" 2>/dev/null | while IFS= read -r line; do
            case $line in
              *"bytes from"*) echo "$vip +" ;;
              *"no answer yet"*) echo "$vip -" ;;
            esac
          done &
        done
        cat >/dev/null
        kill 0
        """
    }

    private func listen(on target: SSHTarget, _ script: String, to tally: Tally) async {
        let command = Command(script, operation: "watch the addresses", timeout: .seconds(86400))
        // Without ping, or without a connection, nothing is measured, and the change is not held up.
        _ = try? await transport.withSession(to: target) { session in
            try await session.hold(command) { held in
                while !Task.isCancelled {
                    guard let line = try await held.nextLine(timeout: .seconds(60)) else { break }
                    tally.add(line)
                }
            }
        }
        tally.end()
    }

    /// What one machine has heard.
    private final class Tally: Sendable {
        private struct State {
            /// By address: questions without an answer, now and at most.
            var runs: [String: (now: Int, longest: Int)] = [:]
            var isEnded = false
        }
        private let state = Mutex(State())

        func add(_ line: String) {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 2 else { return end() }
            state.withLock { state in
                if words[1] == "+" {
                    // Silence before the first answer is none of this change's.
                    state.runs[words[0], default: (0, 0)].now = 0
                } else if var run = state.runs[words[0]] {
                    run.now += 1
                    run.longest = max(run.longest, run.now)
                    state.runs[words[0]] = run
                }
            }
        }

        func end() { state.withLock { $0.isEnded = true } }

        /// Waits for a first answer, two seconds at most.
        func hasBegun() async {
            for _ in 0..<40 {
                if state.withLock({ $0.isEnded || !$0.runs.isEmpty }) { return }
                try? await Task.sleep(for: .milliseconds(50))
            }
        }

        /// How many questions in a row had no answer; `nil` when none was ever answered.
        func longest(of vip: String) -> Int?? { state.withLock { $0.runs[vip].map { .some($0.longest) } } }
    }
}
