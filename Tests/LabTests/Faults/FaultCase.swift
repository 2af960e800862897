import FoundationEssentials
import Glibc
import HaopsTestSupport
import Testing

/// One cell of the matrix: what haops is doing, what goes wrong, and at which of its steps.
struct FaultCase: Hashable, Sendable, CustomTestStringConvertible {
    var scenario: FaultScenario
    /// `nil` where nothing goes wrong, so that the scenario itself is proven.
    var fault: InjectedFault?
    var step: AnnouncedStep?

    /// `apply-haproxy/kill-9/change:lb1`.
    var name: String {
        [scenario.rawValue, fault?.name ?? "none", step.map { "\($0)" } ?? "whole"].joined(separator: "/")
    }
    var testDescription: String { name }

    /// The node that the fault hits.
    var node: String { step?.node ?? scenario.mainNode }

    /// Every scenario without a fault, and each fault at every so-manieth of its steps. Faults and scenarios begin at different
    /// steps, so that all steps are met.
    static let all: [FaultCase] = {
        var cases: [FaultCase] = []
        for (index, scenario) in FaultScenario.allCases.enumerated() {
            cases.append(FaultCase(scenario: scenario))
            for (number, fault) in InjectedFault.all.enumerated() {
                let steps = scenario.steps.filter { fault.fits(scenario, $0) }
                for (position, step) in steps.enumerated()
                where (position + number + index).isMultiple(of: fault.stride) {
                    cases.append(FaultCase(scenario: scenario, fault: fault, step: step))
                }
            }
        }
        return cases
    }()

    /// The case of this name, also one that the matrix leaves out; `nil` where scenario, fault or step are not known.
    init?(named name: String) {
        let parts = name.split(separator: "/").map(String.init)
        guard parts.count == 3, let scenario = FaultScenario(rawValue: parts[0]) else { return nil }
        self.scenario = scenario
        guard parts[1] != "none" else { return }
        guard let fault = InjectedFault.all.first(where: { $0.name == parts[1] }),
            scenario.steps.contains(AnnouncedStep(parts[2]))
        else { return nil }
        self.fault = fault
        step = AnnouncedStep(parts[2])
    }

    init(scenario: FaultScenario, fault: InjectedFault? = nil, step: AnnouncedStep? = nil) {
        self.scenario = scenario
        self.fault = fault
        self.step = step
    }

    /// The cases of this run: those whose names match `$HAOPS_FAULTS` (names, `*`, separated by spaces), or the sample, in the order
    /// that the seed gives.
    static func selected(seed: UInt64) -> [FaultCase] {
        let wanted = ProcessInfo.processInfo.environment["HAOPS_FAULTS"] ?? ""
        let patterns = wanted.split(separator: " ").map(String.init)
        guard !patterns.isEmpty else { return sample }
        var generator = SeededGenerator(seed: seed)
        let named = patterns.compactMap(FaultCase.init(named:))
        return
            (named
            + all.filter { one in
                !named.contains(one) && patterns.contains { unsafe fnmatch($0, one.name, 0) == 0 }
            }).shuffled(using: &generator)
    }

    /// What `make test` runs: short ones that together meet every scenario and most kinds of faults.
    static let sample = [
        "apply-haproxy/kill-9/change:lb1", "apply-haproxy/int/change:lb2",
        "apply-haproxy/haproxy-refuses/stage:lb2", "apply-haproxy/disk-full/verify:lb2",
        "apply-restart/kill-9/hand-over:lb1", "apply-restart/keepalived-crashes/stage:lb2",
        "apply-restart/ssh-sessions-killed/change:lb2", "apply-firewall/etc-read-only/change:lb2",
        "apply-firewall/kill-9/confirm:lb1", "apply-firewall/int-twice/verify:lb2",
        "apply-together/kill-9/confirm:lb2", "apply-together/ssh-reset/change:lb1",
        "apply-together/power-cut-and-back/verify", "apply-install/package-lock-5s/stage:lb2",
        "apply-install/ip-rubbish/lock", "restart/kill-9/give-back:lb1", "restart/sudo-asks/validate:lb1",
        "switchover/kill-9/hand-over:lb2", "switchover/second-controller/lock", "switchover/hup/verify",
        "release/term/hand-over:lb2", "release/systemctl-fails/lock", "fix/kill-9/change:lb1",
        "rollback/kill-9/change:lb1", "drill/kill-9/make-failure:lb1",
    ].compactMap(FaultCase.init(named:))
}

/// Numbers that follow from a seed alone (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
