/// A pair of load balancers as somebody has set them up without haops: what tests take over.
package struct AdoptedPair: Sendable, CustomStringConvertible {
    package var name: String
    /// keepalived.conf of `lb1` and `lb2`.
    package var first: String
    package var second: String
    /// haproxy.cfg of both; `nil` without haproxy.
    package var haproxy: String?
    /// Other files of both, by path.
    package var others: [String: String] = [:]

    package var description: String { name }

    /// - `instance`: lines of `VI_1` with `{prio}`, `{own}` and `{peer}` for what differs.
    private init(
        _ name: String, global: String = "", before: String = "", instance: String,
        vips: String = "203.0.113.50/24 dev eth1", after: String = "", haproxy: String? = nil,
        others: [String: String] = [:]
    ) {
        self.name = name
        let text = """
            \(global)
            \(before)
            vrrp_instance VI_1 {
                state BACKUP
                interface eth0
                virtual_router_id 51
                priority {prio}
                \(instance)
                virtual_ipaddress {
                    \(vips)
                }
            }
            \(after)

            """
        first = Self.filled(text, "150", "100", "11", "12")
        second = Self.filled(text, "100", "150", "12", "11")
        self.haproxy = haproxy
        self.others = others
    }

    private static func filled(
        _ text: String, _ priority: String, _ other: String, _ own: String, _ peer: String
    ) -> String {
        text.replacing("{prio}", with: priority).replacing("{other}", with: other)
            .replacing("{own}", with: own).replacing("{peer}", with: peer)
    }

    /// Every kind of configuration that is to be adopted without a change.
    package static let all: [AdoptedPair] = [
        AdoptedPair(
            "a plain password",
            instance: """
                authentication {
                    auth_type PASS
                    auth_pass abcd1234
                }
                """),
        AdoptedPair(
            "conditions and a definition",
            before: """
                @lb1 $INST=one
                @lb2 $INST=two
                vrrp_script chk {
                    script "/usr/bin/test ! -e /run/down.${INST}"
                    interval 2
                    fall 2
                    rise 2
                }
                """,
            instance: """
                track_script {
                    chk
                }
                """),
        AdoptedPair(
            "BFD",
            before: """
                bfd_instance peer1 {
                    neighbor_ip 198.51.100.{peer}
                    source_ip 198.51.100.{own}
                    min_tx 100
                    min_rx 100
                    max_hops 255
                }
                """,
            instance: """
                track_bfd {
                    peer1
                }
                """),
        AdoptedPair("an address outside its interface's networks", instance: "", vips: "203.0.113.50"),
        AdoptedPair(
            "VRRP version 3", global: "global_defs {\n    vrrp_version 3\n}", instance: "advert_int 0.2"),
        AdoptedPair(
            "unicast",
            instance: """
                unicast_src_ip 198.51.100.{own}
                unicast_peer {
                    198.51.100.{peer}
                }
                """),
        AdoptedPair(
            "unicast on two legs",
            instance: """
                unicast_src_ip 198.51.100.{own}
                unicast_peer {
                    198.51.100.{peer}
                }
                """,
            after: """
                vrrp_instance VI_2 {
                    state BACKUP
                    interface eth1
                    virtual_router_id 52
                    priority {prio}
                    unicast_src_ip 203.0.113.{own}
                    unicast_peer {
                        203.0.113.{peer}
                    }
                    virtual_ipaddress {
                        203.0.113.51/24
                    }
                }
                """),
        AdoptedPair(
            "IPv6", instance: "version 3\n    native_ipv6",
            vips: "fe80::50/64 dev eth1\n        2001:db8::50/64 dev eth1"),
        AdoptedPair(
            "a sync group",
            before: """
                vrrp_sync_group VG_1 {
                    group {
                        VI_1
                        VI_2
                    }
                }
                """,
            instance: "",
            after: """
                vrrp_instance VI_2 {
                    state BACKUP
                    interface eth1
                    virtual_router_id 52
                    priority {prio}
                    virtual_ipaddress {
                        203.0.113.51/24
                    }
                }
                """),
        AdoptedPair(
            "two instances, each with an owner of its own", instance: "garp_master_delay 1",
            after: """
                vrrp_instance VI_2 {
                    state BACKUP
                    interface eth0
                    virtual_router_id 52
                    priority {other}
                    virtual_ipaddress {
                        203.0.113.51/24 dev eth1
                    }
                }
                """),
        AdoptedPair(
            "globals, refresh and a name of its own",
            global: """
                global_defs {
                    router_id LVS_{own}
                    vrrp_garp_master_refresh 60
                    notification_email {
                        ops@example.net
                    }
                    smtp_server 127.0.0.1
                    enable_script_security
                    script_user root
                }
                """, instance: "nopreempt\n    advert_int 1"),
        AdoptedPair(
            "a script and a notify script of its own",
            global: "global_defs {\n    enable_script_security\n    script_user root\n}",
            before: """
                vrrp_script chk_haproxy {
                    script "/etc/keepalived/check_haproxy.sh"
                    interval 2
                    weight -60
                }
                """,
            instance: """
                track_script {
                    chk_haproxy
                }
                notify /etc/keepalived/state.sh
                """,
            haproxy: plainProxy,
            others: [
                "/etc/keepalived/check_haproxy.sh": "#!/bin/sh\npgrep -x haproxy >/dev/null\n",
                "/etc/keepalived/state.sh": "#!/bin/sh\necho \"$3\" >/run/state.own\n",
            ]),
        AdoptedPair(
            "haproxy with peers", instance: "",
            haproxy: plainProxy + """

                peers balancers
                    peer lb1 203.0.113.11:1024
                    peer lb2 203.0.113.12:1024

                listen sticky
                    bind :8081
                    stick-table type ip size 10k expire 10m peers balancers
                    stick on src
                    server web1 203.0.113.21:80 check

                """),
        AdoptedPair(
            "includes and a tracked process", global: "include conf.d/*.conf",
            instance: "track_interface {\n        eth1\n    }\n    track_process {\n        haproxy\n    }",
            haproxy: plainProxy,
            others: [
                "/etc/keepalived/conf.d/process.conf":
                    "vrrp_track_process haproxy {\n    process haproxy\n    weight 10\n}\n"
            ]),
        AdoptedPair(
            "routes and a virtual MAC's neighbour",
            instance: """
                virtual_routes {
                    192.0.2.0/24 via 203.0.113.5 dev eth1
                }
                virtual_ipaddress_excluded {
                    203.0.113.60/24 dev eth1
                }
                """),
    ]

    private static let plainProxy = """
        global
            maxconn 2000
        defaults
            mode http
            timeout connect 1s
            timeout client 5s
            timeout server 5s
        frontend web
            bind :80
            default_backend web
        backend web
            server web1 203.0.113.21:80 check
            server web2 203.0.113.22:80 check

        """
}
