import FoundationEssentials
import HaopsTestSupport
import Testing

/// Texts that a shell, a template, a terminal or a path would take for something else, at every place of an inventory: either
/// `check` refuses them, or `render` writes them byte for byte, and nothing but what it shall.
///
/// `HAOPS_HOSTILE_TEXTS` says how many texts each place gets.
struct HostileInventoryTests {
    /// Where the text stands.
    enum Place: String, CaseIterable, Sendable {
        case node, cluster, instance, observer, frontend, backend, server, secret
        case filePath, fileText, fileOwner, fileSource
        case password, httpPath, serverOptions, script, label, user, daemonOptions, sysctl, package
        case interface, notify, addition, template

        var isPath: Bool { self == .httpPath || self == .script || self == .notify }

        /// Names become file names, words of configurations and arguments: only plain words are.
        var isName: Bool {
            switch self {
            case .node, .cluster, .instance, .observer, .frontend, .backend, .server, .secret, .package,
                .fileOwner:
                true
            default: false
            }
        }
    }

    /// `check` and `render` of a debug build take a tenth of a second each.
    private static let count =
        ProcessInfo.processInfo.environment["HAOPS_HOSTILE_TEXTS"].flatMap { Int($0) } ?? 8

    /// An inventory, quoted as YAML wants it, with a text at one place.
    private static func inventory(_ text: String, at place: Place) -> String {
        func value(_ here: Place, _ usual: String) -> String {
            HostileTexts.quoted(here == place ? text : usual)
        }
        let source =
            place == .fileSource ? "source: \(value(.fileSource, ""))" : "text: \(value(.fileText, "x"))"
        return """
            haops: 1
            ssh: { user: \(value(.user, "root")) }
            secrets: { \(value(.secret, "vrrp")): { command: [printf, "%s", \(value(.password, "lab1pass"))] } }
            clusters:
              \(value(.cluster, "web")):
                nodes:
                  \(value(.node, "lb1")): { address: 198.51.100.11, priority: 150 }
                  lb2: { address: 198.51.100.12, priority: 100 }
                observers: { \(value(.observer, "client")): { address: 198.51.100.5 } }
                files:
                  \(HostileTexts.quoted("/etc/haproxy/" + (place == .filePath ? text : "map"))): { \(source), owner: \(value(.fileOwner, "root:root")), template: \(place == .template) }
                keepalived:
                  interface: \(value(.interface, "eth0"))
                  auth_pass: { secret: \(value(.secret, "vrrp")) }
                  options: \(value(.daemonOptions, "--vrrp"))
                  scripts: { check: { run: \(value(.script, "/bin/true")), own: true, interval: 2, weight: -60 } }
                  notify: { master: [\(value(.notify, "/bin/true"))] }
                  instances:
                    \(value(.instance, "VI_1")):
                      router_id: 51
                      addresses: [{ vip: 203.0.113.50/24, interface: eth1, label: \(value(.label, "eth1:0")) }]
                      track_scripts: [check]
                  extra: { global_defs: \(value(.addition, "vrrp_garp_master_refresh 60")) }
                haproxy:
                  frontends: { \(value(.frontend, "web")): { bind: ["203.0.113.50:80"], mode: http, backend: \(value(.backend, "web")) } }
                  backends:
                    \(value(.backend, "web")):
                      mode: http
                      check: { http: \(value(.httpPath, "/")) }
                      servers: { \(value(.server, "web1")): { address: 203.0.113.21:80, options: \(value(.serverOptions, "backup")) } }
                sysctl: { \(value(.sysctl, "net.ipv4.ip_nonlocal_bind")): 1 }
                packages: [\(value(.package, "keepalived")), haproxy]

            """
    }

    @Test(arguments: Place.allCases)
    func `refused with a clear message, or written byte for byte and nothing else`(place: Place) async throws
    {
        let home = FileManager.default.temporaryDirectory.path + "/haops-hostile-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: home) }
        // A directory that nobody would choose.
        let directory = home + "/a 'b' \"c\" $(touch canary) %s *"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let canary = home + "/canary"
        var texts = HostileTexts(seed: UInt64(Place.allCases.firstIndex(of: place) ?? 0))
        var accepted = 0
        for number in 0..<Self.count {
            let text =
                switch number {
                // What would lead out of the directory, or be an option.
                case 0: "../../../../../../../../tmp/outside"
                case 1: "-x"
                case 2: place == .filePath ? "a\u{7f}b" : "$(touch \(canary))"
                // Of paths it is the rest that is to be tried.
                default: (place.isPath ? "/" : "") + texts.text(canary: canary)
                }
            let path = directory + "/haops.yaml"
            try Self.inventory(text, at: place).write(toFile: path, atomically: true, encoding: .utf8)
            let out = directory + "/out \(number)"
            let checked = try await Program.haops("check", "-i", path)
            let rendered = try await Program.haops("render", "--out", out, "-i", path)
            let situation =
                "\(place) \(HostileTexts.quoted(text)):\n\(checked.out)\(checked.err)\(rendered.err)"
            expectPlain(checked, situation)
            expectPlain(rendered, situation)
            #expect(!FileManager.default.fileExists(atPath: canary), "a shell has run \(situation)")
            if checked.exit == 0, place == .password, rendered.exit != 0 {
                // No command is run to check an inventory.
                #expect(rendered.exit == 64 && rendered.err.contains("hint: "), "\(situation)")
                #expect(!FileManager.default.fileExists(atPath: out), "\(situation)")
            } else if checked.exit == 0 {
                accepted += 1
                #expect(!place.isName || text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "\(situation)")
                #expect(rendered.exit == 0, "\(situation)")
                try expectWritten(text, at: place, below: out, situation)
            } else {
                #expect(checked.exit == 64 && rendered.exit != 0, "\(situation)")
                #expect(checked.err.contains(": error: ") && checked.err.contains("hint: "), "\(situation)")
                #expect(!FileManager.default.fileExists(atPath: out), "\(situation)")
            }
            try? FileManager.default.removeItem(atPath: out)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: directory) == ["haops.yaml"],
                "\(situation)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: home).count == 1, "\(situation)")
        }
        // Contents may be anything: otherwise the test would say nothing about them.
        if place == .fileText { #expect(accepted > Self.count / 2) }
    }

    /// Nothing but the program's own newlines steers a terminal.
    private func expectPlain(_ run: Program, _ situation: String) {
        let bad = (run.out + run.err).unicodeScalars.first {
            $0 != "\n" && $0 != "\t"
                && ($0.value < 32 || (0x7f...0x9f).contains($0.value) || (0x202a...0x202e).contains($0.value))
        }
        #expect(bad == nil, "\(situation)")
    }

    private static let usual = [
        "etc/default/keepalived", "etc/haproxy/haproxy.cfg", "etc/keepalived/haops-notify.sh",
        "etc/keepalived/keepalived.conf", "etc/sysctl.d/90-haops.conf", "var/lib/haops/manifest",
    ]

    private func expectWritten(_ text: String, at place: Place, below out: String, _ situation: String) throws
    {
        let nodes = try FileManager.default.contentsOfDirectory(atPath: out)
        #expect(Set(nodes) == [place == .node ? text : "lb1", "lb2"], "\(situation)")
        for node in nodes {
            let all = try FileManager.default.subpathsOfDirectory(atPath: "\(out)/\(node)")
            let files = all.filter { path in
                var isDirectory = false
                return FileManager.default.fileExists(
                    atPath: "\(out)/\(node)/\(path)", isDirectory: &isDirectory)
                    && !isDirectory
            }
            let shipped = "etc/haproxy/" + (place == .filePath ? text : "map")
            let others = Set(files).subtracting(
                Self.usual + [shipped, "etc/systemd/system/keepalived.service.d/90-haops.conf"])
            #expect(others.isEmpty && files.contains(shipped), "\(others) \(situation)")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(out)/\(node)/\(shipped)"))
            if place == .fileText { #expect(Array(bytes) == Array(text.utf8), "\(situation)") }
            let keepalived = try contents(out, node, "etc/keepalived/keepalived.conf")
            let haproxy = try contents(out, node, "etc/haproxy/haproxy.cfg")
            switch place {
            case .password: #expect(keepalived.contains("auth_pass \"\(text)\"\n"), "\(situation)")
            case .instance: #expect(keepalived.contains("vrrp_instance \(text) {"), "\(situation)")
            case .script: #expect(keepalived.contains(text), "\(situation)")
            case .httpPath, .serverOptions, .frontend, .backend, .server:
                #expect(haproxy.contains(text), "\(situation)")
            case .notify:
                #expect(
                    try contents(out, node, "etc/keepalived/haops-notify.sh").contains("MASTER \(text)\n"),
                    "\(situation)")
            default: break
            }
        }
    }

    private func contents(_ out: String, _ node: String, _ path: String) throws -> String {
        try String(contentsOfFile: "\(out)/\(node)/\(path)", encoding: .utf8)
    }
}
