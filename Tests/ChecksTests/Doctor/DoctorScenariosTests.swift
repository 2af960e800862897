import FoundationEssentials
import Testing

@testable import Checks

/// Each cause is made for real on the lab's machines.
struct DoctorScenariosTests {
    /// Causes that the scenarios' table does not have, and where the lab makes them instead.
    private static let excused: [DoctorID: String] = [
        .vipMachineAddress: "LoadedTests", .notifyFailed: "OwnScriptsTests",
        .haproxyMaxconn: "BackendsTests", .backendQueue: "BackendsTests", .backendRetries: "BackendsTests",
        .peersApart: "BackendsTests", .stickTableFull: "BackendsTests", .haproxyOldWorker: "BackendsTests",
    ]
    /// Causes that the lab does not make doctor name, and what tests them.
    /// keepalived hears of processes by the kernel's connector, which has no messages for the lab's containers.
    private static let unmade: [DoctorID: String] = [
        .runPending: "RootCausesTests", .faultProcess: "FaultReasonTests",
    ]

    private func text(_ path: String) throws -> String {
        let root = "/" + Corpus.folder.split(separator: "/").dropLast(2).joined(separator: "/")
        return String(
            decoding: try Data(contentsOf: URL(filePath: "\(root)/Tests/\(path).swift")), as: UTF8.self)
    }

    @Test func `every cause has a scenario, or a lab test of its own`() throws {
        let scenarios = try ["", "+Adverts", "+Answers", "+Checks", "+Standby", "+Daemons"]
            .map { try text("LabTests/DoctorScenarios\($0)") }.joined().filter { !$0.isWhitespace }
        for id in RootCauses.identifiers {
            let hasScenario = ["cause:.\(id)", "(.\(id)"].contains { start in
                scenarios.ranges(of: start).contains { range in
                    !(scenarios[range.upperBound...].first.map { $0.isLetter || $0.isNumber } ?? false)
                }
            }
            if let suite = Self.excused[id] {
                #expect(!hasScenario, "\(id) has a scenario: it needs no excuse")
                #expect(try text("LabTests/\(suite)").contains(id.rawValue), "\(suite) does not make \(id)")
            } else if let suite = Self.unmade[id] {
                #expect(!hasScenario, "\(id) has a scenario: it needs no excuse")
                #expect(try text("ChecksTests/Doctor/\(suite)").contains(id.rawValue), "\(id) is untested")
            } else {
                #expect(hasScenario, "\(id) has no scenario in Tests/LabTests/DoctorScenarios.swift")
            }
        }
    }
}
