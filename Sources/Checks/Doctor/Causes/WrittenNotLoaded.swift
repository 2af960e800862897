import Facts
import Keepalived

/// A node's keepalived does not run the configuration on its disk.
///
/// Condition: the state that a running keepalived reports differs from the file, or the file is newer than the
/// daemon's last start or reload. If a reload could not have left a trace and the reported state matches the file,
/// the file counts as loaded.
/// Why: the file does not show the running configuration, and the next restart changes more than operators expect.
/// Remedy: run `haops fix`, which makes the daemons read the file node by node; or restore the file.
struct WrittenNotLoaded: Cause {
    static let id = DoctorID.writtenNotLoaded

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.compactMap { diagnose($0, observation) }
    }

    private func diagnose(_ node: DoctorNode, _ observation: ClusterObservation) -> Diagnosis? {
        guard node.daemon?.isRunning == true, let configuration = node.configuration, let facts = node.after,
            let files = node.before?.known(ConfigurationFilesFact.self)?.files,
            case .no(let reasons) = LoadedState.keepalived(configuration, files: files, on: facts)
        else { return nil }
        let live = node.daemon?.roleSource == .daemon ? node.daemon?.state?.instances : nil
        let differs = live.map { !configuration.differences(from: $0).isEmpty } ?? false
        let routers = observation.routers.filter { $0.nodes.contains(node.name) }
        return Diagnosis(
            Self.id, severity: differs ? .error : .warning, nodes: [node.name],
            "\(node.name) has a keepalived configuration on disk that its daemon has not read",
            effect: "the daemon runs the old configuration until its next reload",
            fix:
                "haops fix  (tests the file and loads it; where keepalived -t refuses it: correct or restore the file)",
            evidence: reasons.map { Evidence(.daemon, on: node.name, $0) },
            explains: differs ? routers.reduce(into: []) { $0.formUnion(observation.symptoms(of: $1)) } : [],
            file: node.mainPath)
    }
}
