import Testing

@testable import Inventory

@Suite struct ElectionProblemTests {
    @Test(arguments: [
        Mistake(
            "equal priorities",
            [("priority: 100", "priority: 150")],
            """
            haops.yaml:7:48: error: `lb1` and `lb2` have the same priority, 150: nobody is the owner for certain
                7 |       lb2: { address: 198.51.100.12, priority: 150 }
                  |                                                ^^^
            hint: give every node a priority of its own
            """),
        Mistake(
            "priority 0",
            [("priority: 100", "priority: 0")],
            """
            haops.yaml:7:48: error: the priority 0 is outside 1 to 254
                7 |       lb2: { address: 198.51.100.12, priority: 0 }
                  |                                                ^
            hint: 0 is what a master sends when it resigns; write at least 1
            """),
        Mistake(
            "priority 255",
            [("priority: 150", "priority: 255")],
            """
            haops.yaml:6:48: error: the priority 255 is outside 1 to 254
                6 |       lb1: { address: 198.51.100.11, priority: 255 }
                  |                                                ^^^
            hint: 255 is for a router that owns the address: keepalived ignores its checks; write at most 254
            """),
        Mistake(
            "priority 300",
            [("priority: 150", "priority: 300")],
            """
            haops.yaml:6:48: error: the priority 300 is outside 1 to 254
                6 |       lb1: { address: 198.51.100.11, priority: 300 }
                  |                                                ^^^
            hint: write a number from 1 to 254
            """),
        Mistake(
            "a priority for one node only",
            [(", priority: 100", "")],
            """
            haops.yaml:7:7: error: `lb2` has no `priority`, but `lb1` has one
                7 |       lb2: { address: 198.51.100.12 }
                  |       ^^^
            hint: give every node of the cluster a priority, or none
            """),
        Mistake(
            "one priority for a range",
            [
                (
                    "lb2: { address: 198.51.100.12, priority: 100 }",
                    "\"lb[2-3]\": { address: \"198.51.100.[12-13]\", priority: 100 }"
                )
            ],
            """
            haops.yaml:7:61: error: `priority` is one number for 2 nodes: with equal priorities nobody is the owner for certain
                7 |       "lb[2-3]": { address: "198.51.100.[12-13]", priority: 100 }
                  |                                                             ^^^
            hint: write a list, `priority: [150, 140]`, or leave it out: then nodes count down from 150
            """),
        Mistake(
            "fewer priorities than nodes",
            [
                (
                    "lb2: { address: 198.51.100.12, priority: 100 }",
                    "\"lb[2-4]\": { address: \"198.51.100.[12-14]\", priority: [100, 90] }"
                )
            ],
            """
            haops.yaml:7:61: error: `lb[2-4]` is 3 names, but `priority` has 2 values
                7 |       "lb[2-4]": { address: "198.51.100.[12-14]", priority: [100, 90] }
                  |                                                             ^^^^^^^^^
            hint: write one priority for each node
            """),
        Mistake(
            "a preferred node that does not exist",
            [("interface: eth0", "interface: eth0\n      preferred: lb3")],
            """
            haops.yaml:10:18: error: no node `lb3` is in this cluster
               10 |       preferred: lb3
                  |                  ^^^
            hint: did you mean `lb1`?
            """),
        Mistake(
            "priorities that leave out a node",
            [("router_id: 51", "router_id: 51\n          priorities: { lb1: 150 }")],
            """
            haops.yaml:16:11: error: `priorities` of `VI_1` leaves out lb2
               16 |           priorities: { lb1: 150 }
                  |           ^^^^^^^^^^
            hint: give every node of the cluster a priority
            """),
        Mistake(
            "equal priorities of an instance",
            [("router_id: 51", "router_id: 51\n          priorities: { lb1: 150, lb2: 150 }")],
            """
            haops.yaml:16:40: error: `lb1` and `lb2` have the same priority, 150: nobody is the owner for certain
               16 |           priorities: { lb1: 150, lb2: 150 }
                  |                                        ^^^
            hint: give every node a priority of its own
            """),
        Mistake(
            "priorities against preferred",
            [
                (
                    "router_id: 51",
                    "router_id: 51\n          preferred: lb2\n          priorities: { lb1: 150, lb2: 100 }"
                )
            ],
            """
            haops.yaml:16:22: error: `lb2` is preferred, but `priorities` gives `lb1` more
               16 |           preferred: lb2
                  |                      ^^^
            hint: remove `preferred`, or give `lb2` the highest priority
            """),
        Mistake(
            "no room above the owner",
            [
                ("priority: 150", "priority: 254"),
                ("weight: -60", "weight: -160"),
            ],
            """
            haops.yaml:6:48: warning: `lb1` has priority 254: no priority can be raised above 254, so `VI_1` cannot be handed over without loss
                6 |       lb1: { address: 198.51.100.11, priority: 254 }
                  |                                                ^^^
            hint: keep the highest priority, with all positive weights, at 253 or less
            """),
        Mistake(
            "a weight that only reaches equality",
            [("weight: -60", "weight: -50")],
            """
            haops.yaml:12:43: error: `check` can never move `VI_1`: when it fails, `lb1` falls from 150 to 100, which is not below the 100 of `lb2`
               12 |         check: { run: /bin/check, weight: -50 }
                  |                                           ^^^
            hint: write `weight: -51` or lower, or `weight: 0`, so that failure is a fault
            """),
        Mistake(
            "a weight that is too small",
            [("weight: -60", "weight: -2")],
            """
            haops.yaml:12:43: error: `check` can never move `VI_1`: when it fails, `lb1` falls from 150 to 148, which is not below the 100 of `lb2`
               12 |         check: { run: /bin/check, weight: -2 }
                  |                                           ^^
            hint: write `weight: -51` or lower, or `weight: 0`, so that failure is a fault
            """),
        Mistake(
            "a positive weight that only reaches equality",
            [("weight: -60", "weight: 50")],
            """
            haops.yaml:12:43: error: `check` can never move `VI_1`: when it fails, `lb1` falls from 200 to 150, which is not below the 150 of `lb2`
               12 |         check: { run: /bin/check, weight: 50 }
                  |                                           ^^
            hint: write `weight: 51` or higher, or `weight: 0`, so that failure is a fault
            """),
        Mistake(
            "a weight that is cut at 1",
            [("priority: 100", "priority: 1")],
            """
            haops.yaml:12:43: error: `check` can never move `VI_1`: when it fails, `lb1` falls from 150 to 90, which is not below the 1 of `lb2`
               12 |         check: { run: /bin/check, weight: -60 }
                  |                                           ^^^
            hint: write `weight: 0`, so that failure is a fault, or bring the priorities closer together
            """),
        Mistake(
            "positive weights that are cut at 254",
            [("weight: -60", "weight: 160")],
            """
            haops.yaml:6:48: warning: `lb1` has priority 150 with 160 for its checks: no priority can be raised above 254, so `VI_1` cannot be handed over without loss
                6 |       lb1: { address: 198.51.100.11, priority: 150 }
                  |                                                ^^^
            hint: keep the highest priority, with all positive weights, at 253 or less
            haops.yaml:12:43: error: with every check passing `lb1` and `lb2` both reach 254, the highest priority there is: nobody is the owner for certain
               12 |         check: { run: /bin/check, weight: 160 }
                  |                                           ^^^
            hint: lower the priorities so that the highest and all positive weights add up to at most 253
            """),
        Mistake(
            "a weight that leaves out the third node",
            [
                (
                    "lb2: { address: 198.51.100.12, priority: 100 }",
                    "lb2: { address: 198.51.100.12, priority: 100 }\n      lb3: { address: 198.51.100.13, priority: 50 }"
                )
            ],
            """
            haops.yaml:13:43: warning: when `check` fails on all nodes but `lb3`, `lb1` keeps `VI_1`: 90 is not below the 50 of `lb3`
               13 |         check: { run: /bin/check, weight: -60 }
                  |                                           ^^^
            hint: make the weight larger than the distance of all priorities, or write `weight: 0`
            """),
        Mistake(
            "weights without preemption",
            [("interface: eth0", "interface: eth0\n      preempt: false")],
            """
            haops.yaml:13:43: error: `check` can never move `VI_1`: with `preempt: false` a backup does not take over from a master of lower priority
               13 |         check: { run: /bin/check, weight: -60 }
                  |                                           ^^^
            hint: write `weight: 0`, so that failure is a fault, or `preempt: true`
            """),
        Mistake(
            "one node",
            [("      lb2: { address: 198.51.100.12, priority: 100 }\n", "")],
            """
            haops.yaml:6:7: warning: `lb1` is the only node of `web`: no other node can take over its addresses
                6 |       lb1: { address: 198.51.100.11, priority: 150 }
                  |       ^^^
            hint: add a second node
            """),
    ])
    func `what is wrong with an election is shown with a remedy`(mistake: Mistake) {
        #expect(mistake.actualReport == mistake.report)
    }
}
