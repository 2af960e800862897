import Testing

@testable import Inventory

@Suite struct KeepalivedProblemTests {
    @Test(arguments: [
        Mistake(
            "no interface",
            [("      interface: eth0\n", "")],
            """
            haops.yaml:8:5: error: `keepalived` of cluster `web` has no `interface`
                8 |     keepalived:
                  |     ^^^^^^^^^^
            hint: write the interface that carries the adverts: `interface: eth0`
            """),
        Mistake(
            "no instances",
            [
                (
                    "      instances:\n        VI_1:\n          router_id: 51\n          addresses: [203.0.113.50/24]\n          track_scripts: [check]\n",
                    ""
                )
            ],
            """
            haops.yaml:8:5: error: `keepalived` of cluster `web` has no `instances`
                8 |     keepalived:
                  |     ^^^^^^^^^^
            hint: add `instances: { VI_1: { router_id: 51, addresses: [203.0.113.50/24] } }`
            """),
        Mistake(
            "no router id",
            [("          router_id: 51\n", "")],
            """
            haops.yaml:14:9: error: instance `VI_1` has no `router_id`
               14 |         VI_1:
                  |         ^^^^
            hint: write a number from 1 to 255 that nobody else on the segment uses: `router_id: 51`
            """),
        Mistake(
            "a router id of 0",
            [("router_id: 51", "router_id: 0")],
            """
            haops.yaml:15:22: error: `router_id` wants a whole number from 1 to 255, not `0`
               15 |           router_id: 0
                  |                      ^
            hint: write `router_id: 51`
            """),
        Mistake(
            "a router id of 256",
            [("router_id: 51", "router_id: 256")],
            """
            haops.yaml:15:22: error: `router_id` wants a whole number from 1 to 255, not `256`
               15 |           router_id: 256
                  |                      ^^^
            hint: write `router_id: 51`
            """),
        Mistake(
            "one router id twice on an interface",
            [("    haproxy:", "        VI_2: { router_id: 51, addresses: [203.0.113.60/24] }\n    haproxy:")],
            """
            haops.yaml:18:28: error: `VI_2` and `VI_1` both have the router id 51 on `eth0`
               18 |         VI_2: { router_id: 51, addresses: [203.0.113.60/24] }
                  |                            ^^
            hint: give each instance on an interface a `router_id` of its own
            """),
        Mistake(
            "a password in version 3",
            [("interface: eth0", "interface: eth0\n      version: 3")],
            """
            haops.yaml:11:7: error: VRRP version 3 has no authentication (RFC 5798): keepalived ignores `auth_pass`
               11 |       auth_pass: { secret: vrrp }
                  |       ^^^^^^^^^
            hint: remove `auth_pass`, or write `version: 2`
            """),
        Mistake(
            "version 1",
            [("interface: eth0", "interface: eth0\n      version: 1")],
            """
            haops.yaml:10:16: error: `version` wants a whole number from 2 to 3, not `1`
               10 |       version: 1
                  |                ^
            hint: write `version: 2`
            """),
        Mistake(
            "a fraction of a second in version 2",
            [("interface: eth0", "interface: eth0\n      advert_interval: 0.5")],
            """
            haops.yaml:10:24: error: VRRP version 2 counts adverts in whole seconds: 0.5 s would be rounded
               10 |       advert_interval: 0.5
                  |                        ^^^
            hint: write `advert_interval: 1`, or `version: 3`
            """),
        Mistake(
            "an interval of 0",
            [("interface: eth0", "interface: eth0\n      advert_interval: 0")],
            """
            haops.yaml:10:24: error: `advert_interval` is outside 1 to 255 seconds (VRRP version 2)
               10 |       advert_interval: 0
                  |                        ^
            hint: write `advert_interval: 1`: a longer one makes the failover slower
            """),
        Mistake(
            "an interval of 41 seconds in version 3",
            [
                ("interface: eth0", "interface: eth0\n      version: 3\n      advert_interval: 41"),
                ("      auth_pass: { secret: vrrp }\n", ""),
                ("secrets: { vrrp: { env: HAOPS_VRRP_PASS } }", "#"),
            ],
            """
            haops.yaml:11:24: error: `advert_interval` is outside 0.01 to 40.95 seconds (VRRP version 3)
               11 |       advert_interval: 41
                  |                        ^^
            hint: write `advert_interval: 1`: a longer one makes the failover slower
            """),
        Mistake(
            "an interval finer than 10 ms",
            [
                ("interface: eth0", "interface: eth0\n      version: 3\n      advert_interval: 0.005"),
                ("      auth_pass: { secret: vrrp }\n", ""),
                ("secrets: { vrrp: { env: HAOPS_VRRP_PASS } }", "#"),
            ],
            """
            haops.yaml:11:24: error: `advert_interval` wants seconds, hundredths at the finest, not `0.005`
               11 |       advert_interval: 0.005
                  |                        ^^^^^
            hint: write `advert_interval: 1`
            """),
        Mistake(
            "IPv6 in version 2",
            [
                ("addresses: [203.0.113.50/24]", "addresses: [\"2001:db8::50/64\"]"),
                ("\"203.0.113.50:80\"", "\"[2001:db8::50]:80\""),
                ("net.ipv4", "net.ipv6"),
            ],
            """
            haops.yaml:16:23: warning: VRRP version 2 knows no IPv6 (RFC 3768): nothing but keepalived understands what it then sends
               16 |           addresses: ["2001:db8::50/64"]
                  |                       ^^^^^^^^^^^^^^^^^
            hint: write `version: 3` in `keepalived`
            """),
        Mistake(
            "a script that is not there",
            [("[check]", "[chekc]")],
            """
            haops.yaml:17:27: error: no script `chekc` is among `scripts`
               17 |           track_scripts: [chekc]
                  |                           ^^^^^
            hint: did you mean `check`?
            """),
        Mistake(
            "a script that no instance tracks",
            [("          track_scripts: [check]\n", "")],
            """
            haops.yaml:12:9: warning: no instance tracks the script `check`: its failure moves nothing
               12 |         check: { run: /bin/check, weight: -60 }
                  |         ^^^^^
            hint: add `track_scripts: [check]` to an instance
            """),
        Mistake(
            "a script without a program",
            [("check: { run: /bin/check, weight: -60 }", "check: { weight: -60 }")],
            """
            haops.yaml:12:9: error: script `check` has no `run`
               12 |         check: { weight: -60 }
                  |         ^^^^^
            hint: write what to run: `run: /etc/keepalived/check_haproxy.sh`
            """),
        Mistake(
            "a script for a shell",
            [("/bin/check", "/usr/bin/killall -0 haproxy || exit 1")],
            """
            haops.yaml:12:23: error: keepalived runs `run` without a shell: `||` would be an argument of `/usr/bin/killall`
               12 |         check: { run: /usr/bin/killall -0 haproxy || exit 1, weight: -60 }
                  |                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            hint: put the line into a script of its own, or write `run: /bin/sh -c '…'`
            """),
        Mistake(
            "a script with a pipe",
            [("/bin/check", "\"/bin/ss -ltn | /bin/grep :80\"")],
            """
            haops.yaml:12:23: error: keepalived runs `run` without a shell: `|` would be an argument of `/bin/ss`
               12 |         check: { run: "/bin/ss -ltn | /bin/grep :80", weight: -60 }
                  |                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            hint: put the line into a script of its own, or write `run: /bin/sh -c '…'`
            """),
        Mistake(
            "a script at a relative path",
            [("/bin/check", "scripts/check.sh")],
            """
            haops.yaml:12:23: error: `scripts/check.sh` is not an absolute path
               12 |         check: { run: scripts/check.sh, weight: -60 }
                  |                       ^^^^^^^^^^^^^^^^
            hint: write where the script is on the nodes: `/etc/keepalived/check_haproxy.sh`
            """),
        Mistake(
            "a weight out of range",
            [("weight: -60", "weight: -254")],
            """
            haops.yaml:12:43: error: `weight` wants a whole number from -253 to 253, not `-254`
               12 |         check: { run: /bin/check, weight: -254 }
                  |                                           ^^^^
            hint: write `weight: -60`
            """),
        Mistake(
            "an interval of half a second",
            [("check: { run: /bin/check, weight: -60 }", "check: { run: /bin/check, interval: 0.5 }")],
            """
            haops.yaml:12:45: error: `interval` wants a whole number from 1 to 3600, not `0.5`
               12 |         check: { run: /bin/check, interval: 0.5 }
                  |                                             ^^^
            hint: write `interval: 2`
            """),
        Mistake(
            "a timeout beyond the interval",
            [
                (
                    "check: { run: /bin/check, weight: -60 }",
                    "check: { run: /bin/check, interval: 2, timeout: 5 }"
                )
            ],
            """
            haops.yaml:12:57: warning: `check` may run for 5 s but starts every 2 s: runs overlap
               12 |         check: { run: /bin/check, interval: 2, timeout: 5 }
                  |                                                         ^
            hint: make `timeout` at most 2, or `interval` longer
            """),
        Mistake(
            "its own interface tracked",
            [("router_id: 51", "router_id: 51\n          track_interfaces: [eth0]")],
            """
            haops.yaml:16:30: warning: `VI_1` follows its own interface `eth0` anyway: keepalived complains about tracking it
               16 |           track_interfaces: [eth0]
                  |                              ^^^^
            hint: remove it from `track_interfaces`
            """),
        Mistake(
            "quotes among the options",
            [("interface: eth0", "interface: eth0\n      options: --vrrp \"x\"")],
            """
            haops.yaml:10:16: error: `options` cannot have quotes, backslashes or dollar signs
               10 |       options: --vrrp "x"
                  |                ^^^^^^^^^^
            hint: write plain words: `options: "--vrrp"`
            """),
        Mistake(
            "raw lines for an instance that is not there",
            [("interface: eth0", "interface: eth0\n      extra: { VI_2: \"garp_master_delay 2\" }")],
            """
            haops.yaml:10:16: error: unknown key `VI_2` in `extra`
               10 |       extra: { VI_2: "garp_master_delay 2" }
                  |                ^^^^
            hint: did you mean `VI_1`?
            """),
        Mistake(
            "a firewall that shuts VRRP out",
            [("    sysctl:", "    firewall: { allow: [icmp] }\n    sysctl:")],
            """
            haops.yaml:21:24: warning: the firewall settings do not allow VRRP: nodes that do not hear each other all become owner
               21 |     firewall: { allow: [icmp] }
                  |                        ^^^^^^
            hint: write `allow: [vrrp, icmp]`
            """),
    ])
    func `what keepalived would not do is shown with a remedy`(mistake: Mistake) {
        #expect(mistake.actualReport == mistake.report)
    }
}
