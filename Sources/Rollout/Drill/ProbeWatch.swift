package import Addresses
import Facts
import Inventory
import Remote
import Survey
import Synchronization
import Timeline

/// How this machine asks, besides the observers.
package struct LocalProbes: Sendable {
    /// Runs a script, and hands its lines on until it is cancelled.
    package typealias Lines =
        @Sendable (_ script: String, _ each: @escaping @Sendable (String) -> Void) async throws -> Void
    /// Pings an address at intervals until it is cancelled.
    package typealias Pings =
        @Sendable (
            _ address: IPAddress, _ interval: Duration, _ each: @escaping @Sendable (ProbeAnswer) -> Void
        ) async throws -> Void

    var lines: Lines
    /// `nil` where the script has to run `ping`.
    var pings: Pings?

    package init(lines: @escaping Lines, pings: Pings? = nil) {
        self.lines = lines
        self.pings = pings
    }
}

/// Asks virtual addresses all the time from observers, over one held session each: by ping, by connections, by requests.
struct ProbeWatch: Sendable {
    let observers: [SSHTarget]
    let targets: [ProbeTarget]
    /// Between two pings of one address.
    let interval: Duration
    let transport: any Transport
    /// Asks from this machine too; `nil` where only observers ask.
    var here: LocalProbes?

    /// The name of this machine among the observers.
    static let hereID = HostID("here")

    /// Between two connections to one port: each takes a process of the observer.
    private static let connectionInterval = Duration.milliseconds(50)
    /// A connection that takes longer is none.
    private static let connectionPatience = 20

    private var askers: [HostID] { observers.map(\.id) + (here == nil ? [] : [Self.hereID]) }

    func interval(of kind: ProbeKind) -> Duration {
        kind == .icmp ? interval : max(interval, Self.connectionInterval)
    }

    /// What an observer has heard until now.
    struct Heard: Sendable {
        var observer: HostID
        var clock = ClockOffset()
        var lines = ProbeLines()
        /// Why it cannot ask; `nil` while it does.
        var failure: String?
        /// When each target has last answered, by the clock of this machine.
        fileprivate var last: [ProbeTarget: ContinuousClock.Instant] = [:]
        /// Since when each target answers without a pause.
        fileprivate var steady: [ProbeTarget: ContinuousClock.Instant] = [:]

        /// Connections that were cut, by the clock of this machine.
        var cuts: [ConnectionCut] {
            let ahead = clock.ahead * 1000
            return lines.cuts.map {
                ConnectionCut(target: $0.target, last: $0.last - ahead, noticed: $0.noticed - ahead)
            }
        }

        /// A target's answers by the clock of this machine.
        func answers(of target: ProbeTarget) -> [ProbeAnswer] {
            let ahead = clock.ahead * 1000
            return (lines.answers[target] ?? []).map {
                ProbeAnswer(number: $0.number, sent: $0.sent - ahead, received: $0.received - ahead)
            }
        }
    }

    /// The observers' reports while they come in.
    final class Live: Sendable {
        private let state: Mutex<[HostID: Heard]>
        /// By target, a pause in its answers that is longer than usual.
        private let pauses: [ProbeTarget: Duration]

        fileprivate init(_ watch: ProbeWatch) {
            state = Mutex(
                Dictionary(watch.askers.map { ($0, Heard(observer: $0)) }) { first, _ in first })
            pauses = Dictionary(
                uniqueKeysWithValues: watch.targets.map { target in
                    (target, max(.milliseconds(100), watch.interval(of: target.kind) * 5))
                })
        }

        var heard: [Heard] { state.withLock { $0.values.sorted { $0.observer < $1.observer } } }

        fileprivate func update(_ observer: HostID, _ change: (inout Heard) -> Void) {
            state.withLock { change(&$0[observer, default: Heard(observer: observer)]) }
        }

        fileprivate func add(_ line: String, by observer: HostID) {
            note(by: observer) { heard in
                if line == "none" { heard.failure = "there is no ping of iputils" }
                return heard.lines.add(line)
            }
        }

        fileprivate func add(_ answer: ProbeAnswer, of target: ProbeTarget, by observer: HostID) {
            note(by: observer) { heard in
                heard.lines.add(answer, of: target)
                return target
            }
        }

        /// - `answered`: notes an answer, and says which target has answered.
        private func note(by observer: HostID, _ answered: (inout Heard) -> ProbeTarget?) {
            let now = ContinuousClock.now
            update(observer) { heard in
                guard let target = answered(&heard), let pause = pauses[target] else { return }
                if heard.last[target].map({ now - $0 > pause }) ?? true { heard.steady[target] = now }
                heard.last[target] = now
            }
        }

        /// Whether every observer was answered, or cannot ask.
        var hasBegun: Bool {
            state.withLock { $0.values.allSatisfy { $0.failure != nil || !$0.last.isEmpty } }
        }

        /// Whether targets answer the observers, and have for so long. A target that has never answered an observer does
        /// not count, and an observer that was never answered neither.
        func answers(for time: Duration) -> Bool {
            let now = ContinuousClock.now
            return state.withLock { state in
                let able = state.values.filter { $0.failure == nil && !$0.last.isEmpty }
                return !able.isEmpty
                    && able.allSatisfy { heard in
                        heard.last.allSatisfy { target, last in
                            guard let pause = pauses[target], let steady = heard.steady[target] else {
                                return false
                            }
                            return now - last < pause && now - steady >= time
                        }
                    }
            }
        }
    }

    /// Runs `body` while the observers ask.
    func during<Value: Sendable>(_ body: @escaping @Sendable (Live) async -> Value) async -> Value {
        let live = Live(self)
        return await withTaskGroup(of: Void.self) { group in
            for observer in observers { group.addTask { await listen(on: observer, live) } }
            if let here { group.addTask { await listen(here, live) } }
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
                let command = Command(
                    script(pings: true), operation: "ask the addresses", timeout: .seconds(86_400),
                    outputLimit: 64 << 10)
                try await session.hold(command) { held in
                    while !Task.isCancelled {
                        guard let line = try await held.nextLine(timeout: .seconds(300)) else { break }
                        live.add(line, by: observer.id)
                    }
                }
            }
            live.update(observer.id) { $0.failure = $0.failure ?? "its probes have ended" }
        } catch {
            live.update(observer.id) { $0.failure = "\(error)" }
        }
    }

    private func listen(_ here: LocalProbes, _ live: Live) async {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                if let pings = here.pings {
                    for target in targets where target.kind == .icmp {
                        group.addTask {
                            try await pings(target.address, interval) {
                                live.add($0, of: target, by: Self.hereID)
                            }
                        }
                    }
                }
                let script = script(pings: here.pings == nil)
                group.addTask { try await here.lines(script) { live.add($0, by: Self.hereID) } }
                try await group.waitForAll()
            }
            live.update(Self.hereID) { $0.failure = $0.failure ?? "its probes have ended" }
        } catch {
            live.update(Self.hereID) { $0.failure = "\(error)" }
        }
    }

    /// Ends with its standard input.
    ///
    /// - `pings`: with pings; else connections alone.
    private func script(pings: Bool) -> String {
        let addresses = targets.filter { $0.kind == .icmp }.map { "\($0.address)" }
        let pinging =
            pings
            ? """
            case $(ping -V 2>&1) in *iputils*) ;; *) echo none; exit 0 ;; esac
            for vip in \(addresses.joined(separator: " ")); do
              ping -D -n -i \(Self.seconds(interval)) "$vip" 2>/dev/null &
            done
            """ : ""
        let connections = targets.compactMap { target -> String? in
            switch target.kind {
            case .icmp: nil
            case .tcp(let port): "tcp \(target.address) \(port)"
            case .http(let port): "http \(target.address) \(port)"
            }
        }
        return """
            trap : TERM
            PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C; export PATH LC_ALL
            \(pinging)
            if command -v bash >/dev/null && [ -n "$(bash -c 'echo "$EPOCHREALTIME"')" ]; then
              while read -r kind address port; do
                bash -c \(connecting.shellQuoted) "$kind" "$address" "$port" 2>/dev/null </dev/null &
                [ "$kind" != http ] || bash -c \(Self.holding.shellQuoted) "$kind" "$address" "$port" 2>/dev/null </dev/null &
              done <<EOF
            \(connections.joined(separator: "\n"))
            EOF
            fi
            cat >/dev/null
            kill 0
            """
    }

    /// Of bash: a connection at a time in a process of its own, which is ended after a second.
    private var connecting: String {
        """
        exec 9<> <(:)
        n=0
        while [ -n "$2" ]; do
          n=$((n + 1)) slot=$((n % \(Self.connectionPatience)))
          [ -z "${old[$slot]}" ] || kill "${old[$slot]}"
          (
            s=$EPOCHREALTIME
            exec 3<>"/dev/tcp/$1/$2" || exit
            if [ "$0" = http ]; then
              printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3
              read -r version code rest <&3
              case $code in [1-4]??) ;; *) exit ;; esac
            fi
            echo "$0 $1 $2 $n $s $EPOCHREALTIME"
          ) &
          old[$slot]=$!
          read -r -t \(Self.seconds(interval(of: .tcp(port: 0)))) -u 9
        done
        """
    }

    /// Of bash: one connection that is held, with a request at a time. A server that closes it in good order cuts nothing.
    private static let holding = """
        trap '' PIPE
        exec 9<> <(:)
        while [ -n "$2" ]; do
          ok=yes last=
          if exec 3<>"/dev/tcp/$1/$2"; then
            close=
            while [ -n "$ok" ] && [ -z "$close" ]; do
              ok=
              printf 'HEAD / HTTP/1.1\\r\\nHost: haops\\r\\n\\r\\n' >&3 || break
              while read -r -t 5 line <&3; do
                line=${line%$'\\r'}
                [ -n "$line" ] || { ok=yes; break; }
                case $line in [Cc]onnection:*close*) close=yes ;; esac
              done
              [ -z "$ok" ] || last=$EPOCHREALTIME
              read -r -t 0.05 -u 9
            done
            exec 3>&-
          fi
          [ -n "$ok" ] || [ -z "$last" ] || echo "cut $1 $2 $last $EPOCHREALTIME"
          read -r -t 0.05 -u 9
        done
        """

    private static func seconds(_ duration: Duration) -> String {
        "\(Double(duration.wholeMilliseconds) / 1000)"
    }
}
