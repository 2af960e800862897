import Facts
import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

@testable import Rollout

/// A node that is a directory: where systemd is not, so that the armed revert waits in a process of its own.
final class ScratchNode: Sendable {
    let root: String
    private let transport: LocalTransport
    private let target = SSHTarget(id: HostID("lb1"), host: "lb1")

    init(shell: String = "sh") throws {
        root = FileManager.default.temporaryDirectory.path + "/haops-node-\(UUID().uuidString)"
        transport = LocalTransport(shell: shell)
        for directory in ["/var/lib/haops", "/etc", "/run"] {
            try FileManager.default.createDirectory(
                atPath: root + directory, withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func run(
        _ run: String, _ parts: [NodeScript.Part], _ values: [(name: String, value: String)] = [],
        input: String = "", setUp: String = "", arguments: [String] = []
    ) async throws -> CommandOutput {
        let context = NodeScript.Context(run: run, who: "ops@here", what: "apply", root: root)
        let script = NodeScript(context, parts, values)
        let given = arguments.isEmpty ? "" : "set -- \(arguments.joined(separator: " "))\n"
        let command = Command(
            given + script.text + "\n" + setUp, operation: "test", input: Array(input.utf8), changes: true
        )
        return try await transport.ask(target, command).get()
    }

    /// Arms a revert of `run` that would leave a mark, `seconds` from now.
    func arm(_ run: String, in seconds: Int = 600) async throws -> CommandOutput {
        let revert = "touch \(root)/reverted-\(run)\n"
        return try await self.run(
            run, [.arming], input: revert,
            // As a change does it: its shell does not end with the connection.
            setUp: "trap '' HUP INT TERM PIPE; arm \(seconds) \(revert.utf8.count) && journal changed")
    }

    /// What stands in a file below the node's root; `nil` when it is not there.
    func text(_ path: String) -> String? { try? String(contentsOfFile: root + path, encoding: .utf8) }

    func eventually(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !condition() {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    var isArmed: Bool { text("/var/lib/haops/armed/when") != nil }

    func stage(_ name: String) async throws -> CommandOutput {
        try await run(
            name, [.files, .arming, .stage],
            [("INDEX", ""), ("LIST", ""), ("NEED", "1"), ("RUN_LASTS", "300")])
    }

    private static let revert: [NodeScript.Part] = [.files, .services, .arming, .aside, .revert]

    func revert(_ name: String, claim: String = "haops") async throws -> CommandOutput {
        try await run(
            name, Self.revert,
            [("CLAIM", claim), ("HAPROXY_ACTION", "none"), ("KEEPALIVED_ACTION", "none")])
    }

    /// A backup of `run` with one file, whose new contents are in force.
    func keep(_ name: String, file: String) async throws {
        _ = try await run(
            name, [],
            setUp:
                "mkdir -p $state/sets/A/root\(file) $ROOT\(file); rmdir $state/sets/A/root\(file) $ROOT\(file); "
                + "echo old >$state/sets/A/root\(file); echo new >$ROOT\(file); "
                + "echo 'file 644 root:root haproxyConfig \(file)' >$state/sets/A/list; "
                + ": >$state/sets/A/sysctls; : >$state/sets/A/services")
    }

    func override(_ value: Int, expires: Int, before: Int = 0) async throws -> CommandOutput {
        try await run(
            "A", [.arming, .priorityOverride],
            [
                ("INSTANCE", "VI_1"), ("VALUE", "\(value)"), ("WHY", "test"), ("EXPIRES", "\(expires)"),
                ("BEFORE", "\(before)"),
            ])
    }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root + path) }

    func finish(_ name: String, judged: String) async throws -> CommandOutput {
        try await run(
            name, [.files, .arming, .finish], [("KEEP", "10"), ("OUTCOME", "x"), ("JUDGED", judged)])
    }
}
