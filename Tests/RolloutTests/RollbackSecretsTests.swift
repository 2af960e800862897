import Facts
import HaopsTestSupport
import Inventory
import Remote
import Rendering
import Testing

@testable import Rollout

/// A rollback shows what comes back and what goes, and of the secrets in it neither.
@Suite struct RollbackSecretsTests {
    private static let path = "/etc/haproxy/haproxy.cfg"
    private static let run = "20261121T084349Z-k3x9f2"

    private func line(_ secret: String) -> String {
        "    http-request deny unless { req.hdr(X-Key) -m str \(secret) }\n"
    }

    @Test func `neither the secret that goes nor the one that comes back is shown`() async throws {
        let answer = ScriptedTransport.Machine.says([
            "haops": "set=\(Self.run) anna@ops apply\nfile=present 640 root:root haproxyConfig \(Self.path)",
            "files": ScriptedTransport.Machine.files([
                Self.path: "frontend web\n" + line("n3w-value") + "    mode http\n",
                "/var/lib/haops/sets/\(Self.run)/root\(Self.path)": "frontend web\n" + line("0ld-s3cret"),
            ]) + "absent \(NodePaths.manifest)\n",
        ])
        let rollout = Rollout(
            transport: ScriptedTransport(["lb1": answer, "lb2": answer]),
            operator: Operator(name: "anna@ops", processID: 1))
        let plan = try #require(
            try await rollout.planRollback(of: TestCluster.make(), secrets: [Secret("n3w-value")]))
        let changes = plan.nodes.flatMap(\.files)
        #expect(changes.count == 2)
        for change in changes {
            let text = change.diff.text(old: "a", new: "b")
            #expect(!text.contains("n3w-value") && !text.contains("0ld-s3cret"), "\(text)")
            #expect(
                text.contains("+    http-request deny unless { req.hdr(X-Key) -m str (secret, changed) }"))
            #expect(text.contains("-    mode http"))
        }
    }
}
