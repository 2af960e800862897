import Checks
import Testing

@testable import Rollout

struct DrillCaseTests {
    @Test func `every failure that ready foretells can be made, by the same name`() {
        let made = Set(DrillCase.allCases.map(\.rawValue))
        #expect(made.isSuperset(of: FailureCase.allCases.map(\.rawValue)))
        // Of these two the way down is foretold as that of `stop`.
        #expect(
            DrillCase.allCases.filter { $0.foretold != nil && $0.foretold?.rawValue != $0.rawValue } == [
                .reboot, .failback,
            ])
        #expect(DrillCase.allCases.filter { $0.foretold == nil } == [.freeze, .haproxyHang])
    }
}
