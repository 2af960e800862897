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

        @Test(arguments: DoctorScenario.healthy)
        func `says nothing of clusters that are well`(scenario: DoctorScenario) async throws {
            let answer = try await examine(scenario)
            #expect(answer.findings.map(\.id) == [], "\(answer.text)")
            #expect(answer.status == .code(0))
            // Nor does lint find an error in what is on their nodes.
            let linted = try await lab.haops(
                ["lint", "--ssh-config", lab.sshConfig, "--nodes", answer.nodes])
            #expect(linted.status == .code(0), "\(linted.text)\(linted.errorText)")
        }

        private struct Document: Decodable {
            struct Finding: Decodable {
                var id: String
                var severity: String
            }
            var findings: [Finding]
        }

        private struct Answer {
            var findings: [Document.Finding]
            var status: Remote.ExitStatus
            var text: String
            /// As `--nodes` takes them.
            var nodes: String
        }

        private func examine(_ scenario: DoctorScenario) async throws -> Answer {
            var pair = DoctorPair()
            scenario.write(&pair)
            try await pair.start(on: lab)
            for (place, script) in scenario.stands { try await lab.eventually(script, on: place) }
            try await scenario.act(lab)
            for (place, script) in scenario.seen { try await lab.eventually(script, on: place) }

            let nodes = pair.nodes.keys.sorted()
            var arguments = ["doctor", "-o", "json", "--ssh-config", lab.sshConfig]
            if scenario.hasObserver {
                let path = lab.state + "/doctor.yaml"
                try DoctorScenario.inventory(nodes).write(toFile: path, atomically: true, encoding: .utf8)
                arguments += ["--inventory", path]
            } else {
                arguments += ["--nodes", nodes.map { "root@\($0)" }.joined(separator: ",")]
            }
            let began = ContinuousClock.now
            let output = try await lab.haops(arguments)
            let took = ContinuousClock.now - began
            try await scenario.mend(lab)
            let document = try JSONDecoder().decode(Document.self, from: Data(output.stdout))
            try record(scenario, document.findings, took)
            return Answer(
                findings: document.findings, status: output.status, text: output.text + output.errorText,
                nodes: nodes.map { "root@\($0)" }.joined(separator: ","))
        }

        /// A line for the table of docs/Doctor.md, in the file that `make test-doctor` names.
        private func record(_ scenario: DoctorScenario, _ findings: [Document.Finding], _ took: Duration)
            throws
        {
            guard let path = ProcessInfo.processInfo.environment["HAOPS_DOCTOR_TABLE"] else { return }
            let errors = findings.filter { $0.severity == "error" }
            let isFound = scenario.cause.map { cause in errors.contains { $0.id == cause.rawValue } } ?? true
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
