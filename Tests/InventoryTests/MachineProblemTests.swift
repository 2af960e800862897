import Testing

@testable import Inventory

@Suite struct MachineProblemTests {
    @Test(arguments: [
        Mistake(
            "no nodes",
            [
                (
                    "    nodes:\n      lb1: { address: 198.51.100.11, priority: 150 }\n      lb2: { address: 198.51.100.12, priority: 100 }\n",
                    ""
                )
            ],
            """
            haops.yaml:4:3: error: cluster `web` has no `nodes`
                4 |   web:
                  |   ^^^
            hint: add `nodes: { lb1: { address: 198.51.100.11 } }`
            """),
        Mistake(
            "a user in an address",
            [("198.51.100.12", "root@198.51.100.12")],
            """
            haops.yaml:7:23: error: `root@198.51.100.12` is not an address
                7 |       lb2: { address: root@198.51.100.12, priority: 100 }
                  |                       ^^^^^^^^^^^^^^^^^^
            hint: write the user as `ssh: { user: … }`
            """),
        Mistake(
            "a prefix length in an address",
            [("198.51.100.12", "198.51.100.12/24")],
            """
            haops.yaml:7:23: error: `198.51.100.12/24` is not an address
                7 |       lb2: { address: 198.51.100.12/24, priority: 100 }
                  |                       ^^^^^^^^^^^^^^^^
            hint: write the address without its prefix length
            """),
        Mistake(
            "an octet too large",
            [("198.51.100.12", "198.51.100.256")],
            """
            haops.yaml:7:23: error: `198.51.100.256` is not an address
                7 |       lb2: { address: 198.51.100.256, priority: 100 }
                  |                       ^^^^^^^^^^^^^^
            hint: an IPv4 address is four numbers from 0 to 255 without zeros in front
            """),
        Mistake(
            "a port in an address",
            [("198.51.100.12", "lb2.example.net:22")],
            """
            haops.yaml:7:23: error: `lb2.example.net:22` is not an address
                7 |       lb2: { address: lb2.example.net:22, priority: 100 }
                  |                       ^^^^^^^^^^^^^^^^^^
            hint: write a port as `ssh: { port: … }`, and an IPv6 address without brackets
            """),
        Mistake(
            "a name with an empty label",
            [("198.51.100.12", "lb2..example.net")],
            """
            haops.yaml:7:23: error: `lb2..example.net` is not an address
                7 |       lb2: { address: lb2..example.net, priority: 100 }
                  |                       ^^^^^^^^^^^^^^^^
            hint: write an address, a DNS name or an alias of your ssh configuration
            """),
        Mistake(
            "settings of ssh outside ssh",
            [("priority: 100", "priority: 100, user: root")],
            """
            haops.yaml:7:53: error: unknown key `user` in node `lb2`
                7 |       lb2: { address: 198.51.100.12, priority: 100, user: root }
                  |                                                     ^^^^
            hint: write `ssh: { user: … }`
            """),
        Mistake(
            "a port that is none",
            [("haops: 1", "haops: 1\nssh: { port: 70000 }")],
            """
            haops.yaml:2:14: error: `port` wants a whole number from 1 to 65535, not `70000`
                2 | ssh: { port: 70000 }
                  |              ^^^^^
            hint: write `port: 22`
            """),
        Mistake(
            "a user that is none",
            [("haops: 1", "haops: 1\nssh: { user: \"-oProxyCommand=x\" }")],
            """
            haops.yaml:2:14: error: `-oProxyCommand=x` is not a user name
                2 | ssh: { user: "-oProxyCommand=x" }
                  |              ^^^^^^^^^^^^^^^^^^
            hint: write `user: root`
            """),
        Mistake(
            "a hop that ssh would take for an option",
            [("haops: 1", "haops: 1\nssh: { jump: [bastion, -oProxyCommand=x] }")],
            """
            haops.yaml:2:24: error: `-oProxyCommand=x` is not a jump host
                2 | ssh: { jump: [bastion, -oProxyCommand=x] }
                  |                        ^^^^^^^^^^^^^^^^
            hint: write `jump: user@bastion.example.net:22`, a list of hops, or `none`
            """),
        Mistake(
            "one address for two nodes",
            [("198.51.100.12", "198.51.100.11")],
            """
            haops.yaml:7:23: error: `lb2` has the address of `lb1`, 198.51.100.11
                7 |       lb2: { address: 198.51.100.11, priority: 100 }
                  |                       ^^^^^^^^^^^^^
            hint: every node is a machine of its own: correct one of the addresses
            """),
        Mistake(
            "one name in two clusters",
            [("    sysctl:", "  mail: { nodes: { lb2: { address: 198.51.100.22 } } }\n    #sysctl:")],
            """
            haops.yaml:21:20: error: the name `lb2` stands twice: first on line 7
               21 |   mail: { nodes: { lb2: { address: 198.51.100.22 } } }
                  |                    ^^^
            hint: every machine of an inventory needs a name of its own
            """),
        Mistake(
            "one name in two ranges",
            [
                (
                    "lb2: { address: 198.51.100.12, priority: 100 }",
                    "lb2: { address: 198.51.100.12, priority: 100 }\n      lb[2-3]: { address: \"198.51.100.[13-14]\", priority: [90, 80] }"
                )
            ],
            """
            haops.yaml:8:7: error: the name `lb2` stands twice: first on line 7
                8 |       lb[2-3]: { address: "198.51.100.[13-14]", priority: [90, 80] }
                  |       ^^^^^^^
            hint: every machine of an inventory needs a name of its own
            """),
        Mistake(
            "a range that cannot be read",
            [("lb2: { address: 198.51.100.12, priority: 100 }", "lb[2-]: {}")],
            """
            haops.yaml:7:7: error: `lb[2-]` wants numbers between its brackets, not `2-`
                7 |       lb[2-]: {}
                  |       ^^^^^^
            hint: ranges look like `lb[01-20]` or `lb[1,3,5-7]`
            """),
        Mistake(
            "fewer addresses than names",
            [
                (
                    "lb2: { address: 198.51.100.12, priority: 100 }",
                    "\"lb[2-4]\": { address: \"198.51.100.[12-13]\", priority: [100, 90, 80] }"
                )
            ],
            """
            haops.yaml:7:29: error: `lb[2-4]` is 3 names, but `address` has 2 values
                7 |       "lb[2-4]": { address: "198.51.100.[12-13]", priority: [100, 90, 80] }
                  |                             ^^^^^^^^^^^^^^^^^^^^
            hint: write a range or a list with 3: `address: "198.51.100.[11-13]"`
            """),
        Mistake(
            "a list of addresses for one name",
            [("address: 198.51.100.12", "address: [198.51.100.12, 198.51.100.13]")],
            """
            haops.yaml:7:23: error: `lb2` is 1 name, but `address` has 2 values
                7 |       lb2: { address: [198.51.100.12, 198.51.100.13], priority: 100 }
                  |                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            hint: write one: `address: 198.51.100.11`
            """),
        Mistake(
            "an observer that is a node",
            [
                (
                    "    keepalived:\n",
                    "    observers: { client: { address: 198.51.100.12 } }\n    keepalived:\n"
                )
            ],
            """
            haops.yaml:8:37: error: the observer `client` is the node `lb2`: it sees no ARP of its own addresses
                8 |     observers: { client: { address: 198.51.100.12 } }
                  |                                     ^^^^^^^^^^^^^
            hint: choose a machine outside the cluster
            """),
        Mistake(
            "unicast with a name only",
            [
                ("address: 198.51.100.12", "address: lb2.example.net"),
                ("interface: eth0", "interface: eth0\n      transport: unicast"),
            ],
            """
            haops.yaml:7:23: error: with unicast, peers must know the IP address that `lb2` sends its adverts from
                7 |       lb2: { address: lb2.example.net, priority: 100 }
                  |                       ^^^^^^^^^^^^^^^
            hint: add `vrrp_address` to `lb2`: `lb2.example.net` is a name
            """),
        Mistake(
            "unicast between families",
            [
                ("address: 198.51.100.12", "address: \"2001:db8::12\""),
                ("interface: eth0", "interface: eth0\n      transport: unicast"),
            ],
            """
            haops.yaml:7:23: error: `VI_1` advertises IPv4, but `lb2` is known by 2001:db8::12: keepalived drops such a peer
                7 |       lb2: { address: "2001:db8::12", priority: 100 }
                  |                       ^^^^^^^^^^^^^^
            hint: give the instance `vrrp_addresses` of that family, or use `transport: multicast`, or move the addresses to `excluded` of another instance
            """),
        Mistake(
            "unicast twice from one address",
            [
                ("priority: 100", "priority: 100, vrrp_address: 198.51.100.11"),
                ("interface: eth0", "interface: eth0\n      transport: unicast"),
            ],
            """
            haops.yaml:7:67: error: `lb2` and `lb1` both send their adverts from 198.51.100.11
                7 |       lb2: { address: 198.51.100.12, priority: 100, vrrp_address: 198.51.100.11 }
                  |                                                                   ^^^^^^^^^^^^^
            hint: correct `vrrp_address`
            """),
        Mistake(
            "an advert address that is a name",
            [("priority: 100", "priority: 100, vrrp_address: lb2")],
            """
            haops.yaml:7:67: error: `vrrp_address` wants an IP address, not `lb2`
                7 |       lb2: { address: 198.51.100.12, priority: 100, vrrp_address: lb2 }
                  |                                                                   ^^^
            hint: write the address from which the node sends its adverts
            """),
    ])
    func `what is wrong with machines is shown with a remedy`(mistake: Mistake) {
        #expect(mistake.actualReport == mistake.report)
    }
}
