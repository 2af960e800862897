import Checks
import Facts
import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// What `backends`, `status` and `doctor` say of real haproxys and of their servers.
    @Suite struct BackendsTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        private var machines: [String] { ["--nodes", "root@lb1,root@lb2", "--ssh-config", lab.sshConfig] }

        /// A backend that is well, a frontend that takes one connection, a server that refuses, and one that never answers.
        private static let proxy = """
            global
                stats socket /run/haproxy/admin.sock mode 600 level admin
            defaults
                mode http
                timeout connect 1s
                timeout client 5m
                timeout server 5m
                timeout queue 1m
                retries 3
                option redispatch
            peers duo
                peer lb1 198.51.100.11:1024
                peer lb2 198.51.100.12:1024
            frontend web
                bind :80
                default_backend web
            frontend narrow
                bind :8080
                maxconn 1
                default_backend web
            frontend refusing
                bind :8081
                default_backend refusing
            frontend slow
                bind :8082
                default_backend slow
            backend web
                stick-table type string len 64 size 10 expire 10m peers duo
                stick on path
                server web1 203.0.113.21:80 check inter 200ms fall 1
                server web2 203.0.113.22:80 check inter 200ms fall 1
                server web3 203.0.113.21:80 check inter 200ms fall 1
            backend refusing
                server shut 203.0.113.21:81
                server open 203.0.113.22:80
            backend slow
                server one 203.0.113.21:82 maxconn 1

            """

        /// Both balancers serve, lb1 owns the address, and the peers have found each other.
        private func start() async throws {
            for node in ["client", "web1"] {
                _ = try await lab.console(node, "systemctl stop 'test-*'; true")
            }
            var pair = DoctorPair()
            pair.both { $0.haproxy = Self.proxy }
            try await pair.start(on: lab)
            try await lab.eventually(DoctorPair.holds, on: "lb1")
            for node in ["lb1", "lb2"] {
                try await lab.eventually("curl -s --max-time 1 http://127.0.0.1/ | grep -q ^web", on: node)
                try await lab.eventually(
                    "\(Self.ask("show peers")) | grep -q 'remote,active.*last_status=ESTA'", on: node,
                    within: .seconds(40))
            }
        }

        private static func ask(_ question: String) -> String {
            "{ \(HAProxySocket.function)\nquery_socket /run/haproxy/admin.sock '\(question)'; }"
        }

        /// Something that goes on on a machine until the next test.
        private func keep(_ name: String, on node: String, _ script: String) async throws {
            try await lab.eventually(
                "systemd-run --quiet --collect --unit=test-\(name) bash -c \"\(script)\"", on: node)
        }

        private func backends(_ more: String...) async throws -> (answer: Answer, output: CommandOutput) {
            let output = try await lab.haops(["backends"] + more + ["-o", "json"] + machines)
            return (try JSONDecoder().decode(Answer.self, from: Data(output.stdout)), output)
        }

        private struct Answer: Decodable {
            struct Cluster: Decodable {
                var balancers: [Balancer]
                var backends: [Backend]
            }
            struct Balancer: Decodable {
                var node: String
                var owner: Bool?
                var old_workers: [Worker]
            }
            struct Worker: Decodable {
                var draining_seconds: Int
                var connections_current: Int?
            }
            struct Backend: Decodable {
                var backend: String
                var servers: [Server]
            }
            struct Server: Decodable {
                var server: String
                var seen: [Sight]
            }
            struct Sight: Decodable {
                var node: String
                var state: String?
                var weight: Int?
            }
            struct Finding: Decodable {
                var id: String
                var nodes: [String]
                var message: String
            }

            var clusters: [Cluster]
            var findings: [Finding]

            /// "UP", by balancer.
            func states(of server: String) -> [String?] {
                clusters[0].backends.flatMap(\.servers).first { $0.server == server }?.seen.map(\.state) ?? []
            }
        }

        /// That `status` and `doctor` say it too.
        private func isTold(_ id: String, _ words: String) async throws {
            let doctor = try await lab.haops(["doctor", "-o", "json"] + machines)
            #expect(try FindingsAnswer(doctor).findings.contains { $0.id == id }, "\(doctor.text)")
            let status = try await lab.haops(["status"] + machines)
            #expect(status.text.contains(words), "\(status.text)")
        }

        @Test func `a pair that is well is shown side by side, and nothing is said against it`() async throws
        {
            try await start()
            let (answer, output) = try await backends()
            #expect(output.status == .code(0) && answer.findings.isEmpty, "\(output.everything)")
            #expect(answer.states(of: "web2") == ["up", "up"])
            #expect(answer.states(of: "shut") == ["unchecked", "unchecked"])
            #expect(answer.clusters[0].balancers.map(\.owner) == [true, false])
            let text = try await lab.haops(["backends"] + machines)
            #expect(text.text.contains("LB1 (OWNER)") && text.text.contains("no problems"), "\(text.text)")
            let one = try await lab.haops(["backends", "web/web*"] + machines)
            #expect(one.text.contains("3 of 3 servers take sessions"), "\(one.text)")
            let none = try await lab.haops(["backends", "nothing"] + machines)
            #expect(none.status == .code(64), "\(none.everything)")
        }

        @Test func `a server that one balancer alone sees down is a disagreement, and so is a weight`()
            async throws
        {
            try await start()
            try await lab.eventually(
                "iptables -A OUTPUT -p tcp --dport 80 -d 203.0.113.22 -j DROP", on: "lb2")
            try await lab.eventually("\(Self.ask("set weight web/web1 50%")) >/dev/null; true", on: "lb1")
            let (answer, output) = try await lab.eventually("lb2 sees web2 down") {
                let found = try await backends()
                return found.answer.states(of: "web2") == ["up", "down"] ? found : nil
            }
            #expect(output.status == .code(5), "\(output.everything)")
            let messages = answer.findings.filter { $0.id == "backend-seen-differently" }.map(\.message)
            #expect(
                messages.contains { $0.contains("`web2`") && $0.hasSuffix("UP on lb1, DOWN on lb2") },
                "\(messages)")
            #expect(messages.contains { $0.contains("`web1`") && $0.contains("weight ") }, "\(messages)")
            let text = try await lab.haops(["backends", "--problems"] + machines)
            #expect(text.status == .code(5) && text.text.contains("DOWN"), "\(text.text)")
            #expect(!text.text.contains("web3"), "\(text.text)")
        }

        @Test func `the last server of a backend is named`() async throws {
            try await start()
            for node in ["lb1", "lb2"] {
                try await lab.eventually("\(Self.ask("set server web/web3 state maint")); true", on: node)
            }
            try await lab.fault("backend-down", "web2")
            let (answer, output) = try await lab.eventually("both see web2 down") {
                let found = try await backends("web")
                return found.answer.states(of: "web2") == ["down", "down"] ? found : nil
            }
            try await isTold("backend-last-server", "web1 is the last server of backend web")
            try await lab.heal("backend-down", "web2")
            #expect(output.status == .code(5), "\(output.everything)")
            #expect(answer.findings.map(\.id) == ["backend-last-server"], "\(output.text)")
            #expect(answer.findings.first?.nodes == ["lb1", "lb2"])
        }

        @Test func `an old worker that drains is told, with its connections`() async throws {
            try await start()
            try await keep(
                "held", on: "client",
                "exec 3<>/dev/tcp/203.0.113.50/80; printf 'GET / HTTP/1.1\\r\\n' >&3; sleep 300")
            try await lab.eventually("\(Self.ask("show info")) | grep -q '^CurrConns: [1-9]'", on: "lb1")
            try await lab.eventually("systemctl reload haproxy", on: "lb1")
            let (answer, output) = try await lab.eventually("it drains", within: .seconds(60)) {
                let found = try await backends()
                return found.answer.findings.contains { $0.id == "haproxy-old-worker" } ? found : nil
            }
            #expect(output.status == .code(0), "\(output.everything)")
            #expect(answer.findings.map(\.id) == ["haproxy-old-worker"], "\(output.text)")
            let worker = try #require(answer.clusters[0].balancers.first?.old_workers.first)
            #expect(worker.connections_current == 1 && worker.draining_seconds >= 30)
            #expect(answer.clusters[0].balancers.last?.old_workers.isEmpty == true)
            try await isTold("haproxy-old-worker", "an old worker of haproxy still drains")
        }

        @Test func `a limit that is reached, a table that is full and a peer that is gone are told`()
            async throws
        {
            try await start()
            for name in ["first", "second"] {
                try await keep(name, on: "client", "exec 3<>/dev/tcp/203.0.113.50/8080; sleep 300")
            }
            try await lab.eventually(
                "for path in a b c d e f g h i j; do curl -s -o /dev/null http://203.0.113.50/$path; done",
                on: "client")
            let (answer, output) = try await lab.eventually("both are seen") {
                let found = try await backends()
                let findings = found.answer.findings
                let full = findings.filter { $0.id == "stick-table-full" }.flatMap(\.nodes)
                // The peer has the same entries.
                let isSeen = findings.contains { $0.id == "haproxy-maxconn" } && full == ["lb1", "lb2"]
                return isSeen ? found : nil
            }
            #expect(output.status == .code(0), "\(output.everything)")
            #expect(
                Set(answer.findings.map(\.id)) == ["haproxy-maxconn", "stick-table-full"], "\(output.text)")
            try await isTold("haproxy-maxconn", "frontend `narrow` has all the sessions")
            try await isTold("stick-table-full", "the stick table `web` is nearly full: 10 of 10 entries")
            try await lab.eventually("systemctl stop haproxy", on: "lb2")
            _ = try await lab.eventually("lb1 misses its peer") {
                try await backends().answer.findings.contains { $0.id == "haproxy-peers-apart" } ? true : nil
            }
            try await isTold("haproxy-peers-apart", "haproxy is not connected to the peer `lb2`")
        }

        @Test func `a socket that answers without end, with what steers a terminal, costs its own answer`()
            async throws
        {
            try await start()
            try await lab.eventually("systemctl stop haproxy; rm -f /run/haproxy/admin.sock", on: "lb2")
            let endless = """
                use IO::Socket::UNIX;
                my $s = IO::Socket::UNIX->new(Local => "/run/haproxy/admin.sock", Listen => 9) or die;
                while (my $c = $s->accept) {
                  next if fork;
                  print $c "Name: HAProxy\\nPid: 1\\n\\n# pxname,svname,status,type,wretr,\\nweb,BACKEND,UP,1,,\\n";
                  for (my $i = 0; ; $i++) { print $c "web,\\e]0;x\\a$i,UP,2,9,\\n" or exit }
                }
                """
            try await lab.put(endless, at: "/run/endless.pl", on: "lb2")
            try await keep("endless", on: "lb2", "exec perl /run/endless.pl")
            try await lab.eventually("test -S /run/haproxy/admin.sock", on: "lb2")
            let began = ContinuousClock.now
            let text = try await lab.haops(["backends", "--problems"] + machines)
            let took = ContinuousClock.now - began
            let status = try await lab.haops(["status"] + machines)
            _ = try await lab.console("lb2", "systemctl stop test-endless; rm -f /run/haproxy/admin.sock")
            #expect(took < .seconds(30))
            #expect(text.status == .code(5) && !text.stdout.contains(0x1b), "\(text.text.prefix(2000))")
            #expect(status.text.contains("VI_1 BACKUP 100"), "\(status.everything.prefix(2000))")
        }

        @Test func `retries that rise and a queue that grows are told`() async throws {
            try await start()
            try await keep(
                "refused", on: "client",
                "while sleep 0.1; do curl -s -o /dev/null http://203.0.113.50:8081/; done")
            _ = try await lab.eventually("retries") {
                try await backends().answer.findings.contains { $0.id == "backend-retries" } ? true : nil
            }
            try await isTold("backend-retries", "connections to server `shut` of backend `refusing` fail")
            _ = try await lab.console("client", "systemctl stop test-refused")
            try await keep(
                "mute", on: "web1",
                "perl -MIO::Socket::INET -e 'my @all; my $s = IO::Socket::INET->new(LocalPort => 82, Listen => 9, ReuseAddr => 1); push @all, $s->accept while 1'"
                    .replacing("$", with: "\\$"))
            try await keep(
                "queued", on: "client",
                "while sleep 0.2; do curl -s -o /dev/null http://203.0.113.50:8082/ & done")
            _ = try await lab.eventually("a queue", within: .seconds(40)) {
                try await backends().answer.findings.contains { $0.id == "backend-queue" } ? true : nil
            }
            try await isTold("backend-queue", "the queue of backend `slow` grows")
            for node in ["client", "web1"] {
                _ = try await lab.console(node, "systemctl stop 'test-*'; true")
            }
        }
    }
}
