import Addresses
import Checks
import Facts
import Inventory
import Remote
import Testing

@Suite struct ServedPortsTests {
    private let vip = IPAddress.v4(0xcb00_7132)

    private func node(_ configuration: String, runs: Bool, enabled: Bool = false) -> ProbeResult {
        var facts = HostFacts(host: "lb1")
        let file = FileState(kind: .regular, contents: Array(configuration.utf8))
        facts.set(
            ConfigurationFilesFact.self, to: ConfigurationEvidence(files: ["/etc/haproxy/haproxy.cfg": file]))
        facts.set(
            ServicesFact.self,
            to: ["haproxy": ServiceState(isRunning: runs, isEnabled: enabled, detail: "")])
        return .success(facts)
    }

    private let configuration = """
        defaults http
          mode http
        defaults
          mode tcp
        frontend plain from http
          bind 203.0.113.50:80,203.0.113.51:8080
          bind 203.0.113.50:443 ssl crt /etc/ssl/web.pem
        listen db
          bind :3306
          bind 203.0.113.50:7000-7010
          bind /run/web.sock
          bind 203.0.113.50:9000 namespace blue
        """

    @Test func `the ports of an address, and which of them speak plain HTTP`() {
        let ports = ServedPorts(of: [node(configuration, runs: true)])
        let wanted = [(80, true), (443, false), (3306, false)].map { ServedPort(number: $0, isHTTP: $1) }
        #expect(ports[vip] == wanted)
        #expect(ports[.v4(0xcb00_7133)].map(\.number) == [3306, 8080])
    }

    @Test func `a haproxy that nobody starts is to serve nothing`() {
        #expect(ServedPorts(of: [node(configuration, runs: false)])[vip].isEmpty)
        #expect(!ServedPorts(of: [node(configuration, runs: false, enabled: true)])[vip].isEmpty)
        let elsewhere = [node(configuration, runs: false), node("", runs: true)]
        #expect(!ServedPorts(of: elsewhere)[vip].isEmpty, "a peer uses it")
    }

    @Test func `an inventory's frontends say it of their own`() throws {
        let settings = HAProxySettings(
            frontends: [
                .init(
                    name: "web", binds: ["203.0.113.50:80", "[2001:db8::50]:443 ssl crt x"], mode: .http,
                    backend: "web")
            ], backends: [])
        let cluster = Cluster(name: "web", nodes: [], haproxy: settings)
        let ports = ServedPorts(of: cluster)
        #expect(ports[vip] == [ServedPort(number: 80, isHTTP: true)])
        #expect(ports[try #require(IPAddress("2001:db8::50"))] == [ServedPort(number: 443, isHTTP: false)])
    }
}
