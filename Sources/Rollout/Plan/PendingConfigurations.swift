import Addresses
import Checks
import Facts
import Inventory
import Keepalived
import Remote

/// The configurations that keepalived would read on the nodes of a cluster. They are checked before any verb makes it
/// read them: by lint, as peers, and for addresses that belong to machines.
///
/// The checks apply to files that haops ships and to files that it finds. The running configuration is never an
/// obstacle: only what differs from it in the file can be one.
struct PendingConfigurations {
    private struct Candidate {
        var id: HostID
        /// Whether its daemon reads a possibly changed configuration.
        var reads: Bool
        var before: Configuration?
        var after: Configuration
        var sources: [String: [UInt8]]
        /// Virtual addresses in its daemon's running configuration.
        var running: Set<IPAddress>
        /// The configuration comes from a backup: the operator is responsible for mistakes that concern it alone.
        var wasInForce: Bool
    }

    private let own: OwnAddresses
    private let candidates: [Candidate]

    /// - `returning`: nodes that get a backup restored.
    init(_ plans: [NodePlan], facts: [HostID: HostFacts], own: OwnAddresses, returning: Set<HostID> = []) {
        self.own = own
        candidates =
            plans.contains(where: \.readsKeepalived)
            ? plans.compactMap { plan in
                facts[plan.node.id].flatMap { Self.candidate(plan, $0, returning.contains(plan.node.id)) }
            } : []
    }

    /// Adds what must not be loaded as obstacles to the nodes that would load it.
    func addObstacles(to plans: inout [NodePlan]) {
        for candidate in candidates where candidate.reads {
            guard let index = plans.firstIndex(where: { $0.node.id == candidate.id }) else { continue }
            plans[index].obstacles += takenAddresses(candidate)
        }
        for finding in newErrors() {
            let concerned = plans.firstIndex { plan in
                finding.nodes.contains(plan.node.id.name) && plan.readsKeepalived
            }
            guard let index = concerned else { continue }
            let isReturning = candidates.contains { $0.id == plans[index].node.id && $0.wasInForce }
            if isReturning, !Linter.isBetweenPeers(finding) {
                plans[index].notes.append(finding.planLine)
            } else {
                plans[index].obstacles.append(finding.planLine)
            }
        }
    }

    private func takenAddresses(_ candidate: Candidate) -> [String] {
        candidate.after.instances.flatMap { instance in
            instance.allAddresses.compactMap { address -> String? in
                guard !candidate.running.contains(address.address), let owner = own.owner(of: address.address)
                else { return nil }
                return
                    "keepalived would take \(address.address), which is \(owner), for `\(String.shown(instance.name))`: "
                    + "remove it from virtual_ipaddress at \(address.location.file):\(address.location.line)"
            }
        }.uniqued()
    }

    /// Lint errors in the future configuration that the running one does not have.
    private func newErrors() -> [Finding] {
        guard candidates.contains(where: \.reads) else { return [] }
        func errors(_ configuration: (Candidate) -> Configuration?) -> [Finding] {
            Linter().run(
                candidates.compactMap { candidate in
                    configuration(candidate).map {
                        LintNode(name: candidate.id.name, configuration: $0, sources: candidate.sources)
                    }
                }
            ).findings.filter { $0.severity == .error }
        }
        func key(_ finding: Finding) -> [String] { [finding.id, finding.message] + finding.nodes }
        let known = Set(errors(\.before).map(key))
        return errors { $0.reads ? $0.after : $0.before }.filter { !known.contains(key($0)) }
    }

    private static func candidate(_ plan: NodePlan, _ facts: HostFacts, _ returning: Bool) -> Candidate? {
        let evidence = facts.known(ConfigurationFilesFact.self) ?? ConfigurationEvidence(files: [:])
        let daemon = facts.known(KeepalivedFact.self)
        let configID = evidence.configID(on: facts.known(SystemFact.self))
        let version = daemon?.version ?? facts.known(VersionFact.self) ?? .assumed
        func read(_ files: FileSet) -> Configuration? {
            guard files.files[evidence.mainPath] != nil else { return nil }
            return ConfigurationReader(files: files, configID: configID, version: version)
                .read(path: evidence.mainPath)
        }
        var files = evidence.set
        for change in plan.files where change.role == .keepalivedConfig {
            files.files[change.path] = change.contents.map { ConfigurationFile($0) }
        }
        guard let after = read(files) else { return nil }
        let written = read(evidence.set)
        let isReplaced = plan.files.contains {
            $0.role == .keepalivedConfig && $0.kind != .notLoaded && $0.kind != .mode
        }
        var before = written
        var running = Set((written?.instances ?? []).flatMap(\.allAddresses).map(\.address))
        let runs = daemon?.isRunning ?? (facts.known(ServicesFact.self)?["keepalived"]?.isRunning == true)
        if !runs {
            // A stopped daemon is assumed to have run the current file, but all addresses that it would take are new.
            running = []
        } else if let live = facts.liveVIPs {
            before = written?.asRun(by: daemon?.state?.instances ?? [])
            running = live
        } else if case .no = LoadedState.keepalived(on: facts) {
            (before, running) = (nil, [])
        }
        let isPending = isReplaced || !runs || LoadedState.keepalived(on: facts) != .yes
        return Candidate(
            id: plan.node.id, reads: plan.readsKeepalived && isPending, before: before, after: after,
            sources: files.files.mapValues(\.bytes), running: running, wasInForce: returning)
    }
}

extension NodePlan {
    /// Whether this plan makes its keepalived read its configuration.
    var readsKeepalived: Bool { keepalived.reads }
}
