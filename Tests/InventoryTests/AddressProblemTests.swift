import Testing

@testable import Inventory

@Suite struct AddressProblemTests {
    @Test(arguments: [
        Mistake(
            "no addresses",
            [("addresses: [203.0.113.50/24]", "addresses: []")],
            """
            haops.yaml:16:11: error: instance `VI_1` has no `addresses`
               16 |           addresses: []
                  |           ^^^^^^^^^
            hint: add the virtual addresses: `addresses: [203.0.113.50/24]`
            """),
        Mistake(
            "an address that is none",
            [("203.0.113.50/24]", "203.0.113.50/33]")],
            """
            haops.yaml:16:23: error: `203.0.113.50/33` is not a valid address/prefix
               16 |           addresses: [203.0.113.50/33]
                  |                       ^^^^^^^^^^^^^^^
            hint: write `203.0.113.50/24` or `2001:db8::50/64`
            """),
        Mistake(
            "the address of the network",
            [("203.0.113.50/24]", "203.0.113.0/24]")],
            """
            haops.yaml:16:23: error: `203.0.113.0/24` cannot be a virtual address: it is the address of the network itself
               16 |           addresses: [203.0.113.0/24]
                  |                       ^^^^^^^^^^^^^^
            hint: choose a free host address
            """),
        Mistake(
            "a broadcast address",
            [("203.0.113.50/24]", "203.0.113.255/24]")],
            """
            haops.yaml:16:23: error: `203.0.113.255/24` cannot be a virtual address: it is the broadcast address of its network
               16 |           addresses: [203.0.113.255/24]
                  |                       ^^^^^^^^^^^^^^^^
            hint: choose a free host address
            """),
        Mistake(
            "a multicast address",
            [("203.0.113.50/24]", "224.0.0.18/24]")],
            """
            haops.yaml:16:23: error: `224.0.0.18/24` cannot be a virtual address: it is a multicast or reserved address
               16 |           addresses: [224.0.0.18/24]
                  |                       ^^^^^^^^^^^^^
            hint: choose a free host address
            """),
        Mistake(
            "the loopback",
            [("203.0.113.50/24]", "\"::1/128\"]")],
            """
            haops.yaml:16:23: error: `::1/128` cannot be a virtual address: it is the loopback address
               16 |           addresses: ["::1/128"]
                  |                       ^^^^^^^^^
            hint: choose a free host address
            """),
        Mistake(
            "the address of a node",
            [("203.0.113.50/24]", "203.0.113.50/24, 198.51.100.12/24]")],
            """
            haops.yaml:16:40: error: 198.51.100.12 is the address of node `lb2`
               16 |           addresses: [203.0.113.50/24, 198.51.100.12/24]
                  |                                        ^^^^^^^^^^^^^^^^
            hint: choose an address that no machine has: keepalived would take it away from its owner
            """),
        Mistake(
            "one address twice in one instance",
            [("203.0.113.50/24]", "203.0.113.50/24, 203.0.113.50/32]")],
            """
            haops.yaml:16:40: error: 203.0.113.50 stands twice: `VI_1` has it on line 16
               16 |           addresses: [203.0.113.50/24, 203.0.113.50/32]
                  |                                        ^^^^^^^^^^^^^^^
            hint: keep one of the two
            """),
        Mistake(
            "one address in two instances",
            [("    haproxy:", "        VI_2: { router_id: 52, addresses: [203.0.113.50/24] }\n    haproxy:")],
            """
            haops.yaml:18:44: error: 203.0.113.50 stands twice: `VI_1` has it on line 16
               18 |         VI_2: { router_id: 52, addresses: [203.0.113.50/24] }
                  |                                            ^^^^^^^^^^^^^^^
            hint: keep one: two instances would claim it
            """),
        Mistake(
            "one address advertised and excluded",
            [
                (
                    "addresses: [203.0.113.50/24]",
                    "addresses: [203.0.113.50/24]\n          excluded: [203.0.113.50/24]"
                )
            ],
            """
            haops.yaml:17:22: error: 203.0.113.50 stands twice: `VI_1` has it on line 16
               17 |           excluded: [203.0.113.50/24]
                  |                      ^^^^^^^^^^^^^^^
            hint: keep one of the two
            """),
        Mistake(
            "two families in one instance",
            [("203.0.113.50/24]", "203.0.113.50/24, \"2001:db8::50/64\"]")],
            """
            haops.yaml:16:40: error: 2001:db8::50 is IPv6 and `VI_1` begins with 203.0.113.50: keepalived advertises one family in an instance and drops the other
               16 |           addresses: [203.0.113.50/24, "2001:db8::50/64"]
                  |                                        ^^^^^^^^^^^^^^^^^
            hint: move it to `excluded`, where it moves along, or into an instance of its own
            """),
        Mistake(
            "a label of sixteen bytes",
            [
                (
                    "addresses: [203.0.113.50/24]",
                    "addresses: [{ vip: 203.0.113.50/24, label: \"interface0:vip01\" }]"
                )
            ],
            """
            haops.yaml:16:54: error: the label `interface0:vip01` has 16 bytes: keepalived drops an address whose label has more than 15
               16 |           addresses: [{ vip: 203.0.113.50/24, label: "interface0:vip01" }]
                  |                                                      ^^^^^^^^^^^^^^^^^^
            hint: shorten it, `eth1:0`, or leave it out
            """),
        Mistake(
            "a label of an IPv6 address",
            [
                (
                    "    haproxy:",
                    "        VI_6: { router_id: 51, addresses: [{ vip: \"2001:db8::50/64\", label: \"eth0:1\" }] }\n    haproxy:"
                )
            ],
            """
            haops.yaml:18:51: warning: VRRP version 2 knows no IPv6 (RFC 3768): nothing but keepalived understands what it then sends
               18 |         VI_6: { router_id: 51, addresses: [{ vip: "2001:db8::50/64", label: "eth0:1" }] }
                  |                                                   ^^^^^^^^^^^^^^^^^
            hint: write `version: 3` in `keepalived`
            haops.yaml:18:77: warning: IPv6 addresses have no labels: the kernel ignores it
               18 |         VI_6: { router_id: 51, addresses: [{ vip: "2001:db8::50/64", label: "eth0:1" }] }
                  |                                                                             ^^^^^^^^
            hint: leave it out
            """),
        Mistake(
            "an address without a vip",
            [("addresses: [203.0.113.50/24]", "addresses: [{ address: 203.0.113.50/24 }]")],
            """
            haops.yaml:16:25: error: unknown key `address` in an address
               16 |           addresses: [{ address: 203.0.113.50/24 }]
                  |                         ^^^^^^^
            hint: write `vip`
            """),
        Mistake(
            "more than twenty addresses",
            [
                (
                    "addresses: [203.0.113.50/24]",
                    "addresses: [203.0.113.50/24, 203.0.113.51/24, 203.0.113.52/24, 203.0.113.53/24, 203.0.113.54/24, 203.0.113.55/24, 203.0.113.56/24, 203.0.113.57/24, 203.0.113.58/24, 203.0.113.59/24, 203.0.113.60/24, 203.0.113.61/24, 203.0.113.62/24, 203.0.113.63/24, 203.0.113.64/24, 203.0.113.65/24, 203.0.113.66/24, 203.0.113.67/24, 203.0.113.68/24, 203.0.113.69/24, 203.0.113.70/24]"
                )
            ],
            """
            haops.yaml:14:9: warning: `VI_1` has 21 addresses: keepalived 1.x drops all after the first 20
               14 |         VI_1:
                  |         ^^^^
            hint: move the rest to `excluded`: they move along without being advertised
            """),
    ])
    func `what is wrong with virtual addresses is shown with a remedy`(mistake: Mistake) {
        #expect(mistake.actualReport == mistake.report)
    }
}
