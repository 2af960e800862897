import Addresses
import Testing

@testable import Keepalived

/// Reads a text as the configuration of one node.
func configuration(
    _ text: String, id: String = "lb1", version: KeepalivedVersion = .assumed
) -> Configuration {
    ConfigurationReader(path: "k.conf", bytes: Array(text.utf8), configID: id, version: version)
        .read(path: "k.conf")
}

@Suite struct ConfigurationTests {
    @Test func `an ordinary instance is read with its places`() throws {
        let result = configuration(
            """
            global_defs {
                router_id lb1
                enable_script_security
                script_user root
            }
            vrrp_script check_haproxy {
                script "/etc/keepalived/check.sh --all 'a b'"
                interval 2
                weight -60
                fall 2
                rise 2
            }
            vrrp_instance VI_1 {
                state MASTER
                interface eth0
                virtual_router_id 51
                priority 150
                advert_int 1
                authentication {
                    auth_type PASS
                    auth_pass s3cret
                }
                virtual_ipaddress {
                    203.0.113.50/24 brd 203.0.113.255 dev eth1 label eth1:0
                    203.0.113.51
                }
                track_script {
                    check_haproxy
                }
            }
            """)
        #expect(result.problems.isEmpty)
        #expect(result.diagnostics.isEmpty)
        let instance = try #require(result.instance(named: "VI_1"))
        #expect(instance.state.value == .master)
        #expect(instance.priority.value == 150)
        #expect(instance.priority.location?.description == "k.conf:17:14")
        #expect(instance.virtualRouterID?.value == 51)
        #expect(instance.version.value == 2)
        #expect(
            instance.addresses.map { "\($0.address)/\($0.prefixLength)" } == [
                "203.0.113.50/24", "203.0.113.51/32",
            ])
        #expect(instance.addresses[0].label == "eth1:0")
        #expect(instance.addresses[0].broadcast == .address(try #require(IPAddress("203.0.113.255"))))
        #expect(instance.multicastGroup?.value == IPAddress("224.0.0.18"))
        #expect(instance.trackScripts.map(\.weight) == [-60])
        #expect(instance.end?.line == 30)
        let script = try #require(result.script(named: "check_haproxy"))
        #expect(script.command?.arguments == ["/etc/keepalived/check.sh", "--all", "a b"])
        #expect(script.fall.value == 2)
    }

    @Test func `a password prints nowhere`() throws {
        let result = configuration(
            "vrrp_instance A {\nauthentication {\nauth_type PASS\nauth_pass tops3cret\n}\n}\n")
        let authentication = try #require(result.instances[0].authentication)
        #expect(authentication.value.secret.bytes == Array("tops3cre".utf8))
        var dumped = ""
        dump(authentication, to: &dumped)
        for text in ["\(authentication)", String(reflecting: authentication), dumped, "\(result.problems)"] {
            #expect(!text.contains("tops3cre"))
        }
    }

    @Test(arguments: [
        (KeepalivedVersion(1, 3, 5), 100, Instance.State.master), (KeepalivedVersion(2, 2, 7), 255, .master),
    ])
    func `state MASTER without priority is the owner since 2_0`(
        version: KeepalivedVersion, priority: Int, state: Instance.State
    ) {
        let instance = configuration("vrrp_instance A {\nstate MASTER\n}\n", version: version).instances[0]
        #expect(instance.priority.value == priority)
        #expect(instance.state.value == state)
    }

    @Test func `what contradicts itself is settled as keepalived settles it`() {
        let result = configuration(
            """
            vrrp_script a {
              script /bin/true
              weight -10
            }
            vrrp_instance A {
              state MASTER
              interface eth0
              virtual_router_id 51
              priority 255
              nopreempt
              preempt_delay 5
              version 3
              advert_int 1.234
              authentication {
                auth_type PASS
                auth_pass x
              }
              track_interface {
                eth0
              }
              track_script {
                a
              }
              unicast_src_ip 192.0.2.1
              virtual_ipaddress {
                192.0.2.9/24
                2001:db8::1
              }
            }
            """)
        let instance = result.instances[0]
        #expect(!instance.nopreempt.value)
        #expect(instance.preemptDelay.value == .zero)
        #expect(instance.authentication == nil)
        #expect(instance.advertInterval.value == .milliseconds(1230))
        #expect(instance.trackInterfaces.isEmpty)
        #expect(instance.trackScripts.isEmpty)
        #expect(!instance.isUnicast)
        #expect(instance.addresses.count == 1)
        #expect(
            Set(result.problems.map { "\($0.kind) \($0.keyword)" }) == [
                "reset nopreempt", "reset preempt_delay", "reset authentication", "reset advert_int",
                "reset track_interface", "reset track_script", "reset unicast_peer",
                "familyMismatch virtual_ipaddress",
            ])
    }

    @Test func `numbers with something glued on`() {
        let result = configuration(
            "vrrp_instance A {\ninterface eth0\nvirtual_router_id 51,\npriority 100;\nadvert_int 2s\nvirtual_ipaddress {\n192.0.2.1/24,\n}\n}\n"
        )
        let instance = result.instances[0]
        #expect(instance.virtualRouterID == nil)
        #expect(instance.priority.value == 100)
        #expect(instance.advertInterval.value == .seconds(2))
        #expect(
            result.problems.map { "\($0.kind) \($0.keyword) \($0.text)" } == [
                "required virtual_router_id ", "notANumber virtual_router_id 51,", "notANumber priority 100;",
                "notANumber advert_int 2s", "notANumber virtual_ipaddress 192.0.2.1/24,",
            ])
    }

    @Test func `a script that is defined further down does not exist`() {
        let result = configuration(
            "vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.1\n}\ntrack_script {\nlate\n}\n}\nvrrp_script late {\nscript /bin/true\n}\n"
        )
        #expect(result.problems.map(\.kind) == [.notFound, .unused])
    }

    @Test func `a second block of one name is skipped`() {
        let result = configuration(
            "vrrp_instance A {\npriority 1\n}\nvrrp_instance A {\npriority 2\n}\nvrrp_instance {\n}\n")
        #expect(result.instances.map(\.priority.value) == [1])
        #expect(result.problems.contains { $0.kind == .duplicateName })
        #expect(result.problems.contains { $0.kind == .nameMissing })
    }

    @Test func `the first IPv6 address makes the instance version 3`() {
        let instance = configuration(
            "vrrp_instance A {\nvirtual_ipaddress {\nfe80::1\n2001:db8::9/64\n}\n}\n"
        ).instances[0]
        #expect(instance.family == .ipv6)
        #expect(instance.version.value == 3)
        #expect(instance.multicastGroup?.value == IPAddress("ff02::12"))
    }

    @Test func `arguments outside quotes are not passed on`() {
        let result = configuration("vrrp_script a {\nscript /usr/bin/killall -0 haproxy\n}\n")
        #expect(result.scripts[0].command?.arguments == ["/usr/bin/killall"])
        #expect(result.scripts[0].command?.ignoredWords == ["-0", "haproxy"])
    }

    @Test func `a notify line takes a user and a group behind the script`() {
        let instance = configuration(
            "vrrp_instance A {\nnotify_master \"/x.sh MASTER\" root wheel\nnotify_master /y.sh\n}\n"
        ).instances[0]
        #expect(instance.notify.map(\.command.arguments) == [["/x.sh", "MASTER"]])
        #expect(instance.notify[0].user == ScriptUser(user: "root", group: "wheel"))
    }
}
