import Facts

/// haproxy does not run the configuration on the node's disk.
///
/// Condition: haproxy's newest worker is older than the file; or haproxy refused to load the file, according to its
/// master's count and its log.
/// Why: `systemctl reload haproxy` succeeds whether or not haproxy accepts the file. If its listeners cannot start,
/// it continues with the old configuration, and does not start again at the next restart or reboot.
/// Remedy: fix the errors that haproxy reports, or restore the file; then reload haproxy.
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
                ? "haproxy runs the old configuration, and does not start again at the next restart or reboot"
                : "haproxy runs the old configuration until its next reload",
            fix: isRefused
                ? "fix the errors that haproxy reports, or restore the file; then systemctl reload haproxy on \(node.name)"
                : "systemctl reload haproxy on \(node.name)  (or restore the file)",
            evidence: reasons.map { Evidence(.daemon, on: node.name, "haproxy: \($0)") }, file: file)
    }
}
