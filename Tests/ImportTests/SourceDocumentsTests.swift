import Import
import Inventory
import Remote
import Testing

/// Configurations out of published instructions, mistakes included.
@Suite struct SourceDocumentsTests {
    @Test func `nodes whose interfaces have other names, SLAVE for BACKUP, and a password that is too long`()
        throws
    {
        func node(_ interface: String, _ state: String, _ priority: Int) -> String {
            """
            # \(interface) interface failover definition
            vrrp_instance VI_1 {
             \(state)
             priority \(priority)
             interface \(interface)
             virtual_router_id 1
             authentication {
              auth_type PASS
              auth_pass super_secret_password_here
             }
             virtual_ipaddress {
              192.168.0.20/24 dev \(interface)
             }
             track_interface {
              # not necessary here
              \(interface)
             }
            }

            """
        }
        let imported = Surveyed(
            node("enp0s8", "state MASTER", 100), node("enp0s9", "state SLAVE", 50),
            others: ["/etc/default/keepalived": "# Options to pass to keepalived\nDAEMON_ARGS=\"--vrrp\"\n"]
        ).imported
        #expect(imported.refusals.map(\.description) == [], "\(imported.inventory)")
        let cluster = try imported.cluster
        let settings = try #require(cluster.keepalived)
        #expect(
            cluster.nodes.map { settings.interface(of: settings.instances[0], on: $0) } == [
                "enp0s8", "enp0s9",
            ])
        #expect(settings.instances[0].addresses.map(\.interface) == [nil])
        // keepalived compares eight bytes.
        #expect(imported.secrets.first?.value.revealed == "super_se")
        #expect(settings.options == "--vrrp")
    }

    private func labelled(_ state: String, _ priority: Int) -> String {
        """
        vrrp_instance VI_1 {
        state \(state)
        interface eth0
        virtual_router_id 51
        priority \(priority)
        track_interface {
        eth1
        }
        virtual_ipaddress {
        192.168.122.50/24 brd 192.168.122.255 dev eth1 label eth1:0
        }
        }

        """
    }

    @Test func `equal priorities are refused where they stand`() {
        let imported = Surveyed(labelled("MASTER", 101), labelled("BACKUP", 101)).imported
        #expect(
            imported.refusals.contains {
                $0.text.contains("priority 101") && $0.places.map(\.line) == [5, 5]
            })
    }

    @Test func `labels and broadcast addresses come along`() throws {
        let imported = Surveyed(labelled("MASTER", 102), labelled("BACKUP", 101)).imported
        #expect(imported.refusals.map(\.description) == [], "\(imported.inventory)")
        #expect(
            try imported.rendered()[0].contains(
                "192.168.122.50/24 dev eth1 label eth1:0 brd 192.168.122.255"))
    }

    @Test func `a block pasted in twice is text that keepalived skips`() {
        let pasted =
            labelled("MASTER", 102) + labelled("MASTER", 102).replacing("vrrp_instance VI_1 {\n", with: "")
        let imported = Surveyed(pasted, labelled("BACKUP", 101)).imported
        #expect(imported.refusals.map(\.description) == [], "\(imported.inventory)")
        #expect(!imported.dropped.isEmpty)
    }

    private func apiserver(_ state: String, _ priority: Int) -> String {
        """
        global_defs {
        router_id LVS_DEVEL
        script_user root
        enable_script_security

        }
        vrrp_script check_apiserver {
          script "/etc/keepalived/check_apiserver.sh"
          interval 3
          weight -2
          fall 10
          rise 2
        }

        vrrp_instance VI_1 {
            state \(state)
            interface enp1s0
            virtual_router_id 51
            priority \(priority)
            authentication {
            auth_type PASS
            auth_pass mypass
            }
            virtual_ipaddress {
                192.168.122.211/24
            }
            track_script {
                check_apiserver
            }
            notify_master "/etc/keepalived/status_capture.sh MASTER"
            notify_backup "/etc/keepalived/status_capture.sh BACKUP"
            notify_fault  "/etc/keepalived/status_capture.sh FAULT"
        }

        """
    }

    private static let haproxy = """
        defaults
          mode tcp
          timeout connect 10s
          timeout client 30s
          timeout server 30s

        frontend apiserver
          #You can either bind only the VIP by using "bind VIP:80" OR "bind *:80" to forward all the HTTP traffic.
          bind 192.168.122.211:80
          mode tcp
          option tcplog
          log 127.0.0.1 local0
          default_backend apiserver

        backend apiserver
          mode tcp
          balance     roundrobin
          # In real world, you will find tcp-check for performing a more resiliant check
          server backend-1 192.168.122.112:80  check
          server backend-2 192.168.122.197:80 check

        """

    @Test func `the owner's priority is refused, the same pair below it is imported with its haproxy`() throws
    {
        let others = ["/etc/haproxy/haproxy.cfg": Self.haproxy]
        let owner = Surveyed(apiserver("MASTER", 255), apiserver("BACKUP", 254), others: others).imported
        #expect(owner.refusals.contains { $0.text.contains("priority 255") && $0.places.first?.line == 19 })

        let imported = Surveyed(apiserver("MASTER", 254), apiserver("BACKUP", 253), others: others).imported
        #expect(imported.refusals.map(\.description) == [], "\(imported.inventory)")
        let cluster = try imported.cluster
        #expect(cluster.keepalived?.extraGlobal == "router_id LVS_DEVEL\n")
        #expect(cluster.keepalived?.instances[0].extra?.contains("notify_fault") == true)
        #expect(cluster.haproxy?.backends.map(\.check) == [.tcp])
        #expect(cluster.haproxy?.frontends.first?.extra == "option tcplog\nlog 127.0.0.1 local0\n")
    }

    @Test func `a router id with a comma behind it keeps the pair from running, and from being imported`() {
        func node(_ own: Int, _ peer: Int, _ priority: Int) -> String {
            """
            global_defs {
            	vrrp_check_unicast_src
            	}

            vrrp_script check_things {
            	script "/path/to/script.sh"
            	interval 2
            	weight 2
            	}

            vrrp_instance cluster {
            	interface eth0
            	virtual_router_id 1,
            	unicast_src_ip 10.201.36.\(own)		my IP
            	unicast_peer {
            		10.201.36.\(peer)
            		}
            	priority \(priority)
            	nopreempt
            	virtual_ipaddress_excluded {
            		10.201.36.14
            		}
            	track_script {
            		check_things
            		}

            	notify "/usr/local/sbin/keepalived_state.sh"
            	notify_stop "/usr/local/sbin/keepalived_state.sh unknown_type unknown_name STOPPED"
            	}

            """
        }
        let imported = Surveyed(node(9, 8, 102), node(8, 9, 101)).imported
        #expect(!imported.isFaithful)
        #expect(
            imported.refusals.contains {
                $0.text.contains("virtual_router_id") || $0.text.contains("router id")
            })
    }
}
