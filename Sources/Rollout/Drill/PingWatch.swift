import Addresses
import Facts
import Inventory
import Remote
import Survey
import Synchronization
import Timeline

/// Pings virtual addresses from observers all the time, over one held session each.
struct PingWatch: Sendable {
    let observers: [SSHTarget]
    let addresses: [IPAddress]
    /// Between two questions to one address.
    let interval: Duration
    let transport: any Transport

    /// What an observer has heard until now.
    struct Heard: Sendable {
        var observer: HostID
        var clock = ClockOffset()
        var lines = PingLines()
        /// Why it cannot ping; `nil` while it does.
        var failure: String?
        /// When each address has last answered, by the clock of this machine.
        fileprivate var last: [IPAddress: ContinuousClock.Instant] = [:]
        /// Since when each address answers without a pause.
        fileprivate var steady: [IPAddress: ContinuousClock.Instant] = [:]

        /// An address's answers by the clock of this machine.
        func answers(of address: IPAddress) -> [ProbeAnswer] {
            let ahead = clock.ahead * 1000
            return (lines.answers[address] ?? []).map {
                ProbeAnswer(number: $0.number, sent: $0.sent - ahead, received: $0.received - ahead)
            }
        }
    }

    /// The observers' reports while they come in.
    final class Live: Sendable {
        private let state: Mutex<[HostID: Heard]>
        private let addresses: [IPAddress]
        private let pause: Duration

        fileprivate init(_ observers: [HostID], _ addresses: [IPAddress], interval: Duration) {
            state = Mutex(Dictionary(uniqueKeysWithValues: observers.map { ($0, Heard(observer: $0)) }))
            self.addresses = addresses
            pause = max(.milliseconds(100), interval * 5)
        }

        var heard: [Heard] { state.withLock { $0.values.sorted { $0.observer < $1.observer } } }

        fileprivate func update(_ observer: HostID, _ change: (inout Heard) -> Void) {
            state.withLock { change(&$0[observer, default: Heard(observer: observer)]) }
        }

        fileprivate func add(_ line: String, by observer: HostID) {
            let now = ContinuousClock.now
            update(observer) { heard in
                guard let address = heard.lines.add(line) else { return }
                if heard.last[address].map({ now - $0 > pause }) ?? true { heard.steady[address] = now }
                heard.last[address] = now
            }
        }

        /// Whether each address answers every observer that can ping, and has for so long.
        func answers(for time: Duration) -> Bool {
            let now = ContinuousClock.now
            let able = heard.filter { $0.failure == nil }
            return !able.isEmpty
                && able.allSatisfy { heard in
                    addresses.allSatisfy { address in
                        guard let last = heard.last[address], let steady = heard.steady[address] else {
                            return false
                        }
                        return now - last < pause && now - steady >= time
                    }
                }
        }

        /// Whether every observer has begun or cannot.
        var hasBegun: Bool { heard.allSatisfy { $0.failure != nil || !$0.last.isEmpty } }
    }

    /// Runs `body` while the observers ping.
    func during<Value: Sendable>(_ body: @escaping @Sendable (Live) async -> Value) async -> Value {
        let live = Live(observers.map(\.id), addresses, interval: interval)
        return await withTaskGroup(of: Void.self) { group in
            for observer in observers { group.addTask { await listen(on: observer, live) } }
            let value = await body(live)
            group.cancelAll()
            return value
        }
    }

    private func listen(on observer: SSHTarget, _ live: Live) async {
        do {
            try await transport.withSession(to: observer) { session in
                if let clock = try? await ClockComparison.offset(of: session) {
                    live.update(observer.id) { $0.clock = clock }
                }
                let command = Command(script, operation: "ping the addresses", timeout: .seconds(86_400))
                try await session.hold(command) { held in
                    while !Task.isCancelled {
                        guard let line = try await held.nextLine(timeout: .seconds(300)) else { break }
                        if line == "none" {
                            live.update(observer.id) { $0.failure = "there is no ping with -D (iputils)" }
                        } else {
                            live.add(line, by: observer.id)
                        }
                    }
                }
            }
            live.update(observer.id) { $0.failure = $0.failure ?? "ping has ended" }
        } catch {
            live.update(observer.id) { $0.failure = "\(error)" }
        }
    }

    /// Ends with its standard input.
    private var script: String {
        let seconds = Double(interval.wholeMilliseconds) / 1000
        return """
            PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C; export PATH LC_ALL
            case $(ping -V 2>&1) in *iputils*) ;; *) echo none; exit 0 ;; esac
            for vip in \(addresses.map { "\($0)" }.joined(separator: " ")); do
              ping -D -n -i \(seconds) "$vip" 2>/dev/null &
            done
            cat >/dev/null
            kill 0
            """
    }
}
