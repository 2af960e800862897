import Addresses
import Facts
import Inventory
import Remote
import Rendering
import Testing

@testable import Import

/// Scripts that come along with their text, and those that cannot.
@Suite struct FilesImportTests {
    private func conf(_ priority: Int, _ lines: String = "") -> String {
        """
        vrrp_script check {
            script "/usr/local/bin/check.sh web"
            interval 2
        }
        vrrp_instance VI_1 {
            state BACKUP
            interface eth0
            virtual_router_id 51
            priority \(priority)
            virtual_ipaddress {
                203.0.113.50/24
            }
            track_script {
                check
            }
            \(lines)
        }

        """
    }

    private func script(_ text: String, mode: Int = 0o755, owner: String = "root:root") -> FileState {
        FileState(kind: .regular, mode: mode, owner: owner, contents: Array(text.utf8))
    }

    private func imported(
        _ first: [String: FileState], _ second: [String: FileState]? = nil, lines: String = "",
        others: [String: String] = [:]
    ) -> ImportedCluster {
        var surveyed = Surveyed()
        for (index, scripts) in [first, second ?? first].enumerated() {
            surveyed.add(
                "lb\(index + 1)", address: "198.51.100.1\(index + 1)",
                others.merging(["/etc/keepalived/keepalived.conf": conf(150 - 50 * index, lines)]) { $1 },
                scripts: scripts)
        }
        return surveyed.imported
    }

    private let path = "/usr/local/bin/check.sh"

    @Test(arguments: [
        "#!/bin/sh\nexit 0\n", "#!/bin/sh\nexit 0", "#!/bin/sh\n\tif true; then\n\t\t: \"a\\b\"; fi\n\n\n",
        "",
        "\n#!/bin/sh\n", "  leading\n", "#!/bin/sh\r\nexit 0\r\n",
        "#!/bin/sh\n# \u{1b}[1m \u{2028} \u{feff} é 😀\n",
        "#!/bin/sh\n# trailing blanks   \n  x: y # no comment\n- item\n...\n---\n",
    ])
    func `a script comes along byte for byte`(text: String) throws {
        let imported = imported([path: script(text)])
        #expect(imported.refusals == [])
        let cluster = try imported.cluster
        #expect(cluster.files.map(\.contents) == [Array(text.utf8)])
        #expect(cluster.files.map(\.mode) == [0o755])
        #expect(imported.additions.contains { $0.text.hasPrefix("`/var/lib/haops/manifest`") })
    }

    @Test func `owner and mode come along, and a node's own text stays its own`() throws {
        let imported = imported(
            [path: script("#!/bin/sh\n# one\n", mode: 0o750, owner: "root:adm")],
            [path: script("#!/bin/sh\n# two\n")])
        #expect(imported.refusals == [])
        let cluster = try imported.cluster
        #expect(cluster.files == [])
        #expect(
            cluster.nodes.map { cluster.files(on: $0).map { "\($0.owner) \(String($0.mode, radix: 8))" } }
                == [
                    ["root:adm 750"], ["root:root 755"],
                ])
    }

    @Test(arguments: [
        (FileState(kind: .regular, mode: 0o755, contents: [0x7F, 0x45, 0x4C, 0x46, 0xFF]), "it is not text"),
        (
            FileState(kind: .regular, mode: 0o755, contents: [UInt8](repeating: 35, count: (1 << 20) + 1)),
            "it is larger than 1024 KiB"
        ),
        (FileState(kind: .other("symbolic link")), "it is a symbolic link"),
        (
            FileState(kind: .regular, mode: 0o4755, contents: []),
            "its mode 4755 is one that haops does not ship"
        ),
        (
            FileState(kind: .regular, mode: 0o755, owner: "UNKNOWN:root", contents: []),
            "its owner UNKNOWN:root has no name"
        ),
        (
            FileState(
                kind: .regular, mode: 0o755,
                contents: Array("#!/bin/sh\nmysqladmin --password=Hunter22 ping\n".utf8)),
            "it looks as if a secret stood in it, and an inventory holds none"
        ),
    ])
    func `what cannot come along is named, and the rest does`(state: FileState, why: String) throws {
        let imported = imported([path: state])
        #expect(imported.refusals == [])
        #expect(try imported.cluster.files == [])
        #expect(
            imported.notes.map(\.text).filter { $0.contains("not imported") } == [
                "not imported: \(why)", "not imported: \(why)",
            ])
        #expect(!imported.inventory.contains("Hunter22"))
    }

    @Test func `a file that nothing runs does not come along`() throws {
        let imported = imported([
            path: script("#!/bin/sh\n"), "/etc/passwd": script("root:x:0:0\n", mode: 0o644),
        ])
        #expect(try imported.cluster.files.map(\.path) == [path])
    }

    @Test(arguments: [("control-group", true), ("process", true), ("mixed", false)])
    func `what the service gets for scripts of a stop is told where it has not got it`(
        killMode: String, isAdded: Bool
    ) throws {
        var surveyed = Surveyed()
        for (index, name) in ["lb1", "lb2"].enumerated() {
            surveyed.add(
                name, address: "198.51.100.1\(index + 1)",
                ["/etc/keepalived/keepalived.conf": conf(150 - 50 * index, "notify_stop \"/opt/stop.sh\"")],
                killMode: killMode)
        }
        let imported = surveyed.imported
        #expect(imported.refusals == [])
        #expect(try imported.cluster.keepalived?.startsScriptsAsItStops == true)
        let told = imported.additions.filter { $0.text.contains(NodePaths.keepalivedService) }
        #expect(told.flatMap(\.places).count == (isAdded ? 2 : 0), "\(imported.additions)")
    }

    @Test func `what haops shipped before comes along, with what its notify script runs`() throws {
        var topology = Cluster(
            name: "main", nodes: [Node(id: HostID("lb1"), target: SSHTarget(id: HostID("lb1"), host: "x"))])
        let cidr = try #require(CIDR("203.0.113.50/24"))
        let map = ShippedFile(
            path: "/etc/haproxy/a.map", contents: Array("a b\n".utf8), onChange: .reloadHAProxy)
        topology.files = [map, ShippedFile(path: "/opt/own.sh", contents: Array("#!/bin/sh\n".utf8))]
        topology.keepalived = KeepalivedSettings(
            interface: "eth0",
            notify: NotifySettings(
                hooks: [.master: ["/opt/own.sh"], .fault: ["/opt/their.sh"]], directory: "/opt/d", timeout: 3),
            instances: [
                VRRPInstance(
                    name: "VI_1", routerID: 51, addresses: [VirtualAddress(cidr: cidr)],
                    preferred: HostID("lb1"), priorities: [HostID("lb1"): 150])
            ])
        let files = try render(topology) { _ in nil }[0].files
        func contents(_ path: String) throws -> [UInt8] {
            try #require(files.first { $0.path == path }).contents
        }
        let notify = String(decoding: try contents(NodePaths.notifyScript), as: UTF8.self)
        let imported = imported(
            [
                path: script("#!/bin/sh\n"), "/opt/own.sh": script("#!/bin/sh\n"),
                "/opt/d/10": script("#!/bin/sh\n# in the directory\n"),
                "/etc/haproxy/a.map": script("a b\n", mode: 0o644),
                NodePaths.notifyScript: script(notify),
                NodePaths.manifest: FileState(
                    kind: .regular, mode: 0o600, contents: try contents(NodePaths.manifest)),
            ], lines: "notify \"\(NodePaths.notifyScript)\"", others: [NodePaths.notifyScript: notify])
        #expect(imported.refusals == [])
        let cluster = try imported.cluster
        #expect(cluster.keepalived?.notify == topology.keepalived?.notify)
        #expect(
            cluster.files.map(\.path) == ["/etc/haproxy/a.map", "/opt/d/10", "/opt/own.sh", path])
        #expect(cluster.files.first?.onChange == .reloadHAProxy)
    }
}
