import Addresses
import Testing

@testable import HAProxy

/// What the typed questions to a haproxy.cfg answer.
@Suite struct HAProxyMeaningTests {
    private func file(_ text: String) -> HAProxyConfiguration {
        HAProxyConfiguration(path: "haproxy.cfg", bytes: Array(text.utf8))
    }

    @Test(arguments: [
        ("203.0.113.50:80", "203.0.113.50", "80"), ("[2001:db8::50]:80", "2001:db8::50", "80"),
        ("2001:db8::50:80", "2001:db8::50", "80"), (":::80", "::", "80"), ("*:80", "*", "80"),
        (":80-89", "", "80-89"),
        ("ipv4@web1:80", "web1", "80"), ("[::1]", "::1", nil), ("web1", "web1", nil),
    ])
    func `a host ends before the last colon`(text: String, host: String, port: String?) {
        let address = HAProxyAddress(text)
        #expect(address?.host == host && address?.port == port && address?.text == text)
        #expect(address?.address == IPAddress(host))
    }

    @Test(arguments: ["/run/a.sock", "unix@/run/a.sock", "abns@web", "fd@3", "quic4@:443"])
    func `a socket without a stream over IP has no address`(text: String) {
        #expect(HAProxyAddress(text) == nil)
    }

    @Test func `binds and servers are found wherever they stand`() {
        let read = file(
            """
            listen both
            \tbind\t203.0.113.50:80,[2001:db8::50]:80,/run/x.sock transparent
              bind "${VIP}:81" namespace blue
              server web1 198.51.100.21:80 check
              server sock unix@/run/app.sock
            backend b
              server web2 [2001:db8::21]:80
              no server web3 198.51.100.23:80
            """)
        #expect(read.binds.map(\.text) == ["203.0.113.50:80", "[2001:db8::50]:80", "${VIP}:81"])
        #expect(read.binds.map(\.isTransparent) == [true, true, false])
        #expect(read.binds.map(\.isInNamespace) == [false, false, true])
        #expect(read.binds[1].section == "listen both" && read.binds[1].location.line == 2)
        #expect(read.servers.map(\.name) == ["web1", "web2"])
        #expect(
            read.servers.map(\.endpoint.address) == [IPAddress("198.51.100.21"), IPAddress("2001:db8::21")])
    }

    @Test(arguments: [
        ("frontend f\n\tbind\t:80", true), ("listen a", true), ("frontend f\n bind /run/x.sock", true),
        ("global\n daemon\nbackend b\n server bind :80", false), ("#frontend f\n# bind :80", false),
    ])
    func `whether it listens for anything`(text: String, expected: Bool) {
        #expect(file(text).isListening == expected)
    }

    @Test func `what the process needs stands in global`() {
        let read = file(
            """
            global
              chroot "/var/lib/ha proxy"
              stats socket unix@/run/haproxy/admin.sock mode 660
              stats socket ipv4@127.0.0.1:9999
              maxconn 100
            defaults
              maxconn 7
            global
              maxconn 200
            """)
        #expect(read.neededDirectories.map(\.path) == ["/var/lib/ha proxy", "/run/haproxy"])
        #expect(read.maxconn?.value == 200 && read.maxconn?.location.line == 9 && read.isStrictAboutLimits)
        #expect(file("global\n no strict-limits\n").isStrictAboutLimits == false)
        let prefixed = file("global\n stats socket /admin.sock\n unix-bind prefix /run user x\n")
        #expect(prefixed.neededDirectories.isEmpty)
    }

    @Test func `timeouts come from the defaults that a section names, else from the latest`() {
        let read = file(
            """
            defaults base
              timeout client 1s
            defaults full from base
              timeout connect 1s
              timeout server 1s
            defaults
              timeout connect 1s
            frontend a from full
            backend b from base
              server web1 192.0.2.1:80
            listen c
              server web1 192.0.2.1:80
            listen answers
              http-request return status 200
            frontend d
              timeout client 1s
            """)
        #expect(
            read.missingTimeouts.map { "\($0.section): \($0.timeouts.joined(separator: " "))" } == [
                "backend b from base: connect server", "listen c: client server", "listen answers: client",
            ])
    }
}
