import FoundationEssentials
import HaopsTestSupport
import Testing

extension OnTheLab {
    /// The matrix of faults (docs/Reliability.md): haops at work, something goes wrong at one of its steps, and the addresses are
    /// served, the nodes are whole, and the next run ends clean.
    ///
    /// `make test` runs a fixed sample, `make test-faults` all of it. `HAOPS_FAULTS='apply-*/kill-9/*'` runs what these globs name.
    @Suite struct FaultMatrixTests {
        private static let seed =
            ProcessInfo.processInfo.environment["HAOPS_FAULT_SEED"].flatMap { UInt64($0) } ?? 1

        @Test func `the sample meets every scenario`() {
            #expect(FaultCase.sample.count == 25)
            #expect(Set(FaultCase.sample.map(\.scenario)) == Set(FaultScenario.allCases))
            #expect(FaultCase.all.count >= 300 && Set(FaultCase.all.map(\.name)).count == FaultCase.all.count)
            print("the matrix has \(FaultCase.all.count) cases, of \(InjectedFault.all.count) faults")
        }

        @Test(.timeLimit(.minutes(25)), arguments: FaultCase.selected(seed: seed))
        func `whatever goes wrong the addresses are served and the next run ends clean`(one: FaultCase)
            async throws
        {
            if let results = FaultResults.shared, !results.take(one.name) { return }
            let ground = try #require(FaultGround.shared)
            let result: FaultResult
            do {
                result = try await FaultTrial(one: one, ground: ground, seed: Self.seed).run()
            } catch {
                result = FaultResult(
                    name: one.name, violations: ["could not be made: \(error)"], exit: "-", silence: 0,
                    allowed: 0,
                    seconds: 0, delay: 0)
            }
            print("fault case (seed \(Self.seed)):\t\(result.line)")
            FaultResults.shared?.add(result)
            #expect(result.violations.isEmpty, "\(one.name): \(result.violations.joined(separator: "\n"))")
        }
    }
}
