import Testing

@testable import Timeline

/// Incidents that people have reported, in the messages that their daemons logged. Names and times are our own where the
/// reports have none.
struct IncidentTests {
    /// acassen/keepalived#1686: 1.2.24, two nodes; the owner of priority 255 vanishes for minutes, again and again.
    @Test func `an owner that comes and goes`() {
        let log = """
            Jul 08 22:30:22 SERVER2 Keepalived_vrrp[4474]: VRRP_Instance(vi_2) Transition to MASTER STATE
            Jul 08 22:30:23 SERVER2 Keepalived_vrrp[4474]: VRRP_Instance(vi_2) Entering MASTER STATE
            Jul 08 22:41:22 SERVER2 Keepalived_vrrp[4474]: VRRP_Instance(vi_2) Received higher prio advert 255
            Jul 08 22:41:22 SERVER2 Keepalived_vrrp[4474]: VRRP_Instance(vi_2) Entering BACKUP STATE
            Jul 08 22:46:25 SERVER2 Keepalived_vrrp[4474]: VRRP_Instance(vi_2) Transition to MASTER STATE
            Jul 08 22:46:26 SERVER2 Keepalived_vrrp[4474]: VRRP_Instance(vi_2) Entering MASTER STATE
            """
        #expect(
            Sentences("SERVER2", log).all == [
                "vi_2: SERVER2 took it at 22:30:23 because it heard no more adverts; "
                    + "who had it before is not in these logs",
                "vi_2: SERVER2 lost it at 22:41:22 because another node advertised a higher priority (255); "
                    + "handed over without a gap",
                "vi_2: another node had it before, and no log says how it lost it; SERVER2 took it at 22:46:26 "
                    + "because it heard no more adverts; how long nobody had it is unknown",
            ])
    }

    /// acassen/keepalived#2190: the driver of the network cards was reloaded. Sync groups, 2.x with -D.
    @Test func `a sync group goes to FAULT with one of its interfaces`() {
        let log = """
            Aug 25 10:45:14 localhost Keepalived_vrrp[14188]: (VI_1) Entering MASTER STATE
            Aug 25 10:45:14 localhost Keepalived_vrrp[14188]: VRRP_Group(VG1) Syncing instances to MASTER state
            Aug 25 10:45:14 localhost Keepalived_vrrp[14188]: (VI_2) Entering MASTER STATE
            Aug 25 10:46:06 localhost Keepalived_vrrp[14188]: Netlink reports enp1s0f0 down
            Aug 25 10:46:06 localhost Keepalived_vrrp[14188]: (VI_1) Entering FAULT STATE
            Aug 25 10:46:06 localhost Keepalived_vrrp[14188]: (VI_1) sent 0 priority
            Aug 25 10:46:06 localhost Keepalived_vrrp[14188]: (VI_1) removing VIPs.
            Aug 25 10:46:06 localhost Keepalived_vrrp[14188]: VRRP_Group(VG1) Syncing instances to FAULT state
            Aug 25 10:46:06 localhost Keepalived_vrrp[14188]: (VI_2) Entering FAULT STATE
            Aug 25 10:46:06 localhost Keepalived_vrrp[14188]: Deassigned address 172.21.42.10 from interface enp1s0f0
            """
        let lost = Sentences("a", log).failovers.filter { $0.course == .lost }
        #expect(lost.map(\.instance) == ["VI_1", "VI_2"])
        #expect(lost.map(\.causes) == [["interface enp1s0f0 went down"], ["interface enp1s0f0 went down"]])
    }

    /// acassen/keepalived#1100: 1.3.9 on the backup; the master, of priority 110, comes back.
    @Test func `a preempting master, in the words of 1.3`() {
        let log = """
            Jan 07 18:06:38 R6 Keepalived_vrrp[1279]: VRRP_Instance(enp9s0.100) Transition to MASTER STATE
            Jan 07 18:06:39 R6 Keepalived_vrrp[1279]: VRRP_Instance(enp9s0.100) Entering MASTER STATE
            Jan 07 18:06:52 R6 Keepalived_vrrp[1279]: VRRP_Instance(enp9s0.100) Received advert with higher priority 110, ours 90
            Jan 07 18:06:52 R6 Keepalived_vrrp[1279]: VRRP_Instance(enp9s0.100) Entering BACKUP STATE
            """
        #expect(
            Sentences("R6", log).all.last
                == "enp9s0.100: R6 lost it at 18:06:52 because another node advertised a "
                + "higher priority (110, its own was 90); handed over without a gap")
    }

    /// cloudfoundry/haproxy-boshrelease#47: 1.2, a positive weight that is lost when haproxy does not run.
    @Test func `a check fails, and the other node's priority is higher then`() {
        let log = """
            Jan 30 14:58:02 localhost Keepalived_vrrp[14332]: VRRP_Instance(infra) Entering MASTER STATE
            Jan 30 15:00:24 localhost Keepalived_vrrp[14332]: pid 14902 exited with status 256
            Jan 30 15:00:24 localhost Keepalived_vrrp[14332]: VRRP_Script(check_haproxy) failed
            Jan 30 15:00:24 localhost Keepalived_vrrp[14332]: VRRP_Instance(infra) Effective priority = 101
            Jan 30 15:00:25 localhost Keepalived_vrrp[14332]: VRRP_Instance(infra) Received higher prio advert 102
            Jan 30 15:00:25 localhost Keepalived_vrrp[14332]: VRRP_Instance(infra) Entering BACKUP STATE
            Jan 30 15:00:25 localhost Keepalived_vrrp[14332]: VRRP_Instance(infra) removing protocol VIPs.
            """
        #expect(
            Sentences("z1", log).all.last
                == "infra: z1 lost it at 15:00:25 because another node advertised a higher "
                + "priority (102), after script check_haproxy failed; handed over without a gap")
    }

    /// acassen/keepalived#905: `systemctl restart network` takes the bond down and up.
    @Test func `a network that is restarted`() {
        let log = """
            Jun 08 15:20:00 ABC Keepalived_vrrp[154773]: VRRP_Instance(HAPROXY_BACK) Entering MASTER STATE
            Jun 08 15:31:07 ABC Keepalived_vrrp[154773]: Kernel is reporting: interface bond0 DOWN
            Jun 08 15:31:07 ABC Keepalived_vrrp[154773]: VRRP_Instance(HAPROXY_BACK) Entering FAULT STATE
            Jun 08 15:31:07 ABC Keepalived_vrrp[154773]: VRRP_Instance(HAPROXY_BACK) removing protocol VIPs.
            Jun 08 15:31:07 ABC Keepalived_vrrp[154773]: VRRP_Instance(HAPROXY_BACK) Cant sent advert to 10.92.100.81 (Network is unreachable)
            Jun 08 15:31:07 ABC Keepalived_vrrp[154773]: VRRP_Instance(HAPROXY_BACK) Now in FAULT state
            Jun 08 15:31:13 ABC Keepalived_vrrp[154773]: VRRP_Instance(HAPROXY_BACK) Entering BACKUP STATE
            Jun 08 15:31:16 ABC Keepalived_vrrp[154773]: VRRP_Instance(HAPROXY_BACK) Transition to MASTER STATE
            Jun 08 15:31:17 ABC Keepalived_vrrp[154773]: VRRP_Instance(HAPROXY_BACK) Entering MASTER STATE
            """
        #expect(
            Sentences("ABC", log).all.last
                == "HAPROXY_BACK: ABC lost it at 15:31:07 because interface bond0 went "
                + "down; ABC took it again at 15:31:17; nobody had it for 10 s ±2 s")
    }

    /// acassen/keepalived#2238: a virtual machine in a cloud did not run for a while. Both logs.
    @Test func `a node that did not run for seconds, and did not notice the other one`() {
        let a = """
            Jan 12 10:00:00 a Keepalived_vrrp[1]: (VI_1) Entering MASTER STATE
            Jan 12 10:30:06 a Keepalived_vrrp[1]: A thread timer expired 2.783285 seconds ago
            Jan 12 10:30:06 a Keepalived_vrrp[1]: (VI_1) Received advert from 10.0.0.2 with lower priority 100, ours 110, forcing new election
            """
        let b = """
            Jan 12 10:00:00 b Keepalived_vrrp[1]: (VI_1) Entering BACKUP STATE
            Jan 12 10:30:05 b Keepalived_vrrp[1]: (VI_1) Receive advertisement timeout
            Jan 12 10:30:05 b Keepalived_vrrp[1]: (VI_1) Entering MASTER STATE
            Jan 12 10:30:06 b Keepalived_vrrp[1]: (VI_1) Master received advert from 10.0.0.1 with higher priority 110, ours 100
            Jan 12 10:30:06 b Keepalived_vrrp[1]: (VI_1) Entering BACKUP STATE
            """
        let story = Sentences([("a", a), ("b", b)], nodesByAddress: ["10.0.0.1": "a", "10.0.0.2": "b"])
        #expect(
            story.all.last == "VI_1: b took it at 10:30:05 because it heard no more adverts while a kept it; "
                + "b gave it up at 10:30:06 because a advertised a higher priority (110, its own was 100), after "
                + "keepalived on a did not run for 2.783285 s; both had it for 1 s ±2 s if their clocks agree"
        )
    }

    /// acassen/keepalived#2231: with a startup delay a backup becomes MASTER before it hears the owner.
    @Test func `a backup that is the second owner for a moment after a boot`() {
        let owner = "Dec 01 17:00:00 arya Keepalived_vrrp[7]: (MY_IP) Entering MASTER STATE"
        let log = """
            Dec 01 17:20:29 bran systemd[1]: Started Keepalive Daemon (LVS and VRRP).
            Dec 01 17:20:29 bran Keepalived[1002]: Starting Keepalived v2.0.19 (10/19,2019)
            Dec 01 17:20:29 bran Keepalived_vrrp[1067]: Delaying startup for 20 seconds
            Dec 01 17:20:49 bran Keepalived_vrrp[1067]: VRRP_Script(chk_haproxy) succeeded
            Dec 01 17:20:49 bran Keepalived_vrrp[1067]: (MY_IP) Entering BACKUP STATE
            Dec 01 17:20:52 bran Keepalived_vrrp[1067]: (MY_IP) Entering MASTER STATE
            Dec 01 17:20:53 bran Keepalived_vrrp[1067]: (MY_IP) Master received advert from 10.0.0.1 with higher priority 101, ours 100
            Dec 01 17:20:53 bran Keepalived_vrrp[1067]: (MY_IP) Entering BACKUP STATE
            """
        let story = Sentences([("arya", owner), ("bran", log)], nodesByAddress: ["10.0.0.1": "arya"])
        #expect(story.failovers.last?.course == .twoOwners)
        #expect(
            story.all.last
                == "MY_IP: bran took it at 17:20:52 while arya kept it; bran gave it up at 17:20:53 "
                + "because arya advertised a higher priority (101, its own was 100); both had it for 1 s ±2 s "
                + "if their clocks agree")
    }

    /// acassen/keepalived#159: 1.2.13 on a router is stopped by systemd.
    @Test func `a stop by systemd, in the words of 1.2`() {
        let log = """
            Jun 27 23:40:26 quest Keepalived_vrrp[915]: VRRP_Instance(WAN) Entering MASTER STATE
            Jun 27 23:40:55 quest Keepalived_vrrp[915]: VRRP_Instance(WAN) Received lower prio advert, forcing new election
            Jun 27 23:42:12 quest systemd[1]: Stopping keepalived.service...
            Jun 27 23:42:12 quest Keepalived_vrrp[915]: VRRP_Instance(WAN) sent 0 priority
            Jun 27 23:42:12 quest Keepalived[913]: Stopping Keepalived v1.2.13 (06/27,2014)
            """
        #expect(
            Sentences("quest", log).all.last
                == "WAN: quest lost it at 23:42:12 because its keepalived was stopped; "
                + "who took it is not in these logs")
    }

    /// acassen/keepalived#2176: 2.2.4, the first server is restarted by hand; both logs are complete.
    @Test func `a restart, with the farewell of priority 0`() {
        let one = """
            Aug  5 22:00:00 proxy01 Keepalived_vrrp[18639]: (VI_1) Entering MASTER STATE
            Aug  5 22:09:41 proxy01 Keepalived[18638]: Stopping
            Aug  5 22:09:41 proxy01 Keepalived_vrrp[18639]: (VI_1) sent 0 priority
            Aug  5 22:09:41 proxy01 Keepalived_vrrp[18639]: (VI_1) removing VIPs.
            Aug  5 22:09:42 proxy01 Keepalived[18638]: Stopped Keepalived v2.2.4)
            Aug  5 22:09:47 proxy01 Keepalived[19072]: Starting Keepalived v2.2.4
            Aug  5 22:09:47 proxy01 Keepalived_vrrp[19074]: (VI_1) Entering BACKUP STATE (init)
            Aug  5 22:09:50 proxy01 Keepalived_vrrp[19074]: (VI_1) received lower priority (100) advert from 10.0.0.2 - discarding
            Aug  5 22:09:51 proxy01 Keepalived_vrrp[19074]: (VI_1) Entering MASTER STATE
            """
        let two = """
            Aug  5 22:00:00 proxy02 Keepalived_vrrp[55]: (VI_1) Entering BACKUP STATE (init)
            Aug  5 22:09:41 proxy02 Keepalived_vrrp[55]: (VI_1) Backup received priority 0 advertisement
            Aug  5 22:09:42 proxy02 Keepalived_vrrp[55]: (VI_1) Receive advertisement timeout
            Aug  5 22:09:42 proxy02 Keepalived_vrrp[55]: (VI_1) Entering MASTER STATE
            Aug  5 22:09:51 proxy02 Keepalived_vrrp[55]: (VI_1) Master received advert from 10.0.0.1 with higher priority 101, ours 100
            Aug  5 22:09:51 proxy02 Keepalived_vrrp[55]: (VI_1) Entering BACKUP STATE
            """
        let story = Sentences(
            [("proxy01", one), ("proxy02", two)],
            nodesByAddress: ["10.0.0.1": "proxy01", "10.0.0.2": "proxy02"])
        #expect(
            Array(story.all.suffix(2)) == [
                "VI_1: proxy01 lost it at 22:09:41 because its keepalived was stopped; proxy02 took it at 22:09:42; "
                    + "nobody had it for 1 s ±2 s if their clocks agree",
                "VI_1: proxy02 lost it at 22:09:51 because proxy01 advertised a higher priority (101, its own was "
                    + "100), after keepalived on proxy01 had been started; proxy01 took it at 22:09:51; handed over "
                    + "without a gap",
            ])
    }

    /// acassen/keepalived#220: a snapshot of the virtual machine that owned it; the log of the other node.
    @Test func `a snapshot of the owner's machine, with a sync group`() {
        let log = """
            Jan 24 15:00:00 cls-mysql-lb2 Keepalived_vrrp[13777]: VRRP_Instance(Float1) Entering BACKUP STATE
            Jan 24 16:03:13 cls-mysql-lb2 Keepalived_vrrp[13777]: VRRP_Instance(Float1) Transition to MASTER STATE
            Jan 24 16:03:13 cls-mysql-lb2 Keepalived_vrrp[13777]: VRRP_Group(Group3) Syncing instances to MASTER state
            Jan 24 16:03:14 cls-mysql-lb2 Keepalived_vrrp[13777]: VRRP_Instance(Float1) Entering MASTER STATE
            Jan 24 16:03:15 cls-mysql-lb2 Keepalived_vrrp[13777]: VRRP_Instance(Float1) Received higher prio advert
            Jan 24 16:03:15 cls-mysql-lb2 Keepalived_vrrp[13777]: VRRP_Instance(Float1) Entering BACKUP STATE
            """
        #expect(
            Sentences("lb2", log).all == [
                "Float1: another node had it before, and no log says how it lost it; lb2 took it at 16:03:14 because "
                    + "it heard no more adverts, after its group Group3 went to MASTER; how long nobody had it is "
                    + "unknown",
                "Float1: lb2 lost it at 16:03:15 because another node advertised a higher priority; handed over "
                    + "without a gap",
            ])
    }

    /// acassen/keepalived#2202: `ifdown` on the owner, of which only the other node's log is there.
    @Test func `an owner whose interface is taken down, by the log of the other`() {
        let log = """
            Sep 20 14:40:00 host-54 Keepalived_vrrp[3043]: (instance_103) Entering BACKUP STATE (init)
            Sep 20 14:43:21 host-54 Keepalived_vrrp[3043]: Deassigned address fe80::ef72:7352:d5:7792 from interface eth0
            Sep 20 14:43:48 host-54 Keepalived_vrrp[3043]: (instance_103) Receive advertisement timeout
            Sep 20 14:43:48 host-54 Keepalived_vrrp[3043]: (instance_103) Entering MASTER STATE
            Sep 20 14:43:48 host-54 Keepalived_vrrp[3043]: (instance_103) Sending/queueing gratuitous ARPs on eth0 for 10.19.220.103
            """
        #expect(
            Sentences("host-54", log).all == [
                "instance_103 (10.19.220.103): another node had it before, and no log says how it lost it; host-54 "
                    + "took it at 14:43:48 because it heard no more adverts; how long nobody had it is unknown"
            ])
    }

    /// acassen/keepalived#2433: another pair in the network has the same router id and another password.
    @Test func `foreign adverts are refused, and the row is folded`() {
        let refused = (0..<30).map {
            "Jun 17 20:42:\(10 + $0) oadb02 Keepalived_vrrp[144285]: (VI_1) received an invalid passwd!"
        }
        let log = (refused + ["Jun 17 20:42:49 oadb02 Keepalived_vrrp[144285]: (VI_1) Entering BACKUP STATE"])
            .joined(separator: "\n")
        let text = LogReader(reference: Sentences.reference).text(of: Array(log.utf8))
        let rows = TimelineRows(LogMeaning(node: "oadb02").events(of: text.lines)).rows
        #expect(rows.map(\.count) == [30, 1])
        #expect(rows[0].words == "VI_1: advert refused: wrong password")
        #expect(rows[0].lastTime.clock(precision: 1000) == "20:42:39")
    }

    /// acassen/keepalived#2361 and #1476: killed without a chance to remove the address, by the kernel.
    @Test func `keepalived is killed for lack of memory`() {
        let one = """
            2026-11-30T10:00:00.000000+00:00 lb1 Keepalived_vrrp[864]: (VI_1) Entering MASTER STATE
            2026-11-30T10:30:00.100000+00:00 lb1 kernel: [ 1234.5] Out of memory: Killed process 862 (keepalived) total-vm:9999kB
            2026-11-30T10:30:00.120000+00:00 lb1 systemd[1]: keepalived.service: Main process exited, code=killed, status=9/KILL
            2026-11-30T10:30:00.130000+00:00 lb1 systemd[1]: keepalived.service: Failed with result 'signal'.
            """
        let two = """
            2026-11-30T10:00:00.000000+00:00 lb2 Keepalived_vrrp[64]: (VI_1) Entering BACKUP STATE (init)
            2026-11-30T10:30:03.720000+00:00 lb2 Keepalived_vrrp[64]: (VI_1) Entering MASTER STATE
            """
        #expect(
            Sentences([("lb1", one), ("lb2", two)]).all.last
                == "VI_1: lb1 lost it at 10:30:00.120 because its keepalived was killed (SIGKILL), after the machine "
                + "had no memory left for keepalived; lb2 took it at 10:30:03.720; nobody had it for 3.6 s if "
                + "their clocks agree; the address may have stayed on lb1: its log does not show that it was removed"
        )
    }

    /// acassen/keepalived#1528: adverts are lost in one direction only, by a rule of iptables.
    @Test func `two owners, until the rule is gone`() {
        let one = """
            Apr  7 10:00:00 l3-1 Keepalived_vrrp[9]: (VI_1) Entering MASTER STATE
            Apr  7 10:10:03 l3-1 Keepalived_vrrp[9]: (VI_1) Received advert from 172.20.131.113 with lower priority 90, ours 100, forcing new election
            Apr  7 10:10:04 l3-1 Keepalived_vrrp[9]: (VI_1) Received advert from 172.20.131.113 with lower priority 90, ours 100, forcing new election
            """
        let two = """
            Apr  7 10:00:00 l3-2 Keepalived_vrrp[9]: (VI_1) Entering BACKUP STATE (init)
            Apr  7 10:10:03 l3-2 Keepalived_vrrp[9]: (VI_1) Receive advertisement timeout
            Apr  7 10:10:03 l3-2 Keepalived_vrrp[9]: (VI_1) Entering MASTER STATE
            Apr  7 10:15:33 l3-2 Keepalived_vrrp[9]: (VI_1) Master received advert from 172.20.131.112 with higher priority 100, ours 90
            Apr  7 10:15:33 l3-2 Keepalived_vrrp[9]: (VI_1) Entering BACKUP STATE
            """
        let story = Sentences([("l3-1", one), ("l3-2", two)], nodesByAddress: ["172.20.131.112": "l3-1"])
        #expect(story.failovers.last?.course == .twoOwners)
        #expect(story.failovers.last?.silence == .both(330_000, precision: 2000))
        #expect(story.all.last?.contains("both had it for 5 min 30 s") == true)
    }
}
