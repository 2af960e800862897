import HaopsTestSupport
import Inventory
import Remote
import Survey
import Testing

/// What `--nodes` knows of a cluster: all that its daemons read, and nothing that is another node's.
struct LearnedClusterTests {
    private static let main = "/etc/keepalived/keepalived.conf"

    private static func instance(_ name: String, id: Int, priority: String = "priority 100") -> String {
        """
        vrrp_instance \(name) {
            interface eth0
            virtual_router_id \(id)
            \(priority)
            virtual_ipaddress {
                203.0.113.\(id)/24
            }
        }

        """
    }

    /// Two nodes, lb1 and lb2, with the same files and the same arguments of keepalived.
    private func learned(
        _ files: [String: String], arguments: [String] = []
    ) async throws -> KeepalivedSettings {
        let cluster = Cluster(
            name: "nodes",
            nodes: ["lb1", "lb2"].map {
                Node(id: HostID($0), target: SSHTarget(id: HostID($0), host: $0))
            })
        let told =
            arguments.isEmpty ? "" : "arguments \(arguments.count)\n" + arguments.map { $0 + "\n" }.joined()
        var machines: [String: ScriptedTransport.Machine] = [:]
        for name in ["lb1", "lb2"] {
            let text = ScriptedTransport.Machine.files(files)
            machines[name] = .says([
                "configuration-files": told + text,
                "files": ScriptedTransport.Machine.files(files.filter { $0.key == Self.main }),
                "system": "hostname=\(name).example.net\nnow=1",
            ])
        }
        let found = try await LearnedCluster.learn(
            cluster, in: SurveyContext(transport: ScriptedTransport(machines)))
        return try #require(found.keepalived)
    }

    @Test func `an instance in an included file is known`() async throws {
        let settings = try await learned([
            Self.main: Self.instance("VI_1", id: 51) + "include conf.d/*.conf\n",
            "/etc/keepalived/conf.d/two.conf": Self.instance("VI_2", id: 52),
        ])
        #expect(settings.instances.map(\.name) == ["VI_1", "VI_2"])
    }

    @Test func `the file that the daemon was told to read counts, and not the usual one`() async throws {
        let settings = try await learned(
            [
                Self.main: Self.instance("VI_1", id: 51),
                "/etc/keepalived/other.conf": Self.instance("VI_9", id: 59),
            ], arguments: ["/usr/sbin/keepalived", "-f", "/etc/keepalived/other.conf"])
        #expect(settings.instances.map(\.name) == ["VI_9"])
    }

    @Test func `lines for one node are told apart by the name that the daemon was given`() async throws {
        let file = Self.instance("VI_1", id: 51, priority: "@left priority 150\n    @lb1 priority 60")
        let byName = try await learned([Self.main: file])
        #expect(byName.instances.first?.priorities[HostID("lb1")] == 60)
        let byArgument = try await learned(
            [Self.main: file], arguments: ["/usr/sbin/keepalived", "-i", "left"])
        #expect(byArgument.instances.first?.priorities[HostID("lb1")] == 150)
    }

    @Test func `a node that cannot say what its keepalived reads is not a node without instances`() async {
        let cluster = Cluster(
            name: "nodes", nodes: [Node(id: "lb1", target: SSHTarget(id: "lb1", host: "lb1"))])
        await #expect(throws: SurveyError.self) {
            try await LearnedCluster.learn(
                cluster,
                in: SurveyContext(
                    transport: ScriptedTransport(["lb1": .says(["system": "hostname=lb1\nnow=1"])])))
        }
    }

    @Test func `timers that are not the first instance's are known, for gates and predictions`() async throws
    {
        func lines(_ more: String) -> String {
            Self.instance("VI_1", id: 51)
                + Self.instance("VI_2", id: 52).replacing("interface eth0", with: "interface eth0\n" + more)
        }
        let settings = try await learned([
            Self.main: lines("version 3\nadvert_int 0.05\ndown_timer_adverts 5\npreempt_delay 9")
        ])
        #expect(
            settings.instances.map(\.extra)
                == [nil, "version 3\nadvert_int 0.05\ndown_timer_adverts 5\npreempt_delay 9"])
    }
}
