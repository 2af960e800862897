import HaopsTestSupport

/// What haops is doing when something goes wrong.
enum FaultScenario: String, CaseIterable, Sendable {
    case applyHAProxy = "apply-haproxy"
    case applyRestart = "apply-restart"
    case applyFirewall = "apply-firewall"
    case applyTogether = "apply-together"
    case applyInstall = "apply-install"
    case restart, switchover, release, fix, rollback, drill

    /// The verb and its own words.
    var arguments: [String] {
        switch self {
        case .applyHAProxy, .applyRestart, .applyFirewall, .applyTogether, .applyInstall: ["apply"]
        case .restart: ["restart"]
        case .switchover: ["switchover", "--to", "lb2"]
        case .release: ["switchover", "--release"]
        case .fix: ["fix"]
        case .rollback: ["rollback"]
        case .drill: ["drill", "stop"]
        }
    }

    /// What an apply changes of the inventory in force; `nil` for verbs that change no inventory.
    var toggles: FaultVariant? {
        switch self {
        case .applyHAProxy, .rollback: .haproxy
        case .applyRestart: .options
        case .applyFirewall: .firewall
        case .applyTogether: .routerID
        case .applyInstall: .package
        case .restart, .switchover, .release, .fix, .drill: nil
        }
    }

    /// The change can be made only where it is not in force: what haops added to a node's firewall or packages stays there.
    var onlyAdds: Bool { self == .applyFirewall || self == .applyInstall }

    /// keepalived is stopped and started, so that one which does not start matters.
    var startsKeepalived: Bool { [.applyRestart, .restart, .fix, .drill].contains(self) }
    /// haproxy loads or starts.
    var loadsHAProxy: Bool { [.applyHAProxy, .restart, .rollback].contains(self) }

    /// The node that a fault hits at a step of the whole cluster.
    var mainNode: String { self == .switchover || self == .release ? "lb2" : "lb1" }

    /// Every step that a run without a fault announces, in its order. `FaultMatrixTests` proves that they are these.
    var steps: [AnnouncedStep] {
        let staged = ["lock", "stage:lb1", "stage:lb2"]
        let validated = ["validate:lb1", "validate:lb2"]
        let first = ["change:lb2", "verify:lb2"]
        let second = ["change:lb1", "verify:lb1"]
        let end = ["confirm:lb1", "confirm:lb2", "clean:lb1", "clean:lb2"]
        let names: [String] =
            switch self {
            case .applyHAProxy, .applyRestart, .rollback, .restart:
                staged + validated + first + ["hand-over:lb1"] + second + ["give-back:lb1"] + end
            case .applyFirewall: staged + validated + first + second + end
            case .applyTogether: staged + validated + ["change:lb1", "change:lb2", "verify"] + end
            case .applyInstall:
                staged + ["install:lb1", "install:lb2"] + validated + first + second + end
            case .switchover, .release: ["lock", "hand-over:lb2", "verify"]
            case .fix: ["lock", "change:lb1", "change:lb2", "verify"]
            case .drill: ["lock", "measure", "make-failure:lb1", "end-failure:lb1", "verify"]
            }
        return names.map { AnnouncedStep($0) }
    }
}
