import Facts
import Keepalived

/// The configuration on a node's disk is not the one that its daemon runs.
///
/// Condition: a running keepalived's own words differ from the file, or the file is younger than the daemon's last
/// start or reload. Where no reload could have left a trace, and the daemon's words agree with the file, it is loaded.
/// Why: what everybody reads is not what happens, and the next restart changes more than anyone expects.
/// Remedy: `haops fix`, which lets the daemons read it node by node; or put the file back.
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
            effect: "the daemon goes by the old one until its next reload, and changes its mind then",
            fix: "haops fix  (or put the file back)",
            evidence: reasons.map { Evidence(.daemon, on: node.name, $0) },
            explains: differs ? routers.reduce(into: []) { $0.formUnion(observation.symptoms(of: $1)) } : [],
            file: node.mainPath)
    }
}
