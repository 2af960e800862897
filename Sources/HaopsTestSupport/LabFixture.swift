import FoundationEssentials
import Glibc
package import Remote
import Subprocess
package import Testing

/// The lab that runs on this machine, for tests: a thin wrapper of `lab/lab`.
///
/// Tests share the lab, so they belong into one serialized suite and call ``reset()`` first.
package struct LabFixture: Sendable {
    /// The lab's directory below `/run/haops-lab`: keys, addresses, consoles.
    package let state: String
    private let tool: String

    package enum Failure: Error, CustomStringConvertible {
        case notRunning(String)
        case failed(command: String, output: CommandOutput)
        case stillNot(String, after: Duration)

        package var description: String {
            switch self {
            case .notRunning(let reason): reason
            case .failed(let command, let output):
                "`\(command)`: \(output.status)\n\(output.text)\(output.errorText)"
            case .stillNot(let what, let limit): "after \(limit.brief), still not so: \(what)"
            }
        }
    }

    private static let environment = ProcessInfo.processInfo.environment

    /// The lab whose directory is in `$HAOPS_LAB`; `nil` when there is none or it is not up.
    package static let running: LabFixture? = {
        guard let state = environment["HAOPS_LAB"], !state.isEmpty,
            FileManager.default.fileExists(atPath: state + "/ready")
        else { return nil }
        return LabFixture(state: state, tool: project + "/lab/lab")
    }()

    /// The directory that holds `Package.swift`.
    package static let project = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// Whether a missing lab is a failure (`HAOPS_REQUIRE_LAB=1`, as in CI) or a reason to skip.
    package static let isRequired = environment["HAOPS_REQUIRE_LAB"] == "1"
    package static let reason = "needs a lab: `lab/lab up`, and its directory in HAOPS_LAB"

    /// The lab, in a test that has ``Testing/Trait/requiresLab``.
    ///
    /// - Throws: ``Failure/notRunning(_:)``.
    package static func get() throws -> LabFixture {
        guard let running else { throw Failure.notRunning(reason) }
        return running
    }

    /// The `haops` under test: `$HAOPS_BINARY`, or else the one that was built with these tests.
    package static let haops: String = {
        if let path = environment["HAOPS_BINARY"] { return path }
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().path + "/haops"
    }()

    package var name: String { String(state.split(separator: "/").last ?? "") }
    package var sshConfig: String { state + "/ssh_config" }
    package var key: String { state + "/id_ed25519" }
    package var knownHosts: String { state + "/known_hosts" }

    /// All machines, by kind: the client, balancers, backends.
    package var nodes: [String] {
        let text = (try? String(contentsOfFile: state + "/machines", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }
    package var balancers: [String] { nodes.filter { $0.hasPrefix("lb") } }
    package var backends: [String] { nodes.filter { $0.hasPrefix("web") } }

    // MARK: - Asking

    /// Runs a program in the control namespace, as an operator would.
    package func run(
        _ arguments: [String], input: [UInt8] = [], limit: Duration = .seconds(120)
    ) async throws -> CommandOutput {
        let output = try await lab(["run"] + arguments, input: input, limit: limit)
        // Whoever runs haops, however it is wrapped: its answer is one that its schema promises.
        if arguments.contains(Self.haops), case .code = output.status {
            DocumentSchema.judge(output.stdout, of: arguments)
        }
        return output
    }

    /// Runs the `haops` under test in the control namespace, with the lab's keys.
    package func haops(
        _ arguments: [String], input: [UInt8] = [], limit: Duration = .seconds(120)
    ) async throws -> CommandOutput {
        try await run([Self.haops] + arguments, input: input, limit: limit)
    }

    /// Writes a test's file, which is removed with the lab.
    ///
    /// - Returns: Its path, which is the same in the control namespace.
    package func scratch(_ name: String, _ contents: String) throws -> String {
        let directory = state + "/tests"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let path = "\(directory)/\(name)"
        try Data(contents.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Runs a shell script on a machine as root, over ssh; a connection that fails has the status 255.
    package func ssh(_ node: String, _ script: String, input: [UInt8] = []) async throws -> CommandOutput {
        try await lab(["ssh", node, script], input: input)
    }

    /// The same on the machine's console, without network and sshd, and ten times as fast: for preparations and
    /// checks.
    package func console(_ node: String, _ script: String, input: [UInt8] = []) async throws -> CommandOutput
    {
        try await lab(["console", node, "sh", "-c", script], input: input)
    }

    /// Puts a file onto a machine, its directory included.
    package func put(_ contents: String, at path: String, on node: String, mode: String = "644") async throws
    {
        let script = "install -D -m \(mode) /dev/stdin '\(path)'"
        try await expectSuccess(["console", node, "sh", "-c", script], input: Array(contents.utf8))
    }

    // MARK: - Breaking and mending

    /// Breaks something; returns once it is broken. `lab/lab faults` lists the names.
    package func fault(_ name: String, _ node: String) async throws {
        try await expectSuccess(["fault", name, node])
    }
    package func heal(_ name: String, _ node: String) async throws {
        try await expectSuccess(["heal", name, node])
    }
    /// The names of all faults.
    package func faultNames() async throws -> [String] {
        try await lab(["faults"], input: []).text.split(separator: "\n")
            .compactMap { $0.split(separator: " ").first.map(String.init) }
    }
    package func healAll() async throws { try await expectSuccess(["heal", "all"]) }

    /// Heals every fault and restores every balancer's initial state.
    package func reset() async throws { try await expectSuccess(["reset"]) }

    /// Cuts a machine's power and lets it boot again, its disk unchanged.
    package func reboot(_ node: String) async throws { try await expectSuccess(["reboot", node]) }

    // MARK: - Waiting

    /// Repeats a probe until it has an answer.
    ///
    /// - Throws: ``Failure/stillNot(_:after:)`` when `limit` has passed; whatever `probe` throws.
    @discardableResult
    package func eventually<Answer>(
        _ what: String, within limit: Duration = .seconds(20), _ probe: () async throws -> Answer?
    ) async throws -> Answer {
        let deadline = ContinuousClock.now + limit
        while true {
            if let answer = try await probe() { return answer }
            guard ContinuousClock.now < deadline else { throw Failure.stillNot(what, after: limit) }
            // A question of haops costs the lab half a second of a core.
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// Waits until a shell script succeeds on a machine, or in the `control` namespace.
    ///
    /// The machine itself repeats the script: a command of the lab for each try would keep a core busy. A machine that is away
    /// is asked again.
    package func eventually(_ script: String, on place: String, within limit: Duration = .seconds(20))
        async throws
    {
        let deadline = ContinuousClock.now + limit
        try await eventually("\(place): \(script)", within: limit) {
            let left = max(1, (deadline - ContinuousClock.now).components.seconds)
            let loop = [
                "sh", "-c",
                """
                read -r now _ </proc/uptime
                end=$((${now%.*} + $2))
                until sh -c "$1" </dev/null; do
                  read -r now _ </proc/uptime
                  [ "${now%.*}" -lt "$end" ] || exit 1
                  sleep 0.1
                done
                """, "sh", script, "\(left)",
            ]
            let arguments = place == "control" ? ["run"] + loop : ["console", place] + loop
            let output = try await lab(arguments, input: [], limit: limit + .seconds(60))
            return output.status.isSuccess ? true : nil
        }
    }

    // MARK: - lab/lab

    private func expectSuccess(_ arguments: [String], input: [UInt8] = []) async throws {
        let output = try await lab(arguments, input: input)
        guard output.status.isSuccess else {
            throw Failure.failed(command: "lab/lab " + arguments.joined(separator: " "), output: output)
        }
    }

    private func lab(
        _ arguments: [String], input: [UInt8], limit: Duration = .seconds(120)
    ) async throws -> CommandOutput {
        // A hanging command must not hang the test run: timeout(1) ends it with status 124.
        let result = try await Subprocess.run(
            .name("timeout"),
            arguments: Arguments(
                ["--kill-after=5", "\(limit.components.seconds)", tool, "--name", name] + arguments),
            input: .array(input), output: .bytes(limit: 256 << 20), error: .bytes(limit: 16 << 20))
        let status: Remote.ExitStatus =
            switch result.terminationStatus {
            case .exited(let code): .code(Int(code))
            case .signaled(let number): .signal("\(number)")
            }
        return CommandOutput(stdout: result.standardOutput, stderr: result.standardError, status: status)
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs the test where a lab is up, and skips it elsewhere; with `HAOPS_REQUIRE_LAB=1` it fails instead.
    package static var requiresLab: Self {
        .enabled("\(LabFixture.reason)") {
            if LabFixture.running == nil, LabFixture.isRequired {
                throw LabFixture.Failure.notRunning(LabFixture.reason)
            }
            return LabFixture.running != nil
        }
    }
}
