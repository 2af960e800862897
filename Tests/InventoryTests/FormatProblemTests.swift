import Testing

@testable import Inventory

@Suite struct FormatProblemTests {
    @Test func `a byte order mark is no part of the inventory`() {
        #expect(reportOf("\u{FEFF}" + soundInventory) == reportOf(soundInventory))
    }

    @Test(arguments: [
        Mistake(
            "no format",
            [("haops: 1\n", "x-haops: 1\n")],
            """
            haops.yaml:1:1: error: unknown key `x-haops` in the inventory
                1 | x-haops: 1
                  | ^^^^^^^
            hint: did you mean `haops`?
            """),
        Mistake(
            "a later format",
            [("haops: 1", "haops: 2")],
            """
            haops.yaml:1:8: error: this haops reads inventories of format 1, not 2
                1 | haops: 2
                  |        ^
            hint: use a newer haops, or write `haops: 1`
            """),
        Mistake(
            "a format that is not a number",
            [("haops: 1", "haops: one")],
            """
            haops.yaml:1:8: error: `haops` wants a whole number, not `one`
                1 | haops: one
                  |        ^^^
            hint: write `haops: 1`
            """),
        Mistake(
            "no clusters",
            [("clusters:\n", "cluster:\n")],
            """
            haops.yaml:3:1: error: unknown key `cluster` in the inventory
                3 | cluster:
                  | ^^^^^^^
            hint: did you mean `clusters`?
            """),
        Mistake(
            "a list for a mapping",
            [("instances:\n        VI_1:", "instances:\n        - VI_1:")],
            """
            haops.yaml:14:9: error: `instances` wants a mapping with a name for each instance, not a list
               14 |         - VI_1:
                  |         ^
            hint: write `instances: { VI_1: { router_id: 51, addresses: [203.0.113.50/24] } }`
            """),
        Mistake(
            "a key of keepalived.conf",
            [("router_id: 51", "virtual_router_id: 51")],
            """
            haops.yaml:15:11: error: unknown key `virtual_router_id` in instance `VI_1`
               15 |           virtual_router_id: 51
                  |           ^^^^^^^^^^^^^^^^^
            hint: write `router_id`
            """),
        Mistake(
            "an unknown key without a near one",
            [("router_id: 51", "router_id: 51\n          zzz: 1")],
            """
            haops.yaml:16:11: error: unknown key `zzz` in instance `VI_1`
               16 |           zzz: 1
                  |           ^^^
            hint: instance `VI_1` has: router_id, interface, auth_pass, addresses, excluded, track_interfaces, track_scripts, preferred, priorities, handover, vrrp_addresses
            """),
        Mistake(
            "nothing behind a key",
            [("interface: eth0", "interface:")],
            """
            haops.yaml:9:7: error: `interface` wants one value, not nothing
                9 |       interface:
                  |       ^^^^^^^^^
            hint: write `interface: eth0`
            """),
        Mistake(
            "a number in words",
            [("router_id: 51", "router_id: fifty")],
            """
            haops.yaml:15:22: error: `router_id` wants a whole number from 1 to 255, not `fifty`
               15 |           router_id: fifty
                  |                      ^^^^^
            hint: write `router_id: 51`
            """),
        Mistake(
            "a number with a zero in front",
            [("router_id: 51", "router_id: 051")],
            """
            haops.yaml:15:22: error: `router_id` wants a whole number from 1 to 255, not `051`
               15 |           router_id: 051
                  |                      ^^^
            hint: write `router_id: 51`
            """),
        Mistake(
            "a list for one value",
            [("interface: eth0", "interface: [eth0]")],
            """
            haops.yaml:9:18: error: `interface` wants one value, not a list
                9 |       interface: [eth0]
                  |                  ^^^^^^
            hint: write `interface: eth0`
            """),
        Mistake(
            "a choice that is none",
            [("interface: eth0", "interface: eth0\n      transport: unicats")],
            """
            haops.yaml:10:18: error: `transport` wants one of `multicast`, `unicast`, not `unicats`
               10 |       transport: unicats
                  |                  ^^^^^^^
            hint: did you mean `unicast`?
            """),
        Mistake(
            "a boolean in words",
            [("interface: eth0", "interface: eth0\n      preempt: maybe")],
            """
            haops.yaml:10:16: error: `preempt` wants `true` or `false`, not `maybe`
               10 |       preempt: maybe
                  |                ^^^^^
            hint: write `preempt: true`
            """),
        Mistake(
            "a name with a space",
            [("VI_1:", "\"VI 1\":")],
            """
            haops.yaml:14:9: error: `VI 1` is not a valid instance name
               14 |         "VI 1":
                  |         ^^^^^^
            hint: names have letters, digits, `_`, `-` and `.`, and begin with a letter or a digit
            """),
        Mistake(
            "a name that would leave its directory",
            [("lb2:", "../lb2:")],
            """
            haops.yaml:7:7: error: `../lb2` is not a valid node name
                7 |       ../lb2: { address: 198.51.100.12, priority: 100 }
                  |       ^^^^^^
            hint: names have letters, digits, `_`, `-` and `.`, and begin with a letter or a digit
            """),
        Mistake(
            "an interface that is none",
            [("interface: eth0", "interface: a/very/long/interface")],
            """
            haops.yaml:9:18: error: `a/very/long/interface` is not the name of a network interface
                9 |       interface: a/very/long/interface
                  |                  ^^^^^^^^^^^^^^^^^^^^^
            hint: interfaces have names like `eth0`, at most 15 characters long
            """),
        Mistake(
            "a kernel setting that is none",
            [("net.ipv4.ip_nonlocal_bind: 1", "\"a b\": 1")],
            """
            haops.yaml:21:15: error: `a b` is not a kernel setting
               21 |     sysctl: { "a b": 1 }
                  |               ^^^^^
            hint: write `sysctl: { net.ipv4.ip_nonlocal_bind: 1 }`
            """),
        Mistake(
            "a package that is an option",
            [("    sysctl:", "    packages: [-y]\n    sysctl:")],
            """
            haops.yaml:21:16: error: `-y` is not the name of a package
               21 |     packages: [-y]
                  |                ^^
            hint: write `packages: [keepalived, haproxy]`
            """),
        Mistake(
            "a firewall that does not exist",
            [("    sysctl:", "    firewall: { backend: pf, allow: [vrrp, ipcm] }\n    sysctl:")],
            """
            haops.yaml:21:26: error: `backend` wants one of `auto`, `iptables`, `nftables`, `firewalld`, `none`, not `pf`
               21 |     firewall: { backend: pf, allow: [vrrp, ipcm] }
                  |                          ^^
            hint: write `backend: auto`
            haops.yaml:21:44: error: `allow` wants one of `vrrp`, `icmp`, not `ipcm`
               21 |     firewall: { backend: pf, allow: [vrrp, ipcm] }
                  |                                            ^^^^
            hint: write `allow: vrrp`
            """),
    ])
    func `what is not the format is shown with a remedy`(mistake: Mistake) {
        #expect(mistake.actualReport == mistake.report)
    }
}
