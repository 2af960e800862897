import Addresses
import Facts
import Keepalived

/// The configuration on a node's disk is not the one that its daemon runs.
///
/// Condition: a running daemon's own words differ from the file, or the file is younger than the daemon's last
/// start or reload.
/// Why: what everybody reads is not what happens, and the next restart changes more than anyone expects.
/// Remedy: `haops fix`, which lets the daemons read it node by node; or put the file back.
struct WrittenNotLoaded: Cause {
    static let id = "written-not-loaded"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.reachable.compactMap { node -> Diagnosis? in
            guard node.daemon?.isRunning == true, let configuration = node.configuration else { return nil }
            let differences = differences(node, configuration)
            let isYounger = isYounger(node, configuration)
            guard !differences.isEmpty || isYounger else { return nil }
            let routers = patient.routers.filter { $0.nodes.contains(node.name) }
            return Diagnosis(
                Self.id, severity: differences.isEmpty ? .warning : .error, nodes: [node.name],
                "\(node.name) has a keepalived configuration on disk that its daemon has not read",
                effect: "the daemon goes by the old one until its next reload, and changes its mind then",
                fix: "haops fix  (or put the file back)",
                evidence: differences.map { "\(node.name): \($0)" }
                    + [
                        isYounger
                            ? "\(node.name): the file was written after the daemon read its configuration"
                            : nil
                    ],
                explains: differences.isEmpty
                    ? [] : routers.reduce(into: []) { $0.formUnion(patient.symptoms(of: $1)) },
                file: node.mainPath)
        }
    }

    private func differences(_ node: DoctorNode, _ configuration: Configuration) -> [String] {
        guard node.daemon?.witness == .daemon, let live = node.daemon?.state?.instances else { return [] }
        var found: [String] = []
        for instance in configuration.instances {
            guard let state = live.first(where: { $0.name == instance.name }) else {
                if instance.virtualRouterID != nil {
                    found.append("\(instance.name) is in the file, and the daemon does not know it")
                }
                continue
            }
            func compare<Value: Equatable>(_ what: String, _ file: Value?, _ daemon: Value?) {
                guard let file, let daemon, file != daemon else { return }
                found.append("\(instance.name): \(what) is \(file) in the file, \(daemon) in the daemon")
            }
            compare("virtual_router_id", instance.virtualRouterID?.value, state.routerID)
            // Of two owners one lowers its priority by itself.
            if !instance.isOwner { compare("priority", instance.priority.value, state.basePriority) }
            // With a MAC of its own the daemon speaks of the interface that it made.
            if instance.vmac == nil { compare("interface", instance.interface?.value, state.interface) }
            compare("version", instance.version.value, state.version)
            compare("nopreempt", instance.nopreempt.value, state.nopreempt)
            let interval = instance.advertInterval.value
            let hundredths =
                Int(interval.components.seconds) * 100
                + Int(interval.components.attoseconds / 10_000_000_000_000_000)
            compare("advert_int (in 1/100 s)", hundredths, state.advertInterval)
            let inFile = Set(instance.allAddresses.map(\.address))
            let inDaemon = Set(state.addresses.compactMap { CIDR($0)?.address })
            for address in inFile.subtracting(inDaemon).sorted() {
                found.append("\(instance.name): \(address) is in the file, not in the daemon")
            }
            for address in inDaemon.subtracting(inFile).sorted() {
                found.append("\(instance.name): \(address) is in the daemon, not in the file")
            }
        }
        for state in live where configuration.instance(named: state.name) == nil {
            found.append("\(state.name) runs, and is not in the file")
        }
        return found
    }

    /// By the machine's own clock.
    private func isYounger(_ node: DoctorNode, _ configuration: Configuration) -> Bool {
        guard let loaded = node.after?.known(LoadTimesFact.self)?["keepalived"],
            let files = node.before?.known(ConfigurationFilesFact.self)?.files
        else { return false }
        return configuration.files.contains { file in
            files[file].map { LoadTimesFact.isYounger($0.modified, than: loaded) } ?? false
        }
    }
}
