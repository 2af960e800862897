import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// Changes that nobody confirmed, and what becomes of them on the nodes: they go back, and the addresses are served.
    @Suite struct GoingBackTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// The timer of a rollback dies with the power; the rollback does not.
        @Test func `a node that is rebooted with an unconfirmed change goes back as it boots`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await pair.files(of: "lb2")
            let changed = try pair.harmlesslyChanged()
            let killed = try await changed.run("apply", until: "lb2: verify", then: "kill -KILL $pid")
            #expect(killed.status == .code(137), "\(killed.everything)")
            #expect(try await pair.files(of: "lb2") != before)
            try await lab.reboot("lb2")
            #expect(try await pair.files(of: "lb2") == before)
            #expect(try await pair.pending(on: "lb2") == "unfinished\n")
            // The daemons have read what was put back, not what was there when the power went.
            let order = try await lab.console(
                "lb2",
                "systemctl show -p ActiveEnterTimestampMonotonic --value haproxy; journalctl -b -o cat -u haops-revert | grep -c Finished"
            )
            #expect(order.text.hasSuffix("\n1\n"), "\(order.everything)")
            try await pair.isWell()
            try await changed.expect(0, "apply", "--yes")
            try await changed.isWell()
            for node in ManagedPair.nodes { #expect(try await pair.pending(on: node) == "") }
        }

        /// Whatever ends first, the rollback of the node or the override on its peer: nobody is without an owner.
        @Test func `a changed owner steps aside before it goes back`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await pair.files(of: "lb1")
            // What only a restart reads.
            let changed = try pair.changed(
                ("    haproxy:\n", "      options: \"--vrrp --log-detail\"\n    haproxy:\n"), to: "options")
            let pings = try await Pings.countedAgainIfOneWasLost(
                from: "client", to: ManagedPair.vip, on: lab
            ) {
                let killed = try await changed.run("apply", until: "lb1: verify", then: "kill -KILL $pid")
                #expect(killed.status == .code(137), "\(killed.everything)")
                // The worst order: the addresses come home, and then the node is to restart its keepalived.
                try await pair.expire("haops-handover-VI_1", on: "lb2")
                try await pair.eventually(["owned by lb1", "owned by lb1"], exit: 0)
                try await pair.expire("haops-revert-", on: "lb1")
                #expect(try await pair.files(of: "lb1") == before)
                try await pair.expire("haops-revert-", on: "lb2")
                try await pair.isWell()
            }
            print("going back by themselves: \(pings)")
            #expect(pings.lost == 0, "\(pings)")
            let journal = try await lab.console("lb1", "tail -n 3 /var/lib/haops/journal").text
            #expect(!journal.contains("is not restarted"), "\(journal)")
            try await pair.expect(0, "apply", "--yes")
        }

        /// It took over from a peer that died in the middle: its files may go back, its keepalived is not touched.
        @Test func `the only server is not restarted when it goes back`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await pair.files(of: "lb1")
            let changed = try pair.changed(
                ("    haproxy:\n", "      options: \"--vrrp --log-detail\"\n    haproxy:\n"), to: "options")
            let pings = try await Pings.counted(from: "client", to: ManagedPair.vip, on: lab) {
                let output = try await changed.run(
                    "apply", ["--yes", "--connect-timeout", "2"], until: "lb1: verify",
                    then: "'\(LabFixture.project)/lab/lab' --name '\(lab.name)' fault frozen lb2")
                // Nobody knows what the silent one does.
                #expect(output.status == .code(6), "\(output.everything)")
                #expect(try await pair.files(of: "lb1") == before)
            }
            print("the only server goes back: \(pings)")
            // The election that its peer's end brings about is all that a client may notice.
            #expect(pings.longestGap <= 150, "\(pings)")
            #expect(pings.gaps.count { $0.count > 1 } <= 1, "\(pings)")
            try await lab.heal("frozen", "lb2")
            // What the silent one was told before still holds, until its own time is up.
            try await pair.eventually(["owned by lb2", "owned by lb2"], exit: 0)
            try await pair.expire("haops-handover-VI_1", on: "lb2")
            try await pair.expire("haops-revert-", on: "lb2")
            try await pair.isWell()
            try await pair.expect(0, "apply", "--yes")
            try await pair.isWell()
        }

        @Test(.onlyInSweeps) func `a rollback that was cut off goes on the same way`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = [try await pair.files(of: "lb1"), try await pair.files(of: "lb2")]
            let changed = try pair.harmlesslyChanged()
            try await changed.expect(0, "apply", "--yes")
            let killed = try await changed.run("rollback", until: "lb1: verify", then: "kill -KILL $pid")
            #expect(killed.status == .code(137), "\(killed.everything)")
            try await changed.expect(0, "rollback", "--yes")
            #expect([try await pair.files(of: "lb1"), try await pair.files(of: "lb2")] == before)
            try await pair.isWell()
            try await pair.expect(0, "plan", "--detailed-exitcode")
        }

        /// Its old files do not bring the daemon back either, and no check would keep it from taking its addresses.
        @Test func `a node that stays broken does not get its addresses back`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let blind = try pair.changed(("          track_scripts: [check_haproxy]\n", ""), to: "blind")
            try await blind.expect(0, "apply", "--yes")
            try await blind.isWell()
            let dropIn = "/etc/systemd/system/haproxy.service.d/broken.conf"
            try await lab.put("[Service]\nExecStartPre=/bin/false\n", at: dropIn, on: "lb1")
            try await lab.eventually("systemctl daemon-reload", on: "lb1")
            let output = try await blind.haops("restart", "haproxy", "--yes")
            #expect(output.status == .code(1), "\(output.everything)")
            #expect(output.said.contains("does not get its addresses back"), "\(output.everything)")
            #expect(output.said.contains("haproxy does not start"), "\(output.everything)")
            #expect(try await blind.who().verdicts == ["owned by lb2", "owned by lb2"])
            // Nothing hands them back later, either.
            let timers = try await lab.console(
                "lb2", "systemctl list-timers --all --no-legend 'haops-handover-*'")
            #expect(timers.text == "", "\(timers.text)")
            try await lab.eventually(ManagedPair.answers, on: "client")

            _ = try await lab.console(
                "lb1", "rm -r \(dropIn); systemctl daemon-reload; systemctl restart haproxy")
            try await blind.expect(0, "switchover", "--release", "--yes")
            try await blind.isWell()
            try await pair.expect(0, "apply", "--yes")
            try await pair.isWell()
        }

        /// A standby that comes up deaf claims the addresses when its master-down time is over, not at once.
        @Test func `a standby that comes up deaf is found out before the owner is touched`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let dropIn = "/etc/systemd/system/keepalived.service.d/deaf.conf"
            try await lab.put(
                "[Service]\nExecStartPost=/usr/sbin/iptables -I INPUT -p vrrp -j DROP\n", at: dropIn,
                on: "lb2")
            try await lab.eventually("systemctl daemon-reload", on: "lb2")
            let owner = "systemctl show --property MainPID --value keepalived haproxy"
            let untouched = try await lab.console("lb1", owner).text
            let output = try await pair.haops("restart", "keepalived", "--yes")
            #expect(output.status == .code(1), "\(output.everything)")
            #expect(output.said.contains("split-brain") && !output.said.contains("lb1: replace"))
            #expect(try await lab.console("lb1", owner).text == untouched)
            // Put back it is as deaf as before, and one owner must remain.
            #expect(output.said.contains("its keepalived is stopped"), "\(output.everything)")
            let who = try await pair.who()
            #expect(who.verdicts == ["owned by lb1", "owned by lb1"], "\(who.verdicts)")
            for node in ManagedPair.nodes { #expect(try await pair.pending(on: node) == "") }
            _ = try await lab.console(
                "lb2",
                "rm -r \(dropIn); systemctl daemon-reload; while iptables -D INPUT -p vrrp -j DROP; do :; done; systemctl start keepalived"
            )
            try await pair.isWell()
        }

        /// Names with colons, tabs and quotes are somebody's, and say nothing of how far a change has come.
        @Test(.onlyInSweeps) func `a lost connection is followed whatever the operator is called`()
            async throws
        {
            let pair = try await ManagedPair.ready(on: lab)
            let slow = "/etc/systemd/system/keepalived.service.d/slow.conf"
            try await lab.put("[Service]\nExecStartPre=/bin/sleep 2\n", at: slow, on: "lb2")
            try await lab.eventually("systemctl daemon-reload", on: "lb2")
            let changed = try pair.changed(
                ("    haproxy:\n", "      options: \"--vrrp --log-detail\"\n    haproxy:\n"), to: "options")
            let cut = """
                '\(LabFixture.project)/lab/lab' --name '\(lab.name)' console lb2 sh -c \
                'until [ "$(tail -n 1 /var/lib/haops/journal | cut -f 5)" = changing ]; do sleep 0.02; done; \
                for p in $(pgrep -x sshd); do [ "$(ps -o ppid= -p $p | tr -d " ")" != 1 ] && kill -9 $p; done; true'
                """
            let output = try await changed.run(
                "apply", environment: ["-u", "SUDO_USER", "USER=corp:alice run=x: changed"],
                until: "lb2: replace", then: cut)
            // The lock went with the connection, so the run ends; what it has changed is known and said.
            #expect(output.status == .code(1), "\(output.everything)")
            #expect(!output.said.contains("did not begin"), "\(output.everything)")
            _ = try await lab.console("lb2", "rm -r \(slow); systemctl daemon-reload")
            try await changed.expect(0, "apply", "--yes")
            try await pair.expect(0, "apply", "--yes")
        }
    }
}
