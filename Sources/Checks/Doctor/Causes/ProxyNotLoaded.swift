import Facts

/// The haproxy configuration on a node's disk is not the one that haproxy runs.
///
/// Condition: haproxy's newest worker is older than the file; or haproxy was told to load the file and refused, as its
/// master counts and its log says.
/// Why: `systemctl reload haproxy` succeeds whether or not haproxy takes the file. One whose listeners cannot start goes
/// on with the old configuration, and does not start again at the next restart or reboot.
/// Remedy: mend what haproxy says, or put the file back; then reload it.
struct ProxyNotLoaded: Cause {
    static let id = DoctorID.haproxyNotLoaded

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.compactMap(diagnose)
    }

    private func diagnose(_ node: DoctorNode) -> Diagnosis? {
        guard let facts = node.after, let load = facts.known(HAProxyLoadFact.self),
            case .no(let reasons) = LoadedState.haproxy(load)
        else { return nil }
        let isRefused = (load.failedReloads ?? 0) > 0
        let file = load.files.first?.path
        return Diagnosis(
            Self.id, severity: isRefused ? .error : .warning, nodes: [node.name],
            "\(node.name) has a haproxy configuration on disk that haproxy \(isRefused ? "refuses to load" : "has not read")",
            effect: isRefused
                ? "haproxy serves by the old one, and does not start again at the next restart or reboot"
                : "haproxy serves by the old one until its next reload",
            fix: isRefused
                ? "mend what haproxy says, or put the file back; then systemctl reload haproxy on \(node.name)"
                : "systemctl reload haproxy on \(node.name)  (or put the file back)",
            evidence: reasons.map { Evidence(.daemon, on: node.name, "haproxy: \($0)") }, file: file)
    }
}
