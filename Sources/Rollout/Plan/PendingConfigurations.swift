import Addresses
import Checks
import Facts
import Inventory
import Keepalived
import Remote

/// What keepalived would read anew on the nodes of a cluster, judged before any verb lets it: by lint, as peers, and
/// by whose addresses it would take.
///
/// Whether haops brings a file or finds it there makes no difference. What a daemon runs already is nobody's obstacle:
/// only what is new in a file, compared with what runs, can be one.
struct PendingConfigurations {
    private struct Candidate {
        var id: HostID
        /// Whether its daemon reads what may be new.
        var reads: Bool
        var before: Configuration?
        var after: Configuration
        var sources: [String: [UInt8]]
        /// Addresses that its daemon stands for already.
        var running: Set<IPAddress>
        /// A set that was saved comes back: mistakes that concern it alone are its operator's.
        var wasInForce: Bool
    }

    private let own: OwnAddresses
    private let candidates: [Candidate]

    /// - `returning`: nodes to which a saved set comes back.
    init(_ plans: [NodePlan], facts: [HostID: HostFacts], own: OwnAddresses, returning: Set<HostID> = []) {
        self.own = own
        candidates =
            plans.contains(where: \.readsKeepalived)
            ? plans.compactMap { plan in
                facts[plan.node.id].flatMap { Self.candidate(plan, $0, returning.contains(plan.node.id)) }
            } : []
    }

    /// Puts what must not be read in the way of the nodes that would read it.
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
                    + "take it out of virtual_ipaddress at \(address.location.file):\(address.location.line)"
            }
        }.uniqued()
    }

    /// What lint calls an error in what would run, and not in what runs.
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
            // What it ran last is taken to be what stands there; the addresses it would take now are new all the same.
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
    /// Whether its keepalived reads its configuration because of this plan.
    var readsKeepalived: Bool { keepalived.reads }
}
