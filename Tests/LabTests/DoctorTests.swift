import Checks
import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// That doctor names the cause of what is really broken, and nothing else; and is silent where all is well.
    @Suite struct DoctorTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        @Test(arguments: DoctorScenario.causes)
        func `names the cause and nothing else`(scenario: DoctorScenario) async throws {
            let answer = try await examine(scenario)
            let errors = answer.findings.filter { $0.severity == "error" }.map(\.id)
            #expect(Set(errors) == [scenario.cause?.rawValue ?? ""], "\(answer.text)")
            #expect(answer.status == .code(5))
        }

        @Test(arguments: DoctorScenario.allWarnings)
        func `warns of what does no harm yet`(scenario: DoctorScenario) async throws {
            let answer = try await examine(scenario)
            #expect(answer.findings.map(\.id) == [scenario.cause?.rawValue ?? ""], "\(answer.text)")
            #expect(answer.findings.map(\.severity) == ["warning"])
            #expect(answer.status == .code(scenario.cause == .nodeUnreachable ? 4 : 0))
        }

        @Test(arguments: DoctorScenario.healthy)
        func `says nothing of clusters that are well`(scenario: DoctorScenario) async throws {
            let answer = try await examine(scenario) { nodes in
                // Nor does lint find an error in what is on their nodes.
                let linted = try await lab.haops(["lint", "--ssh-config", lab.sshConfig, "--nodes", nodes])
                #expect(linted.status == .code(0), "\(linted.text)\(linted.errorText)")
                // And fix touches nothing.
                let fixed = try await lab.haops(
                    ["fix", "--yes", "--ssh-config", lab.sshConfig, "--nodes", nodes])
                #expect(fixed.status == .code(0) && fixed.text.contains("nothing to fix"), "\(fixed.text)")
            }
            #expect(answer.findings.map(\.id) == [], "\(answer.text)")
            #expect(answer.status == .code(0))
        }

        private struct Answer {
            var findings: [FindingsAnswer.Finding]
            var status: Remote.ExitStatus
            var text: String
        }

        /// - `more`: what else is asked while the scenario stands, with its nodes as `--nodes` takes them.
        private func examine(
            _ scenario: DoctorScenario, and more: (_ nodes: String) async throws -> Void = { _ in }
        ) async throws -> Answer {
            let pair = try await scenario.make(on: lab)

            let nodes = pair.nodes.keys.sorted()
            var arguments = ["doctor", "-o", "json", "--ssh-config", lab.sshConfig]
            if scenario.hasObserver {
                let path = lab.state + "/doctor.yaml"
                try DoctorScenario.inventory(nodes).write(toFile: path, atomically: true, encoding: .utf8)
                arguments += ["--inventory", path]
            } else {
                let hosts = scenario.asksOverIPv6 ? nodes.map { "2001:db8:51::1\($0.dropFirst(2))" } : nodes
                arguments += ["--nodes", hosts.map { "root@\($0)" }.joined(separator: ",")]
            }
            let began = ContinuousClock.now
            let output = try await lab.haops(arguments)
            let took = ContinuousClock.now - began
            try await more(nodes.map { "root@\($0)" }.joined(separator: ","))
            try await scenario.mend(lab)
            let document = try FindingsAnswer(output)
            try record(scenario, document.findings, took)
            return Answer(
                findings: document.findings, status: output.status, text: output.text + output.errorText)
        }

        /// A line for the table of docs/Doctor.md, in the file that `make test-doctor` names.
        private func record(
            _ scenario: DoctorScenario, _ findings: [FindingsAnswer.Finding], _ took: Duration
        )
            throws
        {
            guard let path = ProcessInfo.processInfo.environment["HAOPS_DOCTOR_TABLE"] else { return }
            let errors = findings.filter { $0.severity == "error" }
            // Some causes are warnings.
            let isFound =
                scenario.cause.map { cause in findings.contains { $0.id == cause.rawValue } } ?? true
            let alarms =
                scenario.cause == nil ? findings.count : errors.count { $0.id != scenario.cause?.rawValue }
            let tenths = took.components.seconds * 10 + took.components.attoseconds / 100_000_000_000_000_000
            let line = [scenario.title, isFound ? "yes" : "no", "\(alarms)", "\(tenths / 10).\(tenths % 10)"]
                .joined(separator: "\t")
            let previous = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            try (previous + line + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        }
    }
}
