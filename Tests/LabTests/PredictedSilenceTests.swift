import FoundationEssentials
import HaopsTestSupport
import Keepalived
import Remote
import Testing

extension OnTheLab {
    /// That an address is silent for as long as haops says: both versions, several intervals, all on one pair.
    ///
    /// What it prints is the table in docs/Performance.md.
    @Suite struct PredictedSilenceTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// One instance of the pair.
        struct Variant: Sendable {
            var number: Int
            var version: Int
            var interval: String

            var name: String { "VI_\(number)" }
            var vip: String { "203.0.113.\(number)" }

            func text(priority: Int, _ more: String) -> String {
                """
                vrrp_instance \(name) {
                    state BACKUP
                    interface eth0
                    virtual_router_id \(number)
                    priority \(priority)
                    version \(version)
                    advert_int \(interval)
                    \(more)
                    virtual_ipaddress {
                        \(vip)/24 dev eth1
                    }
                }

                """
            }

            /// How long a node of this priority waits, as keepalived reads the text.
            func wait(priority: Int) throws -> MasterDownTime {
                let bytes = Array(text(priority: priority, "").utf8)
                let read = ConfigurationReader(path: "k", bytes: bytes).read(path: "k")
                return MasterDownTime(of: try #require(read.instances.first))
            }
        }

        /// Version 2 knows no fractions: `advert_int 0.2` is a second there.
        static let variants = [
            Variant(number: 50, version: 2, interval: "1"), Variant(number: 51, version: 2, interval: "3"),
            Variant(number: 52, version: 3, interval: "1"), Variant(number: 53, version: 3, interval: "3"),
            Variant(number: 54, version: 3, interval: "0.2"),
            Variant(number: 55, version: 2, interval: "0.2"),
        ]
        private static let tolerance = Duration.milliseconds(300)

        @Test(.timeLimit(.minutes(4)))
        func `an address is silent for as long as was predicted`() async throws {
            try await lab.reset()
            try await put("nopreempt", on: "lb1", priority: 150)
            try await put("nopreempt", on: "lb2", priority: 100)
            // With nopreempt whoever is first keeps them.
            try await start("lb1")
            try await start("lb2")
            try await everythingIs(on: "lb1")

            // The owner's keepalived is restarted: it says farewell.
            var foretold = try await moves(of: "lb1")
            var silences = try await silences {
                try await restart("lb1")
            } until: {
                try await everythingIs(on: "lb2")
            }
            for variant in Self.variants {
                let move = try #require(foretold.first { $0.instance == variant.name && $0.means == "stop" })
                let predicted = Duration.milliseconds(try #require(move.outage_ms))
                judge("owner's keepalived restarted", variant, predicted...predicted, silences)
            }

            // The preferred node preempts: nobody is silent, and it takes its time.
            try await put("", on: "lb1", priority: 150)
            foretold = try await moves(of: "lb1")
            silences = try await self.silences {
                try await restart("lb1")
            } until: {
                try await everythingIs(on: "lb1")
            }
            let delays = try await takeovers(by: "lb1")
            for variant in Self.variants {
                let move = try #require(
                    foretold.first { $0.instance == variant.name && $0.means == "preempt" })
                #expect(move.from == "lb2" && move.to == "lb1" && move.outage_ms == 0)
                judge("preferred node preempts", variant, Duration.zero...Duration.zero, silences)
                let predicted = Duration.milliseconds(try #require(move.delay_ms))
                judge("… so long after its start", variant, predicted...predicted, delays)
            }

            // Both are restarted at once: nobody has heard an owner.
            silences = try await self.silences {
                try await restart("lb1", "lb2")
            } until: {
                try await everythingIs(on: "lb1")
            }
            for variant in Self.variants {
                let wait = try variant.wait(priority: 150)
                let predicted = OutagePrediction(of: .electionAfterRestart, successor: wait)
                judge("both restarted together", variant, predicted.shortest...predicted.longest, silences)
            }

            // The owner dies without a word, its addresses with it.
            silences = try await self.silences {
                try await kill("lb1")
            } until: {
                try await everythingIs(on: "lb2")
            }
            for variant in Self.variants {
                let wait = try variant.wait(priority: 100)
                let predicted = OutagePrediction(of: .kill, successor: wait)
                judge("owner killed", variant, predicted.shortest...predicted.longest, silences)
            }
        }

        private func judge(
            _ event: String, _ variant: Variant, _ predicted: ClosedRange<Duration>,
            _ measured: [String: Duration], sourceLocation: Testing.SourceLocation = #_sourceLocation
        ) {
            let seen = measured[variant.name] ?? .zero
            func seconds(_ duration: Duration) -> String {
                let thousandths = Int(duration / .milliseconds(1))
                let rest = String(thousandths % 1000)
                return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest + " s"
            }
            let range =
                predicted.lowerBound == predicted.upperBound
                ? seconds(predicted.lowerBound)
                : "\(seconds(predicted.lowerBound)) to \(seconds(predicted.upperBound))"
            let words = "\(event) | \(variant.version) | \(variant.interval) s | \(range) | \(seconds(seen))"
            print("| \(words) |")
            #expect(
                seen >= predicted.lowerBound - Self.tolerance
                    && seen <= predicted.upperBound + Self.tolerance,
                "\(words)", sourceLocation: sourceLocation)
        }

        // MARK: What haops foretells

        private struct Move: Decodable {
            var instance: String
            var from: String
            var to: String?
            var means: String
            var outage_ms: Int?
            var delay_ms: Int?
        }

        private func moves(of node: String) async throws -> [Move] {
            struct Document: Decodable { var moves: [Move] }
            let output = try await lab.haops([
                "restart", "keepalived", "--dry-run", "-o", "json", "--ssh-config", lab.sshConfig, "--nodes",
                "lb1,lb2", "--limit", node,
            ])
            #expect(output.status == .code(0), "\(output.everything)")
            return try JSONDecoder().decode(Document.self, from: Data(output.stdout)).moves
        }

        // MARK: What becomes of the addresses

        private func put(_ more: String, on node: String, priority: Int) async throws {
            let text = Self.variants.map { $0.text(priority: priority, more) }.joined()
            try await lab.put(text, at: "/etc/keepalived/keepalived.conf", on: node)
        }

        private func onAll(_ nodes: [String], _ script: String) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in nodes {
                    group.addTask {
                        let output = try await lab.console(node, script)
                        #expect(output.status == .code(0))
                    }
                }
                try await group.waitForAll()
            }
        }

        private func start(_ node: String) async throws {
            try await onAll([node], "systemctl start keepalived")
        }

        private func restart(_ nodes: String...) async throws {
            try await onAll(nodes, "systemctl restart keepalived")
        }

        /// As when the machine loses its power: not even its kernel answers for the addresses.
        private func kill(_ node: String) async throws {
            let gone = Self.variants.map { "ip address del \($0.vip)/24 dev eth1" }.joined(separator: "; ")
            let script = """
                main=$(systemctl show --property MainPID --value keepalived)
                kill -STOP $main; kill -KILL $(pgrep -P $main); \(gone); kill -KILL $main
                """
            _ = try await lab.console(node, script)
        }

        private func everythingIs(on node: String) async throws {
            let holds = Self.variants.map { "ip -o address show to \($0.vip)/32 | grep -q ." }
            try await lab.eventually(holds.joined(separator: " && "), on: node, within: .seconds(30))
        }

        /// The longest silence of each address while `body` runs, and until it is over.
        private func silences(
            during body: () async throws -> Void, until end: () async throws -> Void
        ) async throws -> [String: Duration] {
            let vips = Self.variants.map(\.vip)
            let each = vips.map { "setsid ping -D -i 0.01 \($0) >/run/pings.\($0) 2>&1 </dev/null &" }
            _ = try await lab.console("client", each.joined(separator: "\n"))
            let answered = vips.map { "grep -q 'bytes from' /run/pings.\($0)" }.joined(separator: " && ")
            try await lab.eventually(answered, on: "client")
            try await body()
            try await end()
            // Until each of them answers again.
            let replies = "grep -c 'bytes from' /run/pings."
            let counts = vips.map { "\(replies)\($0) >/run/replies.\($0)" }.joined(separator: "; ")
            _ = try await lab.console("client", counts)
            let again = vips.map { "[ $(\(replies)\($0)) -gt $(cat /run/replies.\($0)) ]" }
            try await lab.eventually(again.joined(separator: " && "), on: "client")
            let counted = """
                pkill -INT -x ping
                while pgrep -x ping >/dev/null; do sleep 0.02; done
                for vip in \(vips.joined(separator: " ")); do
                  sed -n 's/^\\[\\([0-9.]*\\)\\] .* icmp_seq=.* ttl=.*/\\1/p' /run/pings.$vip |
                    awk -v vip=$vip 'NR > 1 && $1 - last > most { most = $1 - last } { last = $1 } END { print vip, int(most * 1000) - 10 }'
                done
                """
            let lines = try await lab.console("client", counted).text.split(separator: "\n")
            var silences: [String: Duration] = [:]
            for line in lines {
                let words = line.split(separator: " ")
                guard words.count == 2, let milliseconds = Int(words[1]),
                    let variant = Self.variants.first(where: { $0.vip == words[0] })
                else { continue }
                silences[variant.name] = .milliseconds(max(0, milliseconds))
            }
            #expect(silences.count == Self.variants.count, "\(lines)")
            return silences
        }

        /// How long after its start a node's daemon became MASTER, by its own journal.
        private func takeovers(by node: String) async throws -> [String: Duration] {
            let read = """
                journalctl -q --no-pager -o short-unix \
                  _SYSTEMD_INVOCATION_ID=$(systemctl show --property InvocationID --value keepalived) |
                  sed -n 's/^\\([0-9.]*\\) .*(\\(VI_[0-9]*\\)) Entering \\([A-Z]*\\) STATE.*/\\1 \\2 \\3/p'
                """
            var began: [String: Double] = [:]
            var delays: [String: Duration] = [:]
            for line in try await lab.console(node, read).text.split(separator: "\n") {
                let words = line.split(separator: " ").map(String.init)
                guard words.count == 3, let at = Double(words[0]) else { continue }
                if words[2] == "BACKUP" { began[words[1]] = at }
                if words[2] == "MASTER", let start = began[words[1]] {
                    delays[words[1]] = .milliseconds(Int((at - start) * 1000))
                }
            }
            #expect(delays.count == Self.variants.count)
            return delays
        }
    }
}
