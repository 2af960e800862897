import Checks
import HaopsTestSupport
import Testing

/// Checks that are the fault themselves, and daemons that are not the unit's.
extension DoctorScenario {
    static let checkCauses: [DoctorScenario] = [
        // Ansible's and others' roles: a check that looks for the wrong thing, on both nodes.
        DoctorScenario(
            cause: .checkFailsEverywhere, variant: "haproxy stopped on the owner",
            write: { pair in
                pair.addCheck(wrongCheck, weight: -60)
                pair.both { $0.haproxy = DoctorPair.proxy() }
            },
            stands: bothFail,
            act: { lab in try await lab.eventually("systemctl stop haproxy", on: "lb1") },
            seen: [("lb1", DoctorPair.holds), ("lb2", "systemctl is-active haproxy")]),
        DoctorScenario(
            cause: .notifyStopsProxy, variant: "haproxy stopped on the owner",
            write: { pair in
                masterOnly(&pair)
                pair.addCheck("#!/bin/sh\npidof haproxy >/dev/null\n", weight: -2)
                pair.lb1.instance.priority = 101
            },
            stands: [],
            act: { lab in
                try await lab.eventually("systemctl stop keepalived", on: "lb2")
                try await lab.eventually("\(DoctorPair.holds) && systemctl is-active haproxy", on: "lb1")
                try await lab.eventually("systemctl start keepalived", on: "lb2")
                try await lab.eventually(isLowered(from: 100, to: 98), on: "lb2")
                try await lab.eventually("systemctl stop haproxy", on: "lb1")
            },
            seen: [
                ("lb1", DoctorPair.holds), ("lb1", isLowered(from: 101, to: 99)),
                ("lb2", isLowered(from: 100, to: 98)),
            ]),
        DoctorScenario(
            cause: .notifyStopsProxy, variant: "no weight: the backup is in FAULT for ever",
            write: { pair in
                masterOnly(&pair)
                pair.addCheck("#!/bin/sh\npidof haproxy >/dev/null\n")
            },
            stands: [("lb1", DoctorPair.holds)],
            seen: [("lb2", "journalctl -u keepalived -n 20 | grep -qi 'entering FAULT'")]),
        DoctorScenario(
            cause: .secondProxy, variant: "by hand, with last year's file",
            write: { $0.both { $0.haproxy = DoctorPair.proxy() } },
            act: { lab in
                try await lab.eventually(
                    """
                    sed -e 's/203.0.113.2[12]:80/203.0.113.99:80/; s#/run/haproxy/admin.sock#/run/haproxy/old.sock#' \
                    /etc/haproxy/haproxy.cfg >/root/old.cfg && haproxy -D -f /root/old.cfg -p /run/haproxy-old.pid
                    """, on: "lb1")
            },
            seen: [("lb1", "test $(ss -Hltnp 'sport = :80' | grep -c haproxy) = 2")],
            mend: { lab in try await lab.eventually("kill $(cat /run/haproxy-old.pid)", on: "lb1") }),
        DoctorScenario(
            cause: .secondKeepalived, variant: "an old one by hand, for the same address",
            act: { lab in
                try await lab.eventually(
                    """
                    sed 's/virtual_router_id 51/virtual_router_id 61/' /etc/keepalived/keepalived.conf >/root/old.conf
                    keepalived -P -f /root/old.conf -p /run/old.pid -r /run/old-vrrp.pid
                    """, on: "lb2")
            },
            seen: [("lb2", "test $(pgrep -c keepalived) = 4"), ("lb2", DoctorPair.holds)],
            mend: { lab in try await lab.eventually("kill $(cat /run/old.pid)", on: "lb2") }),
        // A network node of OpenStack, whose own keepalived died.
        DoctorScenario(
            cause: .leftoverVIP, variant: "another router's keepalived in a network namespace",
            act: { lab in
                for node in ["lb1", "lb2"] { try await lab.eventually(routerInNamespace, on: node) }
                try await lab.fault("keepalived-killed", "lb1")
            }, seen: split,
            mend: { lab in
                for node in ["lb1", "lb2"] { try await lab.eventually(endOfRouter, on: node) }
            }, verdict: "orphan"),
        DoctorScenario(
            cause: .checkFlaps, variant: "slower than its timeout every other time",
            write: { pair in
                pair.addCheck(
                    "#!/bin/sh\n[ $(($(date +%s) / 2 % 2)) = 0 ] || [ ! -e /run/slow ] || exec sleep 9\n",
                    weight: -60)
            },
            stands: [("lb1", DoctorPair.holds)],
            act: { lab in try await lab.eventually("touch /run/slow", on: "lb1") },
            seen: [("lb1", "test $(\(sinceStart) | grep -c 'check) timed_out') -ge 4")]),
        DoctorScenario(
            cause: .checkFlaps, variant: "fails on whichever node is MASTER",
            write: { pair in
                pair.addCheck(
                    "#!/bin/sh\n[ -e /run/calm ] || ! ip -o addr show to 203.0.113.50/32 | grep -q .\n",
                    weight: -60)
                pair.both { $0.before = "touch /run/calm" }
            },
            act: { lab in
                for node in ["lb1", "lb2"] { try await lab.eventually("rm /run/calm", on: node) }
            },
            seen: [
                ("lb1", "test $(\(sinceStart) | grep -c 'check) failed') -ge 4"),
                ("lb2", "test $(\(sinceStart) | grep -c 'check) failed') -ge 4"),
            ]),
        DoctorScenario(
            cause: .checkTimesOut, variant: "never exits",
            write: { $0.addCheck("#!/bin/sh\nexec tail -f /dev/null\n", weight: -60) },
            stands: ["lb1", "lb2"].map { ($0, "\(sinceStart) | grep -q 'check) timed_out'") }),
        DoctorScenario(
            cause: .checkTimesOut, variant: "no weight, on one node",
            write: { $0.addCheck("#!/bin/sh\n[ $(cat /etc/hostname) != lb2 ] || sleep 60\n") },
            stands: [("lb1", DoctorPair.holds), ("lb2", "\(sinceStart) | grep -q 'check) timed_out'")]),
        DoctorScenario(
            cause: .checkToolMissing, variant: "both nodes in FAULT",
            write: { $0.addCheck("#!/bin/sh\nkillall5x -0 haproxy\n") }, stands: bothFail),
        DoctorScenario(
            cause: .checkToolMissing, variant: "its failure hidden, on one node",
            write: { pair in
                pair.addCheck(
                    "#!/bin/sh\nwget -qO- http://127.0.0.1/ >/dev/null 2>&1 || exit 1\n", weight: -60)
                pair.both { $0.before = "rm -f /usr/bin/wget" }
            }, stands: bothFail),
        DoctorScenario(
            cause: .checkStopsService, variant: "keepalived, when haproxy is down",
            write: { pair in
                pair.addCheck(
                    "#!/bin/sh\nif [ -e /run/armed ] && ! pidof haproxy >/dev/null; then\n"
                        + "  systemctl stop keepalived\nfi\nexit 0\n")
                pair.both { $0.haproxy = DoctorPair.proxy() }
            },
            stands: [("lb1", DoctorPair.holds), ("client", HandMadePair.answers)],
            act: { lab in
                for node in ["lb1", "lb2"] {
                    try await lab.eventually("systemctl is-active haproxy && touch /run/armed", on: node)
                }
                try await lab.eventually("systemctl stop haproxy", on: "lb1")
            },
            seen: moved + [("lb1", "! pgrep -x keepalived")],
            mend: { lab in
                for node in ["lb1", "lb2"] { try await lab.eventually("rm /run/armed", on: node) }
            }),
        DoctorScenario(
            cause: .checkStopsService, variant: "restarts haproxy again and again",
            write: { pair in
                pair.addCheck(
                    "#!/bin/sh\ncurl -sf --max-time 1 http://127.0.0.1/no-such >/dev/null || service haproxy restart\nexit 0\n"
                )
                pair.both { $0.haproxy = DoctorPair.proxy() }
            },
            seen: [
                (
                    "lb1",
                    "test $(journalctl -u haproxy --since -1min -o cat | grep -c '^Started haproxy') -ge 3"
                )
            ]),
        DoctorScenario(
            cause: .checkDisabled, variant: "its user may not execute it",
            write: { pair in
                pair.addCheck("#!/bin/sh\nexit 0\n")
                pair.both {
                    $0.preamble =
                        "global_defs {\nenable_script_security\nscript_user nobody\n}\n" + $0.preamble
                }
                pair.lb1.scripts = [:]
                pair.lb1.before = "install -D -m 700 /bin/true /etc/keepalived/check.sh"
            }),
        DoctorScenario(
            cause: .checkDisabled, variant: "no such interpreter",
            write: { pair in
                pair.addCheck("#!/bin/sh\nexit 0\n")
                pair.lb1.scripts["/etc/keepalived/check.sh"] = "#!/usr/bin/bsh\nexit 1\n"
            }),
        DoctorScenario(
            cause: .processCheckBlind, variant: "",
            write: { pair in
                pair.both {
                    $0.haproxy = DoctorPair.proxy()
                    $0.preamble += "vrrp_track_process px {\nprocess haproxy\nweight -60\n}\n"
                    $0.instance.more.append("track_process {\npx\n}")
                }
            }),
    ]

    /// What is a warning: the addresses are served.
    static let warnings: [DoctorScenario] = [
        DoctorScenario(
            cause: .checkFailsEverywhere, variant: "haproxy serves",
            write: { pair in
                pair.addCheck(wrongCheck, weight: -60)
                pair.both { $0.haproxy = DoctorPair.proxy() }
            }, stands: bothFail,
            // The address may have moved while only one of them had failed.
            seen: [
                ("lb1", isLowered(from: 150, to: 90)), ("lb2", isLowered(from: 100, to: 40)),
                ("lb1", DoctorPair.holds), ("lb2", DoctorPair.holdsNot),
            ]),
        DoctorScenario(
            cause: .checkFails, variant: "on the backup",
            write: { pair in
                pair.addCheck("#!/bin/sh\n[ $(cat /etc/hostname) != lb2 ]\n", weight: -60)
            },
            seen: [("lb2", isLowered(from: 100, to: 40))]),
        DoctorScenario(
            cause: .diskFull, variant: "the owner's",
            act: { lab in
                try await lab.eventually(
                    """
                    dd if=/dev/zero of=/var/filler bs=64k; dd if=/dev/zero of=/var/filler2 bs=1 count=4096
                    test $(df -Pk / | awk 'END { print $4 }') = 0
                    """, on: "lb1")
            },
            mend: { lab in try await lab.eventually("rm -f /var/filler /var/filler2", on: "lb1") },
            verdict: "owned"),
    ]

    static let unusualButWell: [DoctorScenario] = [
        DoctorScenario(
            variant: "haproxy on the MASTER only", write: { masterOnly(&$0) },
            stands: [
                ("lb1", DoctorPair.holds), ("lb1", "systemctl is-active haproxy"),
                ("lb2", "! systemctl is-active haproxy"),
            ], verdict: "owned"),
        DoctorScenario(
            variant: "another router's keepalived in a network namespace",
            act: { lab in
                for node in ["lb1", "lb2"] { try await lab.eventually(routerInNamespace, on: node) }
            },
            mend: { lab in
                for node in ["lb1", "lb2"] { try await lab.eventually(endOfRouter, on: node) }
            }, verdict: "owned"),
        DoctorScenario(
            variant: "keepalived with -f, without its unit",
            act: { lab in
                try await lab.eventually(
                    """
                    systemctl stop keepalived
                    mkdir -p /srv/ha && mv /etc/keepalived/keepalived.conf /srv/ha/
                    keepalived -f /srv/ha/keepalived.conf -p /run/ha.pid -r /run/ha-vrrp.pid
                    """, on: "lb2")
            },
            seen: [("lb2", "pgrep -x keepalived"), ("lb1", DoctorPair.holds)],
            mend: { lab in try await lab.eventually("kill $(cat /run/ha.pid)", on: "lb2") },
            verdict: "owned"),
    ]

    /// Counts listeners of a program that is not called so.
    private static let wrongCheck = "#!/bin/bash\n[ \"$(ss -ltnp | grep -c haproxyd)\" -gt 0 ]\n"

    private static let sinceStart =
        "journalctl -u keepalived --since \"@$(stat -c %Y /run/keepalived.pid)\" -o cat"

    private static let bothFail: [Sight] = ["lb1", "lb2"].map {
        ($0, "\(sinceStart) | grep -q 'check) failed'")
    }

    private static func isLowered(from base: Int, to priority: Int) -> String {
        "\(sinceStart) | grep 'effective priority' | tail -n 1 | grep -q 'from \(base) to \(priority)'"
    }

    /// `notify` starts haproxy on the MASTER and stops it elsewhere.
    private static func masterOnly(_ pair: inout DoctorPair) {
        pair.both {
            $0.haproxy = DoctorPair.proxy()
            $0.instance.more += [
                "notify_master \"/usr/bin/systemctl start haproxy\"",
                "notify_backup \"/usr/bin/systemctl stop haproxy\"",
                "notify_fault \"/usr/bin/systemctl stop haproxy\"",
            ]
        }
    }

    /// A keepalived of its own in a network namespace, with its own file and pid file.
    private static let routerInNamespace = """
        mkdir -p /var/lib/neutron/ha_confs/r1
        cat >/var/lib/neutron/ha_confs/r1/keepalived.conf <<'END'
        vrrp_instance VR_1 {
          state BACKUP
          interface ha0
          virtual_router_id 1
          priority 50
          advert_int 1
          virtual_ipaddress {
            169.254.0.1/24 dev ha0
          }
        }
        END
        ip netns add qrouter-1
        ip -n qrouter-1 link add ha0 type bridge
        ip -n qrouter-1 link set lo up
        ip -n qrouter-1 address add 169.254.192.1/18 dev ha0
        ip -n qrouter-1 link set ha0 up
        ip netns exec qrouter-1 keepalived -P -f /var/lib/neutron/ha_confs/r1/keepalived.conf \
        -p /var/lib/neutron/ha_confs/r1.pid -r /var/lib/neutron/ha_confs/r1.pid-vrrp
        """
    private static let endOfRouter = """
        kill $(cat /var/lib/neutron/ha_confs/r1.pid)
        ip netns del qrouter-1
        rm -rf /var/lib/neutron
        """
}
