import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// That failures end as `ready` has foretold: each is made for real, and owners and silence are compared.
    @Suite struct ReadyTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// A row of `ready`, and the lab's fault that makes it.
        private struct Trial {
            var row: String
            var fault: String
            /// Whether the silence of the address can be measured by pings: not where two answer.
            var isMeasured = true
        }

        /// On the shipped pair: adverts on eth0, addresses on eth1, intervals of a second.
        private static let trials = [
            Trial(row: "stop lb1", fault: "keepalived-stopped"),
            Trial(row: "kill lb1", fault: "keepalived-killed"),
            Trial(row: "crash lb1", fault: "cut-off"),
            Trial(row: "interface eth1 on lb1", fault: "interface-down"),
            Trial(row: "advert-interface eth0 on lb1", fault: "interface-down:eth0"),
            Trial(row: "adverts-out lb1", fault: "vrrp-output-dropped", isMeasured: false),
            Trial(row: "adverts-in lb1", fault: "vrrp-input-dropped"),
            Trial(row: "adverts-both lb1", fault: "partitioned:adverts", isMeasured: false),
        ]
        private static let tolerance = Duration.milliseconds(300)

        /// An owner that was one of two announces nothing when it is alone again: who believed the other does so still.
        private func clientsAskAnew() async throws {
            _ = try await lab.console("client", "ip neigh flush dev eth1")
        }

        @Test(.onlyInSweeps, .timeLimit(.minutes(8)))
        func `each failure ends as foretold, and takes as long`() async throws {
            let pair = try await ManagedPair.ready(on: lab, by: .shipped)
            let rows = try ReadyAnswer(try await pair.haops("ready", "-o", "json")).rows("VI_1")
            for trial in Self.trials {
                let row = try #require(rows[trial.row], "\(trial.row): \(rows.keys.sorted())")
                let holders = Set(row.owners + row.leftovers)
                var silence = Duration.zero
                if trial.isMeasured {
                    silence = try await longestGap {
                        try await lab.fault(trial.fault, "lb1")
                        try await areHolders(holders, trial.row)
                    }
                } else {
                    try await lab.fault(trial.fault, "lb1")
                    try await areHolders(holders, trial.row)
                }
                let foretold = row.silence.map { "\($0.shortest) to \($0.longest) ms" } ?? "two answer"
                print(
                    "| \(trial.row) | \(holders.sorted().joined(separator: "+")) | \(foretold) | \(silence) |"
                )
                if trial.isMeasured {
                    let span = try #require(row.silence, "\(trial.row)")
                    #expect(
                        silence >= .milliseconds(span.shortest) - Self.tolerance
                            && silence <= .milliseconds(span.longest) + Self.tolerance,
                        "\(trial.row): \(foretold), and it was \(silence)")
                }
                try await lab.heal(trial.fault, "lb1")
                try await clientsAskAnew()
                #expect(["goes-back", "one-is-left", "unchanged"].contains(row.afterwards), "\(trial.row)")
                try await pair.isWell()
            }
        }

        @Test(.timeLimit(.minutes(4)))
        func `haproxy that ends moves the addresses after as many runs of its check as foretold`()
            async throws
        {
            let pair = try await ManagedPair.ready(on: lab, by: .shipped)
            let rows = try ReadyAnswer(try await pair.haops("ready", "-o", "json")).rows("VI_1")
            let row = try #require(rows["haproxy lb1"])
            #expect(row.verdict == "fine" && row.owners == ["lb2"] && row.serves == "yes")
            let span = try #require(row.silence)
            let gap = try await longestGap(web: true) {
                try await lab.fault("haproxy-stopped", "lb1")
                try await areHolders(["lb2"], "haproxy lb1")
            }
            print("| haproxy lb1 | lb2 | \(span.shortest) to \(span.longest) ms | \(gap) |")
            // A request takes its own time besides.
            #expect(gap >= .milliseconds(span.shortest) - Self.tolerance)
            #expect(gap <= .milliseconds(span.longest) + Self.tolerance * 2)
            try await lab.heal("haproxy-stopped", "lb1")
            try await clientsAskAnew()
            try await pair.isWell(within: .seconds(30))
        }

        @Test func `a killed keepalived that its unit starts again leaves nothing behind`() async throws {
            let pair = try await ManagedPair.ready(on: lab, by: .shipped)
            let directory = "/etc/systemd/system/keepalived.service.d"
            try await lab.put(
                "[Service]\nRestart=on-failure\n", at: "\(directory)/50-restart.conf", on: "lb1")
            try await lab.eventually("systemctl daemon-reload", on: "lb1")
            let rows = try ReadyAnswer(try await pair.haops("ready", "-o", "json")).rows("VI_1")
            let row = try #require(rows["kill lb1"])
            #expect(row.verdict == "fine" && row.owners == ["lb1"])
            let span = try #require(row.silence)
            let gap = try await longestGap {
                let kill = """
                    main=$(systemctl show --property MainPID --value keepalived)
                    kill -STOP $main; kill -KILL $(pgrep -P $main); kill -KILL $main
                    """
                _ = try await lab.console("lb1", kill)
                try await lab.eventually("systemctl is-active --quiet keepalived", on: "lb1")
                try await areHolders(["lb1"], "kill lb1")
            }
            print("| kill lb1, Restart=on-failure | lb1 | \(span.shortest) to \(span.longest) ms | \(gap) |")
            #expect(gap >= .milliseconds(span.shortest) - Self.tolerance)
            #expect(gap <= .milliseconds(span.longest) + Self.tolerance)
            try await lab.eventually(
                "rm \(directory)/50-restart.conf && systemctl daemon-reload", on: "lb1")
        }

        @Test(.timeLimit(.minutes(3)))
        func
            `the article's two networks: its adverts' network fails without a link, and both hosts own the address`()
            async throws
        {
            try await lab.reset()
            let article = LabFixture.project + "/inventories/examples/seed-vip-card.yaml"
            var text = try String(contentsOfFile: article, encoding: .utf8)
            for (from, to) in [
                ("hostA: { address: 192.168.100.11", "lb1: { address: 198.51.100.11"),
                ("hostB: { address: 192.168.100.12", "lb2: { address: 198.51.100.12"),
                ("192.168.122.50/24", "203.0.113.50/24"),
            ] {
                try #require(text.contains(from))
                text = text.replacing(from, with: to)
            }
            let pair = ManagedPair(lab: lab, inventory: try lab.scratch("article.yaml", text))
            try await pair.expect(0, "apply", "--yes")
            try await areHolders(["lb1"], "begin")
            let said = try await pair.expect(5, "ready", "-o", "json")
            let answer = try ReadyAnswer(said)
            let rows = answer.rows("VI_1")
            #expect(rows["interface eth1 on lb1"]?.owners == ["lb2"])
            #expect(rows["adverts-both lb1"]?.verdict == "two-owners")
            let finding = try #require(answer.findings.first { $0.id == "ready-two-owners" })
            #expect(finding.message.contains("the adverts travel on eth0 and the addresses are on eth1"))
            try await lab.fault("partitioned:adverts", "lb1")
            try await areHolders(["lb1", "lb2"], "adverts-both lb1")
            try await lab.heal("partitioned:adverts", "lb1")
            try await areHolders(["lb1"], "healed")
            try await lab.reset()
        }

        @Test(
            .enabled(if: (LabFixture.running?.balancers.count ?? 3) > 2, "wants `lab/lab up --balancers 3`"),
            .timeLimit(.minutes(3)))
        func `of three machines two fail, and the third one owns the address`() async throws {
            try await lab.reset()
            let names = ["lb1": 150, "lb2": 120, "lb3": 100]
            for (node, priority) in names {
                let text = """
                    vrrp_instance VI_1 {
                      state BACKUP
                      interface eth0
                      virtual_router_id 51
                      priority \(priority)
                      version 3
                      advert_int 0.2
                      virtual_ipaddress {
                        \(ManagedPair.vip)/24 dev eth1
                      }
                    }

                    """
                try await lab.put(text, at: "/etc/keepalived/keepalived.conf", on: node)
                try await lab.eventually("systemctl start keepalived", on: node)
            }
            try await areHolders(["lb1"], "begin", of: Array(names.keys))
            let output = try await lab.haops([
                "ready", "-o", "json", "--ssh-config", lab.sshConfig, "--nodes", "lb1,lb2,lb3",
            ])
            let rows = try ReadyAnswer(output).rows("VI_1")
            let row = try #require(rows["crash lb1+lb2"], "\(output.everything)")
            #expect(row.owners == ["lb3"] && row.serves == "address-only")
            #expect(rows["crash lb1"]?.owners == ["lb2"])
            // Two of three hear the others no more.
            #expect(rows["adverts-in lb2"]?.owners == ["lb1", "lb2"])
            try await lab.fault("vrrp-input-dropped", "lb2")
            try await areHolders(["lb1", "lb2"], "adverts-in lb2", of: Array(names.keys))
            try await lab.heal("vrrp-input-dropped", "lb2")
            try await areHolders(["lb1"], "healed", of: Array(names.keys))
            for node in ["lb1", "lb2"] { try await lab.fault("cut-off", node) }
            try await areHolders(["lb3"], "crash lb1+lb2", of: Array(names.keys))
            for node in ["lb1", "lb2"] { try await lab.heal("cut-off", node) }
            try await areHolders(["lb1"], "healed", of: Array(names.keys))
            try await lab.reset()
        }

        // MARK: - What becomes of the address

        private func areHolders(_ wanted: Set<String>, _ what: String, of nodes: [String] = ["lb1", "lb2"])
            async throws
        {
            try await lab.eventually("\(what): held by \(wanted.sorted())", within: .seconds(30)) {
                var holders: Set<String> = []
                for node in nodes {
                    let shown = try await lab.console(node, "ip -o address show to \(ManagedPair.vip)/32")
                    if !shown.text.isEmpty { holders.insert(node) }
                }
                return holders == wanted ? true : nil
            }
        }

        /// The longest time between two answers to a client while `body` runs and until it is answered again.
        private func longestGap(web: Bool = false, _ body: () async throws -> Void) async throws -> Duration {
            let ask =
                web
                ? "curl -s -o /dev/null --max-time 0.2 --connect-timeout 0.2 http://\(ManagedPair.vip)/ && date +%s.%N; sleep 0.02"
                : ""
            let start =
                web
                ? "rm -f /run/stop; setsid sh -c 'while [ ! -e /run/stop ]; do \(ask); done' >/run/gap 2>/dev/null </dev/null &"
                : "setsid ping -D -i 0.01 \(ManagedPair.vip) 2>&1 </dev/null >/run/gap.raw & echo $! >/run/gap.pid"
            let times =
                web
                ? "cat /run/gap" : "sed -n 's/^\\[\\([0-9.]*\\)\\] .* icmp_seq=.* ttl=.*/\\1/p' /run/gap.raw"
            _ = try await lab.console("client", start)
            try await lab.eventually("[ $(\(times) | wc -l) -gt 5 ]", on: "client")
            try await body()
            // Answered for a while again.
            try await lab.eventually("\(times) | wc -l >/run/gap.seen", on: "client")
            try await lab.eventually(
                "[ $(\(times) | wc -l) -gt $(($(cat /run/gap.seen) + 5)) ]", on: "client")
            _ = try await lab.console(
                "client", web ? "touch /run/stop" : "kill -INT $(cat /run/gap.pid)")
            let most =
                "\(times) | awk 'NR > 1 && $1 - last > most { most = $1 - last } { last = $1 } END { print int(most * 1000) }'"
            let text = try await lab.console("client", most).text.filter(\.isNumber)
            return .milliseconds(max(0, (Int(text) ?? 0) - 10))
        }
    }
}

/// What `haops ready -o json` says.
struct ReadyAnswer: Decodable {
    struct Span: Decodable {
        var shortest: Int
        var longest: Int
    }
    struct Row: Decodable {
        var `case`: String
        var nodes: [String]
        var subject: String?
        var verdict: String
        var owners: [String]
        var leftovers: [String]
        var silence: Span?
        var serves: String
        var afterwards: String

        private enum CodingKeys: String, CodingKey {
            case `case`, nodes, subject, verdict, owners, leftovers, serves, afterwards
            case silence = "silence_ms"
        }
    }
    struct Instance: Decodable {
        var instance: String
        var rows: [Row]
    }
    struct Finding: Decodable {
        var id: String
        var message: String
    }

    var instances: [Instance]
    var findings: [Finding]

    init(_ output: CommandOutput) throws {
        self = try JSONDecoder().decode(ReadyAnswer.self, from: Data(output.stdout))
    }

    /// By their titles, as the table shows them.
    func rows(_ instance: String) -> [String: Row] {
        let rows = instances.first { $0.instance == instance }?.rows ?? []
        return Dictionary(
            rows.map { row in
                let nodes = row.nodes.joined(separator: "+")
                return (row.subject.map { "\(row.case) \($0) on \(nodes)" } ?? "\(row.case) \(nodes)", row)
            }
        ) { first, _ in first }
    }
}
