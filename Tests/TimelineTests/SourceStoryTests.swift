import Testing

@testable import Timeline

/// The logs that people have published with guides on keepalived and haproxy, and what they say about them.
struct SourceStoryTests {
    private static let unknownBefore = "another node had it before, and no log says how it lost it; "
    private static let noAdverts = "because it heard no more adverts; how long nobody had it is unknown"
    private static let noGap = "handed over without a gap"

    /// keepalived 1.2.2, adverts on eth0, the address on eth1. On host A keepalived was killed, started again, killed and
    /// started some more; the log is that of host B.
    private static let hostB = """
        Sep 11 09:50:49 centOS-hostB Keepalived_vrrp: Using LinkWatch kernel netlink reflector...
        Sep 11 09:50:49 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) Entering BACKUP STATE
        Sep 11 09:50:49 centOS-hostB Keepalived_vrrp: VRRP sockpool: [ifindex(2), proto(112), fd(10,11)]
        Sep 11 10:55:04 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) Transition to MASTER STATE
        Sep 11 10:55:05 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) Entering MASTER STATE
        Sep 11 10:55:05 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) setting protocol VIPs.
        Sep 11 10:55:05 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) Sending gratuitous ARPs on eth1 for 192.168.122.50
        Sep 11 10:55:10 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) Sending gratuitous ARPs on eth1 for 192.168.122.50
        Sep 11 10:55:45 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) Received higher prio advert
        Sep 11 10:55:45 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) Entering BACKUP STATE
        Sep 11 10:55:45 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) removing protocol VIPs.
        Sep 11 10:58:35 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) Transition to MASTER STATE
        Sep 11 10:58:36 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) Entering MASTER STATE
        Sep 11 10:58:36 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) setting protocol VIPs.
        Sep 11 11:32:40 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) Received higher prio advert
        Sep 11 11:32:40 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) Entering BACKUP STATE
        Sep 11 11:32:40 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) removing protocol VIPs.
        Sep 11 11:39:54 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) Transition to MASTER STATE
        Sep 11 11:39:55 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) Entering MASTER STATE
        Sep 11 11:57:32 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) Received higher prio advert
        Sep 11 11:57:32 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) Entering BACKUP STATE
        """

    /// The same pair with `track_interface eth1` and equal priorities: eth1 of host A goes down, comes up, and host B is
    /// shut down at last.
    private static let hostA = """
        Sep 11 19:09:45 centOS-hostA Keepalived: Starting VRRP child process, pid=3411
        Sep 11 19:09:45 centOS-hostA Keepalived_vrrp: Opening file '/etc/keepalived/keepalived.conf'.
        Sep 11 19:09:46 centOS-hostA Keepalived_vrrp: VRRP_Instance(VI_1) Transition to MASTER STATE
        Sep 11 19:09:47 centOS-hostA Keepalived_vrrp: VRRP_Instance(VI_1) Entering MASTER STATE
        Sep 11 19:09:47 centOS-hostA Keepalived_vrrp: VRRP_Instance(VI_1) setting protocol VIPs.
        Sep 11 19:09:47 centOS-hostA Keepalived_vrrp: VRRP_Instance(VI_1) Sending gratuitous ARPs on eth1 for 192.168.122.50
        Sep 11 20:55:37 centOS-hostA Keepalived_vrrp: Kernel is reporting: interface eth1 DOWN
        Sep 11 20:55:37 centOS-hostA Keepalived_vrrp: VRRP_Instance(VI_1) Entering FAULT STATE
        Sep 11 20:55:37 centOS-hostA Keepalived_vrrp: VRRP_Instance(VI_1) removing protocol VIPs.
        Sep 11 20:55:37 centOS-hostA Keepalived_vrrp: VRRP_Instance(VI_1) Now in FAULT state
        Sep 11 21:00:50 centOS-hostA Keepalived_vrrp: VRRP_Instance(VI_1) Entering BACKUP STATE
        Sep 11 21:06:15 centOS-hostA Keepalived_vrrp: VRRP_Instance(VI_1) Transition to MASTER STATE
        Sep 11 21:06:16 centOS-hostA Keepalived_vrrp: VRRP_Instance(VI_1) Entering MASTER STATE
        Sep 11 21:06:16 centOS-hostA Keepalived_vrrp: VRRP_Instance(VI_1) setting protocol VIPs.
        Sep 11 21:06:16 centOS-hostA Keepalived_vrrp: VRRP_Instance(VI_1) Sending gratuitous ARPs on eth1 for 192.168.122.50
        """

    @Test func `the master is killed and comes back, by the log of the other`() {
        #expect(
            Sentences("hostB", Self.hostB).all == [
                "VI_1 (192.168.122.50): " + Self.unknownBefore + "hostB took it at 10:55:05 "
                    + Self.noAdverts,
                "VI_1 (192.168.122.50): hostB lost it at 10:55:45 because another node advertised a higher priority; "
                    + Self.noGap,
                "VI_1 (192.168.122.50): " + Self.unknownBefore + "hostB took it at 10:58:36 "
                    + Self.noAdverts,
                "VI_1 (192.168.122.50): hostB lost it at 11:32:40 because another node advertised a higher priority; "
                    + Self.noGap,
                "VI_1 (192.168.122.50): " + Self.unknownBefore + "hostB took it at 11:39:55 "
                    + Self.noAdverts,
                "VI_1 (192.168.122.50): hostB lost it at 11:57:32 because another node advertised a higher priority; "
                    + Self.noGap,
            ])
    }

    @Test func `the interface goes down, and comes up without taking the address back`() {
        #expect(
            Sentences("hostA", Self.hostA).all == [
                "VI_1 (192.168.122.50): hostA took it at 19:09:47 because it heard no more adverts; who had it before is not in these logs",
                "VI_1 (192.168.122.50): hostA lost it at 20:55:37 because interface eth1 went down; who took it is not in these logs",
                "VI_1 (192.168.122.50): hostA was well again at 21:00:50 and did not take it back; another node kept it: its adverts "
                    + "had the same or a higher priority, or nopreempt or a delay is set; these logs do not say which",
                "VI_1 (192.168.122.50): " + Self.unknownBefore + "hostA took it at 21:06:16 "
                    + Self.noAdverts,
            ])
    }

    @Test func `a classroom pair, whose first server is stopped`() {
        let server1 = """
            Jun 5 21:39:31 ubuntu1 Keepalived[18536]: Starting Keepalived v1.2.19 (03/13,2017)
            Jun 5 21:39:31 ubuntu1 Keepalived[18538]: Starting VRRP child process, pid=18539
            Jun 5 21:39:31 ubuntu1 Keepalived_vrrp[18539]: Truncating auth_pass to 8 characters
            Jun 5 21:39:32 ubuntu1 Keepalived_vrrp[18539]: VRRP_Instance(VI_1) Transition to MASTER STATE
            Jun 5 21:39:33 ubuntu1 Keepalived_vrrp[18539]: VRRP_Instance(VI_1) Entering MASTER STATE
            """
        let server2 = """
            Jun 5 21:52:46 ubuntu2 systemd[1]: Started Keepalive Daemon (LVS and VRRP).
            Jun 5 21:52:46 ubuntu2 Keepalived_vrrp[3144]: Truncating auth_pass to 8 characters
            Jun 5 21:52:46 ubuntu2 Keepalived_vrrp[3144]: VRRP_Instance(VI_1) Entering BACKUP STATE
            Jun 5 21:57:08 ubuntu2 Keepalived_vrrp[3144]: VRRP_Instance(VI_1) Transition to MASTER STATE
            Jun 5 21:57:09 ubuntu2 Keepalived_vrrp[3144]: VRRP_Instance(VI_1) Entering MASTER STATE
            """
        #expect(
            Sentences([("server1", server1), ("server2", server2)]).all == [
                "VI_1: server1 took it at 21:39:33 because it heard no more adverts; who had it before is not in these logs",
                "VI_1: server1 had it before, and no log says how it lost it; server2 took it at 21:57:09 "
                    + Self.noAdverts
                    + "; the log of server1 ends before that, so that it fell silent, or both have it",
            ])
    }

    @Test func `a balancer in front of an API, which takes the address after four minutes`() {
        let log = """
            Jul 20 21:15:40 loadbalancer-2 Keepalived[594]: Command line: '/usr/sbin/keepalived' '--dont-fork'
            Jul 20 21:15:40 loadbalancer-2 systemd[1]: keepalived.service: Got notification message from PID 645, but reception only permitted for main PID 594
            Jul 20 21:15:40 loadbalancer-2 Keepalived[594]: Startup complete
            Jul 20 21:15:40 loadbalancer-2 systemd[1]: Started Keepalive Daemon (LVS and VRRP).
            Jul 20 21:15:40 loadbalancer-2 Keepalived_vrrp[645]: (VI_1) Entering BACKUP STATE (init)
            Jul 20 21:15:40 loadbalancer-2 Keepalived_vrrp[645]: VRRP_Script(check_apiserver) succeeded
            Jul 20 21:19:32 loadbalancer-2 Keepalived_vrrp[645]: (VI_1) Entering MASTER STATE
            """
        #expect(
            Sentences("loadbalancer-2", log).all == [
                "VI_1: " + Self.unknownBefore
                    + "loadbalancer-2 took it at 21:19:32; how long nobody had it is unknown"
            ])
    }
}
