import HAProxy
import HaopsTestSupport
import Remote
import Testing

@testable import Facts

/// The shell that finds paths in a haproxy.cfg knows at least those that the reader finds there.
@Suite struct HAProxyPathsTests {
    @Test func `the shell finds what the reader finds`() async throws {
        let scratch = try Scratch()
        let path = scratch.path("haproxy.cfg")
        let text = """
            global
            \tchroot\t/var/lib/haproxy # comment
              stats socket "/run/haproxy/admin.sock" mode 660\r
              stats  socket unix@/run/other/a.sock level admin
              stats socket ipv4@127.0.0.1:9999
              #stats socket /run/none/a.sock
              stats timeout 30s
            """
        try scratch.write(text + "\n", to: path)
        let output = try await LocalTransport().withSession(to: SSHTarget(id: HostID("here"), host: "here")) {
            try await $0.run(
                Command(HAProxyPaths.function + "\nhaproxy_paths \(path.shellQuoted)", operation: "read"))
        }
        let found = String(decoding: output.stdout, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(
            found == [
                "chroot /var/lib/haproxy", "socket /run/haproxy/admin.sock", "socket /run/other/a.sock",
            ])
        let needs = HAProxyConfiguration(path: path, bytes: Array(text.utf8)).neededDirectories
        #expect(needs.map(\.path) == ["/var/lib/haproxy", "/run/haproxy", "/run/other"])
    }
}
