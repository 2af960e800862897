import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// Operators' own scripts, shipped by the inventory: two whole set-ups, and the life of a file.
    @Suite struct OwnScriptsTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// An inventory of `inventories/`, with shorter intervals and the scripts that it ships beside it.
        private func pair(_ name: String, _ changes: (from: String, to: String)...) throws -> ManagedPair {
            let inventories = LabFixture.project + "/inventories"
            var text = try String(contentsOfFile: "\(inventories)/\(name).yaml", encoding: .utf8)
            for change in changes {
                try #require(text.contains(change.from), "\(name) has no `\(change.from)`")
                text = text.replacing(change.from, with: change.to)
            }
            text = text.replacing("source: files/", with: "source: \(inventories)/files/")
            return ManagedPair(lab: lab, inventory: try lab.scratch(name + ".yaml", text))
        }

        private let faster = (
            from: "      interface: eth0\n",
            to: "      interface: eth0\n      version: 3\n      advert_interval: 0.2\n"
        )

        /// The file says what the node is: from bare machines to a failover, a way back, and a service that is gone.
        @Test func `from bare machines to the file that status_capture writes on a failover`() async throws {
            try await lab.reset()
            let pair = try pair(
                "apiserver-pair", faster, ("      auth_pass: { secret: vrrp }\n", ""), ("secrets:\n", "# "),
                ("  vrrp: {", "#  vrrp: {"), ("interval: 3, fall: 10", "interval: 1, fall: 2"))
            try await pair.expect(0, "apply", "--yes")
            try await lab.eventually(ManagedPair.answers, on: "client")
            func status(_ node: String, _ state: String) async throws {
                try await lab.eventually(
                    "grep -q ': VI_1 of \(node) is \(state)$' /tmp/load-balancer-status", on: node)
            }
            try await status("lb1", "MASTER")
            try await status("lb2", "BACKUP")
            try await pair.expect(0, "plan", "--detailed-exitcode")

            try await lab.eventually("systemctl stop keepalived", on: "lb1")
            try await status("lb2", "MASTER")
            try await lab.eventually("systemctl start keepalived", on: "lb1")
            try await status("lb1", "MASTER")
            try await status("lb2", "BACKUP")

            // Nobody answers behind the address: the check that was shipped moves it.
            try await lab.eventually("systemctl stop haproxy", on: "lb1")
            try await status("lb2", "MASTER")
            try await status("lb1", "BACKUP")
        }

        @Test func `from bare machines to the state file, and the directory that is run on becoming master`()
            async throws
        {
            try await lab.reset()
            let pair = try pair(
                "on-master-pair", faster,
                (
                    "stop: [/usr/local/sbin/keepalived_state.sh]",
                    "stop: [/usr/local/sbin/keepalived_state.sh, /opt/slow.sh]"
                ))
            for node in ManagedPair.nodes {
                // Longer than keepalived takes to stop: systemd must not end it then.
                try await lab.put(
                    "#!/bin/sh\nsleep 2\necho \"$3\" >/run/slow\n", at: "/opt/slow.sh", on: node, mode: "755")
            }
            try await lab.eventually("rm -f /run/on-master.log", on: "lb1")
            try await pair.expect(0, "apply", "--yes")
            try await lab.eventually("[ \"$(cat /run/keepalived/state)\" = MASTER ]", on: "lb1")
            try await lab.eventually("[ \"$(cat /run/keepalived/state)\" = BACKUP ]", on: "lb2")
            try await lab.eventually("grep -q 'cluster MASTER' /run/on-master.log", on: "lb1")
            try await lab.eventually("systemctl stop keepalived", on: "lb1")
            try await lab.eventually("[ \"$(cat /run/keepalived/state)\" = STOP ]", on: "lb1")
            try await lab.eventually("[ \"$(cat /run/slow)\" = STOP ]", on: "lb1")
            try await lab.eventually("grep -q 'cluster MASTER' /run/on-master.log", on: "lb2")
            try await lab.eventually(
                "journalctl -q -t on-master --no-pager | grep -q 'cluster is MASTER on lb2'", on: "lb2")
            try await lab.eventually("systemctl start keepalived", on: "lb1")

            // What fails is in the journal and in doctor, until it goes well again.
            let doctor = try await pair.expect(0, "doctor")
            #expect(!doctor.text.contains("notify-failed"))
            try await lab.put(
                "#!/bin/sh\nexit 7\n", at: "/etc/keepalived/on-master.d/15-broken", on: "lb1", mode: "755")
            try await lab.eventually("systemctl stop keepalived", on: "lb2")
            try await lab.eventually(
                "journalctl -q -t haops-notify --no-pager | grep -q '15-broken: exit 7'", on: "lb1")
            try await lab.eventually("systemctl start keepalived", on: "lb2")
            let found = try await pair.haops("doctor", "-o", "json")
            #expect(found.text.contains("\"notify-failed\""), "\(found.everything)")
            #expect(found.text.contains("cluster MASTER: /etc/keepalived/on-master.d/15-broken: exit 7"))
        }

        /// Longer than keepalived waits for what it has started, and at every stop: neither systemd nor keepalived ends it.
        @Test func `a script of a stop is run to its end as often as keepalived stops`() async throws {
            try await lab.reset()
            let stop = (
                from: "stop: [/usr/local/sbin/keepalived_state.sh]", to: "stop: [/opt/slow.sh]"
            )
            let pair = try pair("on-master-pair", faster, stop)
            for node in ManagedPair.nodes {
                try await lab.eventually("rm -f /run/stops", on: node)
                try await lab.put(
                    "#!/bin/sh\nsleep 2\necho \"$3\" >>/run/stops\n", at: "/opt/slow.sh", on: node,
                    mode: "755")
            }
            try await pair.expect(0, "apply", "--yes")
            let dropIn = "/etc/systemd/system/keepalived.service.d/90-haops.conf"
            func killMode(_ node: String) async throws -> String {
                try await lab.console(
                    node,
                    "systemctl show -p KillMode,NeedDaemonReload --value keepalived | xargs; ls \(dropIn)"
                ).text
            }
            let mixed = "mixed no\n\(dropIn)\n"
            for node in ManagedPair.nodes { #expect(try await killMode(node) == mixed) }
            try await pair.expect(0, "plan", "--detailed-exitcode")

            for count in 1...8 {
                try await lab.eventually("[ \"$(cat /run/keepalived/state)\" = MASTER ]", on: "lb1")
                try await lab.eventually("systemctl stop keepalived", on: "lb1")
                try await lab.eventually("[ \"$(grep -c STOP /run/stops)\" = \(count) ]", on: "lb1")
                try await lab.eventually("systemctl start keepalived", on: "lb1")
                try await lab.eventually(
                    "systemctl stop keepalived && systemctl start keepalived", on: "lb2")
            }
            try await lab.eventually("[ \"$(grep -c STOP /run/stops)\" = 8 ]", on: "lb2")

            // It is haops' own file: drift is seen, and put right.
            try await lab.eventually("sed -i s/mixed/process/ \(dropIn)", on: "lb2")
            let drift = try await pair.expect(2, "plan", "--detailed-exitcode")
            #expect(drift.text.contains("+KillMode=mixed"), "\(drift.text)")
            try await pair.expect(0, "apply", "--yes")
            #expect(try await killMode("lb2") == mixed)

            // It goes with the last script, without a daemon being touched, and comes back with a rollback.
            let without = try pair.changed((stop.to, "stop: []"), to: "no-stop")
            let pid = "systemctl show -p MainPID --value keepalived"
            let before = try await lab.console("lb1", pid).text
            try await without.expect(0, "apply", "--yes")
            for node in ManagedPair.nodes { #expect(try await killMode(node) == "control-group no\n") }
            #expect(try await lab.console("lb1", pid).text == before)
            try await without.expect(0, "plan", "--detailed-exitcode")
            try await without.expect(0, "rollback", "--yes")
            for node in ManagedPair.nodes { #expect(try await killMode(node) == mixed) }
            try await pair.expect(0, "plan", "--detailed-exitcode")

            // On disk, and not read.
            try await lab.eventually(
                "sed -i s/=mixed/=process/ \(dropIn) && systemctl daemon-reload && sed -i s/=process/=mixed/ \(dropIn)",
                on: "lb1")
            let unread = try await pair.expect(2, "plan", "--detailed-exitcode")
            #expect(unread.text.contains("systemd has not read"), "\(unread.text)")
            try await pair.expect(0, "apply", "--yes")
            #expect(try await killMode("lb1") == mixed)
            try await pair.expect(0, "plan", "--detailed-exitcode")
        }

        /// A change, a removal, a rollback, a file that somebody has changed: each with what plan and status say.
        @Test(.onlyInSweeps)
        func `a shipped file comes, leaves with the inventory, and comes back by rollback`()
            async throws
        {
            let base = try await ManagedPair.ready(on: lab)
            let map = "'/etc/haproxy/own files/a  b.map'"
            let second = try base.changed(
                (
                    "    keepalived:\n",
                    """
                        files:
                          "/etc/haproxy/own files/a  b.map": { text: "two", on_change: restart haproxy }
                          /usr/local/sbin/own.sh: { text: "#!/bin/sh", owner: "root:adm", mode: "0750" }
                        keepalived:

                    """
                ), to: "own")
            // What a daemon has to load is rolled: one node after the other, the owner last.
            let pids = "pidof haproxy"
            let before = try await lab.console("lb1", pids).text
            let applied = try await second.expect(0, "apply", "--yes")
            #expect(applied.text.contains("lb1: hand `VI_1` over to `lb2`"), "\(applied.text)")
            #expect(try await lab.console("lb1", pids).text != before)
            for node in ManagedPair.nodes {
                let there = try await lab.console(
                    node, "cat \(map); echo; stat -c '%a %U:%G' \(map) /usr/local/sbin/own.sh")
                #expect(there.text == "two\n644 root:root\n750 root:adm\n")
            }
            try await base.isWell()

            // Drift is seen, and what was changed by hand is not removed.
            try await lab.eventually("echo mine >\(map)", on: "lb1")
            let status = try await second.haops("status", "-o", "json")
            #expect(status.text.contains("a  b.map"), "\(status.text)")
            let leaving = try await base.expect(2, "plan", "--detailed-exitcode")
            #expect(leaving.text.contains("was changed on the node since it was shipped"), "\(leaving.text)")
            try await base.expect(0, "apply", "--yes")
            let left = "ls -d \(map) /usr/local/sbin/own.sh /var/lib/haops/manifest 2>/dev/null"
            #expect(try await lab.console("lb1", left).text == "/etc/haproxy/own files/a  b.map\n")
            #expect(try await lab.console("lb2", left).text == "")
            try await base.expect(0, "plan", "--detailed-exitcode")

            // The rollback brings the list back with the files: the next apply would remove them again.
            try await base.expect(0, "rollback", "--yes")
            let back = "cat \(map); echo; stat -c '%a %U:%G' /usr/local/sbin/own.sh"
            #expect(try await lab.console("lb1", back).text == "mine\n\n750 root:adm\n")
            #expect(try await lab.console("lb2", back).text == "two\n750 root:adm\n")
            let again = try await base.expect(2, "plan", "--detailed-exitcode")
            #expect(again.text.contains("delete /usr/local/sbin/own.sh"), "\(again.text)")
            try await lab.reset()
        }

        @Test func `a script that cannot work is refused before anything is changed`() async throws {
            let base = try await ManagedPair.ready(on: lab)
            let broken = try base.changed(
                (
                    "      instances:\n",
                    "      notify: { master: [/etc/keepalived/own.sh, /opt/nowhere.sh] }\n      instances:\n"
                ),
                (
                    "    keepalived:\n",
                    "    files: { /etc/keepalived/own.sh: { text: \"#!/no/such/shell\" } }\n    keepalived:\n"
                ), to: "own-broken")
            let before = try await base.traces(of: "lb1")
            let refused = try await broken.expect(3, "apply", "--yes")
            #expect(refused.said.contains("`/opt/nowhere.sh` does not exist on the node"), "\(refused.said)")
            #expect(
                refused.said.contains("`/etc/keepalived/own.sh` needs `/no/such/shell`"), "\(refused.said)")
            #expect(try await base.traces(of: "lb1") == before)
        }

        @Test(.onlyInSweeps)
        func `scripts of a pair that somebody set up by hand are imported with their text`()
            async throws
        {
            _ = try await HandMadePair.start(on: lab, more: "notify_master \"/usr/local/sbin/mine.sh\"")
            for node in ManagedPair.nodes {
                try await lab.put(
                    "#!/bin/sh\n\techo \"$3\"\n", at: "/usr/local/sbin/mine.sh", on: node, mode: "755")
            }
            let imported = try await lab.haops(
                ["import", "--nodes", "198.51.100.11,198.51.100.12", "-F", lab.sshConfig])
            #expect(imported.status == .code(0), "\(imported.everything)")
            #expect(
                imported.text.contains(
                    "/usr/local/sbin/mine.sh:\n        text: |\n          #!/bin/sh\n          \techo"))
            let pair = ManagedPair(lab: lab, inventory: try lab.scratch("imported.yaml", imported.text))
            let plan = try await pair.expect(2, "plan", "--detailed-exitcode")
            #expect(!plan.text.contains("mine.sh\n"), "\(plan.text)")
            #expect(plan.text.contains("/var/lib/haops/manifest"), "\(plan.text)")
        }
    }
}
