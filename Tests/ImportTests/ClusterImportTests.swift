import Import
import Inventory
import Remote
import Testing

/// Configurations that people write by hand.
@Suite struct ImportTests {
    private func instance(_ priority: Int, state: String = "BACKUP", _ more: String = "") -> String {
        """
        vrrp_instance VI_1 {
            state \(state)
            interface eth0
            virtual_router_id 51
            priority \(priority)
            advert_int 1
            virtual_ipaddress {
                203.0.113.50/24 dev eth1
            }
        \(more)
        }

        """
    }

    private func expectFaithful(
        _ imported: ImportedCluster, sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) {
        #expect(
            imported.refusals.map(\.description) == [], "\(imported.inventory)",
            sourceLocation: sourceLocation)
    }

    @Test func `a pair without frills becomes an inventory without extras`() throws {
        let imported = Surveyed(instance(150, state: "MASTER"), instance(100)).imported
        expectFaithful(imported)
        let cluster = try imported.cluster
        #expect(cluster.nodes.map(\.id.name) == ["lb1", "lb2"])
        let settings = try #require(cluster.keepalived)
        #expect(settings.instances[0].preferred == "lb1")
        #expect(settings.instances[0].priorities == ["lb1": 150, "lb2": 100])
        #expect(settings.extraGlobal == nil && settings.instances[0].extra == nil)
        #expect(imported.kept.isEmpty)
    }

    @Test func `what haops adds is named with its effect`() {
        let imported = Surveyed(instance(150), instance(100)).imported
        expectFaithful(imported)
        let texts = imported.additions.map(\.text)
        for word in ["router_id", "vrrp_track_file", "notify", "vrrp_garp_master_refresh 60"] {
            #expect(texts.contains { $0.contains(word) && $0.contains("reload") }, "\(word)")
        }
    }

    @Test func `passwords become secrets and stand nowhere in the inventory`() throws {
        let password = "    authentication {\n        auth_type PASS\n        auth_pass hunter22\n    }"
        let imported = Surveyed(instance(150, password), instance(100, password)).imported
        expectFaithful(imported)
        #expect(!imported.inventory.contains("hunter22"))
        #expect(imported.secrets.map(\.variable) == ["HAOPS_VRRP_PASS"])
        #expect(imported.secrets.first?.value.revealed == "hunter22")
        #expect("\(imported)".contains("hunter22") == false)
        #expect(try imported.rendered()[1].contains("auth_pass \"hunter22\""))
    }

    @Test func `instances with passwords of their own keep them apart`() throws {
        func node(_ one: Int, _ two: Int) -> String {
            [("VI_1", 51, 50, one, "firstpw"), ("VI_2", 52, 60, two, "secondpw")].map {
                name, id, host, priority, pass in
                """
                vrrp_instance \(name) {
                    state \(priority == 150 ? "MASTER" : "BACKUP")
                    interface eth0
                    virtual_router_id \(id)
                    priority \(priority)
                    authentication {
                        auth_type PASS
                        auth_pass \(pass)
                    }
                    virtual_ipaddress {
                        203.0.113.\(host)/24
                    }
                }

                """
            }.joined()
        }
        let imported = Surveyed(node(150, 100), node(100, 150)).imported
        expectFaithful(imported)
        #expect(Set(imported.secrets.map(\.name)) == ["vrrp_VI_1", "vrrp_VI_2"])
        let instances = try #require(try imported.cluster.keepalived?.instances)
        #expect(instances.map(\.preferred) == ["lb1", "lb2"])
    }

    @Test func `instances whose names differ in signs alone have variables of their own`() {
        func node(_ priority: Int) -> String {
            [("VI-1", 51, "firstpw"), ("VI_1", 52, "secondpw")].map { name, id, pass in
                """
                vrrp_instance \(name) {
                    state BACKUP
                    interface eth0
                    virtual_router_id \(id)
                    priority \(priority)
                    authentication {
                        auth_type PASS
                        auth_pass \(pass)
                    }
                    virtual_ipaddress {
                        203.0.113.\(id)/24
                    }
                }

                """
            }.joined()
        }
        let imported = Surveyed(node(150), node(100)).imported
        expectFaithful(imported)
        #expect(
            imported.secrets.map(\.variable) == ["HAOPS_VRRP_VI_1_PASS", "HAOPS_VRRP_VI_1_2_PASS"])
    }

    @Test func `includes, definitions, conditions and repetitions are resolved`() throws {
        let text = """
            $VIP=203.0.113.50
            $IFACE=eth0
            include globals.conf
            include conf.d/*.conf
            vrrp_instance VI_1 {
                @lb1 state MASTER
                @lb2 state BACKUP
                interface $IFACE
                virtual_router_id 51
                @lb1 priority 150
                @^lb1 priority 100
                virtual_ipaddress {
                    ${VIP}/24 dev eth1
                    ~SEQ(host, 60, 62) 203.0.113.${host}/24 dev eth1
                }
                track_script {
                    check
                }
            }

            """
        let imported = Surveyed(
            text, text,
            others: [
                "/etc/keepalived/globals.conf":
                    "global_defs {\n    enable_script_security\n    script_user root\n}\n",
                "/etc/keepalived/conf.d/check.conf":
                    "vrrp_script check {\n    script \"/usr/bin/pgrep -x haproxy\"\n    interval 2\n    weight -60\n}\n",
            ]
        ).imported
        expectFaithful(imported)
        let settings = try #require(try imported.cluster.keepalived)
        #expect(settings.instances[0].addresses.map { "\($0.cidr)" }.sorted().count == 4)
        #expect(settings.scripts.map(\.run) == ["/usr/bin/pgrep -x haproxy"])
        #expect(settings.scriptSecurity)
        #expect(!imported.inventory.contains("$"))
    }

    @Test func `what only one node has stands behind its own condition`() throws {
        let imported = Surveyed(
            instance(150, "    garp_master_delay 2\n    nopreempt"), instance(100, "    garp_master_delay 2")
        ).imported
        expectFaithful(imported)
        let extra = try #require(try imported.cluster.keepalived?.instances[0].extra)
        #expect(
            extra.split(separator: "\n").map(String.init).sorted() == [
                "@lb1 nopreempt", "garp_master_delay 2",
            ])
        let kept = try #require(imported.kept.first { $0.text == "nopreempt" })
        #expect(kept.places.map(\.description) == ["lb1:\(conf):11"])
        #expect(kept.key == "keepalived.extra.VI_1")
    }

    @Test func `a sync group, its scripts and notify scripts of the user's own are kept`() throws {
        func node(_ priority: Int) -> String {
            """
            vrrp_script chk {
                script "/usr/local/bin/chk 'two words' x"
                interval 5
                user nobody
                init_fail
            }
            vrrp_sync_group VG_1 {
                group {
                    VI_1
                    VI_2
                }
                track_script {
                    chk
                }
                notify_master "/usr/local/bin/master.sh group"
            }

            """ + instance(priority, "    notify \"/usr/local/bin/state.sh\" nobody\n    smtp_alert")
                + instance(priority).replacing("VI_1", with: "VI_2").replacing("51", with: "52")
                .replacing("113.50", with: "113.60")
        }
        let imported = Surveyed(node(150), node(100)).imported
        expectFaithful(imported)
        let settings = try #require(try imported.cluster.keepalived)
        #expect(!settings.notify.isUsed)
        #expect(settings.instances.allSatisfy { !$0.followsHandover })
        #expect(settings.extraBlocks?.contains("vrrp_sync_group VG_1") == true)
        #expect(try imported.rendered()[0].contains("user nobody"))
    }

    @Test func `unicast without a source address stays without one`() throws {
        func peer(_ address: String) -> String { "    unicast_peer {\n        \(address)\n    }" }
        let imported = Surveyed(
            instance(150, peer("10.0.0.12")), instance(100, peer("10.0.0.11"))
        ).imported
        expectFaithful(imported)
        let cluster = try imported.cluster
        #expect(cluster.keepalived?.transport == .unicast)
        #expect(cluster.keepalived?.namesUnicastSource == false)
        #expect(cluster.nodes.map { $0.vrrpAddress.map { "\($0)" } } == ["10.0.0.11", "10.0.0.12"])
        // The way in is another matter.
        #expect(cluster.nodes.map(\.target.host) == ["198.51.100.11", "198.51.100.12"])
    }

    @Test func `IPv6 by unicast on interfaces that differ, in version 3 with hundredths`() throws {
        func node(_ priority: Int, _ interface: String, _ own: Int, _ other: Int) -> String {
            """
            vrrp_instance V6 {
                interface \(interface)
                virtual_router_id 61
                priority \(priority)
                version 3
                advert_int 0.25
                unicast_src_ip 2001:db8:51::\(own)
                unicast_peer {
                    2001:db8:51::\(other)
                }
                virtual_ipaddress {
                    2001:db8:203::50/64
                    fe80::50/64
                }
                virtual_ipaddress_excluded {
                    203.0.113.70/32 dev lo scope host
                }
            }

            """
        }
        let imported = Surveyed(node(200, "ens3", 11, 12), node(100, "ens4", 12, 11)).imported
        expectFaithful(imported)
        let cluster = try imported.cluster
        #expect(cluster.nodes.map { $0.interface ?? cluster.keepalived?.interface } == ["ens3", "ens4"])
        #expect(cluster.keepalived?.advertInterval == 25)
        #expect(try imported.rendered()[0].contains("203.0.113.70/32 dev lo scope host"))
    }

    @Test func `weighted tracking of an instance's own, track processes and static routes are kept`() throws {
        func node(_ priority: Int) -> String {
            """
            global_defs {
                router_id LVS_\(priority)
                vrrp_mcast_group4 224.0.0.20
            }
            vrrp_track_process haproxy {
                process haproxy
                weight -10
                delay 2
            }
            vrrp_script chk {
                script /bin/true
            }
            static_routes {
                192.0.2.0/24 via 198.51.100.1 dev eth0
            }

            """
                + instance(
                    priority,
                    """
                        track_script {
                            chk weight -20
                        }
                        track_process {
                            haproxy
                        }
                        track_interface {
                            eth0
                            eth1 weight -30
                            eth2
                        }
                        virtual_routes {
                            192.0.2.128/25 via 203.0.113.1 dev eth1
                        }
                    """)
        }
        let imported = Surveyed(node(150), node(100)).imported
        expectFaithful(imported)
        let rendered = try imported.rendered()
        #expect(rendered[0].contains("@lb1 router_id LVS_150"))
        #expect(try imported.cluster.keepalived?.instances[0].trackInterfaces == ["eth2"])
        #expect(
            imported.kept.contains {
                $0.text == "vrrp_track_process haproxy {" && $0.key == "keepalived.extra.blocks"
            })
    }

    @Test func `a check script of the user's own is not replaced by the shipped one of the same name`() throws
    {
        let script = "vrrp_script c {\n    script /etc/keepalived/check_haproxy.sh\n    weight -60\n}\n"
        let track = "    track_script {\n        c\n    }"
        let imported = Surveyed(
            script + instance(150, track), script + instance(100, track),
            others: ["/etc/keepalived/check_haproxy.sh": "#!/bin/sh\nexit 0\n"]
        ).imported
        expectFaithful(imported)
        #expect(try imported.cluster.keepalived?.scripts.map(\.isOwn) == [true])
    }

    // MARK: - Refusals

    @Test func `what the nodes do not agree on is refused with every place`() {
        let imported = Surveyed(
            instance(150),
            instance(150).replacing("virtual_router_id 51", with: "virtual_router_id 52")
                .replacing("113.50/24", with: "113.51/24")
        ).imported
        let texts = imported.refusals.map(\.description)
        #expect(texts.contains { $0.contains("router ids") && $0.contains("lb1:\(conf):4, lb2:\(conf):4") })
        #expect(texts.contains { $0.contains("priority 150") && $0.contains("lb2:\(conf):5") })
        #expect(texts.contains { $0.hasPrefix("lb2:\(conf):8") && $0.contains("203.0.113.51/24") })
        #expect(texts.contains { $0.hasPrefix("lb1:\(conf):8") && $0.contains("203.0.113.50/24") })
    }

    @Test func `passwords that differ are refused and not shown`() {
        func password(_ text: String) -> String {
            "    authentication {\n        auth_type PASS\n        auth_pass \(text)\n    }"
        }
        let imported = Surveyed(instance(150, password("hunter22")), instance(100, password("hunter23")))
            .imported
        #expect(imported.refusals.contains { $0.text.contains("authentication of `VI_1` differs") })
        #expect(!imported.refusals.contains { "\($0)".contains("hunter") })
    }

    @Test func `priority 255, an instance on one node only and arguments that differ are refused`() {
        var surveyed = Surveyed()
        surveyed.add(
            "lb1", address: "198.51.100.11",
            [conf: instance(255), "/etc/default/keepalived": "DAEMON_ARGS=\"--vrrp\"\n"])
        surveyed.add(
            "lb2", address: "198.51.100.12",
            [
                conf: instance(100)
                    + instance(90).replacing("VI_1", with: "VI_2").replacing("51", with: "52"),
                "/etc/default/keepalived": "DAEMON_ARGS=\"\"\nFOO=bar\n",
            ])
        let texts = surveyed.imported.refusals.map(\.description)
        #expect(texts.contains { $0.hasPrefix("lb1:\(conf):5: priority 255") })
        #expect(texts.contains { $0.hasPrefix("lb2:\(conf):12: `vrrp_instance VI_2` is missing on lb1") })
        #expect(texts.contains { $0.contains("arguments differ") })
        #expect(texts.contains { $0.hasPrefix("lb2:/etc/default/keepalived:2: `FOO=bar`") })
    }

    @Test func `a line that keepalived skips is dropped and told of`() {
        let imported = Surveyed(
            instance(150, "    vrrp_skip_check_adv_addr"), instance(100, "    vrrp_skip_check_adv_addr")
        ).imported
        expectFaithful(imported)
        #expect(imported.dropped.map(\.places.first?.line) == [10, 10])
    }
}
