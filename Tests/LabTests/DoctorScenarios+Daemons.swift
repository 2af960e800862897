import Checks
import HaopsTestSupport
import Testing

/// Daemons that do not do what their files say, or that something below them keeps from it.
extension DoctorScenario {
    static let daemonCauses: [DoctorScenario] = [
        DoctorScenario(
            cause: .haproxyDead, variant: "on the standby", write: proxies, stands: serving,
            act: { lab in try await lab.fault("haproxy-stopped", "lb2") }),
        DoctorScenario(
            cause: .haproxyNotLoaded, variant: "refused", write: proxies, stands: serving,
            act: { lab in
                try await lab.eventually(
                    """
                    sed -i 's/timeout connect 1s/timeout connect soon/' /etc/haproxy/haproxy.cfg
                    kill -USR2 $(systemctl show -p MainPID --value haproxy)
                    """, on: "lb2")
            },
            seen: [("lb2", "journalctl -u haproxy -n 30 | grep -q 'Loading failure'")]),
        DoctorScenario(
            cause: .claimedButAbsent, variant: "deleted by hand, no_track",
            write: { pair in pair.both { $0.instance.addresses = ["203.0.113.50/24 dev eth1 no_track"] } },
            act: { lab in
                try await lab.eventually("ip address del 203.0.113.50/24 dev eth1", on: "lb1")
            }, seen: [("lb1", DoctorPair.holdsNot)]),
        // keepalived writes what it is asked for by a signal, and /tmp hangs.
        DoctorScenario(
            cause: .daemonStalled, variant: "the owner's process waits for a file system",
            act: { lab in
                try await lab.eventually(hang, on: "lb1")
                try await lab.eventually("kill -USR1 $(cat /run/keepalived.pid)", on: "lb1")
            },
            seen: split + [
                ("lb1", "grep -q '^State:.D' /proc/$(pgrep -P $(cat /run/keepalived.pid))/status")
            ],
            mend: { lab in try await lab.eventually(release, on: "lb1") }),
        DoctorScenario(
            cause: .splitBrain, variant: "a program at the hook xdp that cannot be read",
            act: { lab in try await lab.fault("vrrp-xdp-dropped", "lb2") }, seen: split,
            mend: { lab in try await lab.heal("vrrp-xdp-dropped", "lb2") }),
        // Neither ip nor tc lists it, and the machine has no bpftool.
        DoctorScenario(
            cause: .splitBrain, variant: "a program at the hook tcx that cannot be read",
            act: { lab in try await lab.fault("vrrp-tcx-dropped", "lb2") }, seen: split,
            mend: { lab in try await lab.heal("vrrp-tcx-dropped", "lb2") }),
        DoctorScenario(
            cause: .firewallOutput, variant: "filter table, by its policy",
            act: { lab in
                try await lab.eventually(
                    "iptables -A OUTPUT -p tcp -j ACCEPT; iptables -A OUTPUT -p icmp -j ACCEPT; iptables -P OUTPUT DROP",
                    on: "lb1")
            }, seen: split),
    ]

    static let daemonWarnings: [DoctorScenario] = [
        DoctorScenario(
            cause: .haproxyNotLoaded, variant: "written, not read", write: proxies, stands: serving,
            act: { lab in
                // Times are whole seconds: what is written as haproxy starts may have been read.
                try await lab.eventually(
                    "[ $(ps -o etimes= -C haproxy | sort -n | head -n 1) -ge 4 ] && "
                        + "sed -i 's/timeout connect 1s/timeout connect 2s/' /etc/haproxy/haproxy.cfg",
                    on: "lb2"
                )
            }),
        DoctorScenario(
            cause: .daemonStarved, variant: "the owner stood still for some seconds",
            act: { lab in
                try await lab.eventually("date +%s >/run/frozen; systemctl freeze keepalived", on: "lb1")
                try await lab.eventually(DoctorPair.holds, on: "lb2")
                // It counts from three seconds on.
                try await lab.eventually(
                    "[ $(($(date +%s) - $(cat /run/frozen))) -ge 5 ] && systemctl thaw keepalived", on: "lb1")
            },
            seen: [
                ("lb1", "journalctl -u keepalived | grep -q 'thread timer expired'"),
                ("lb1", DoctorPair.holds),
                ("lb2", DoctorPair.holdsNot),
            ]),
    ]

    private static let proxies: @Sendable (inout DoctorPair) -> Void = { pair in
        pair.both { $0.haproxy = DoctorPair.proxy() }
    }

    private static let serving: [Sight] = [
        ("lb1", DoctorPair.holds), ("lb2", DoctorPair.holdsNot),
        ("lb1", "systemctl is-active haproxy"), ("lb2", "systemctl is-active haproxy"),
    ]

    /// The file system below /tmp is frozen: whoever changes something there waits in the kernel. A loop device lies below,
    /// because tmpfs cannot be frozen.
    static let hang = """
        test -e /dev/loop-control || mknod /dev/loop-control c 10 237
        device=$(losetup -f) && { test -e $device || mknod $device b 7 ${device#/dev/loop}; } || exit
        dd if=/dev/zero of=/root/disk bs=1M count=16 && mkfs.ext4 -q /root/disk || exit
        losetup $device /root/disk && mount $device /tmp && fsfreeze -f /tmp
        """
    static let release =
        "fsfreeze -u /tmp; device=$(findmnt -no SOURCE /tmp); umount -l /tmp; losetup -d $device; rm -f /root/disk"
}
