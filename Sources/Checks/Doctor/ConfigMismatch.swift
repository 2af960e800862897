import Keepalived

/// A setting that the nodes of one virtual router configure differently.
struct ConfigMismatch {
    let router: VirtualRouter
    /// Each node's own value as text, in the order of the nodes.
    let values: [(member: VirtualRouter.Member, words: String)]

    /// `nil` when all configured nodes agree.
    init?<Value: Hashable>(
        _ router: VirtualRouter, on value: (Instance) -> Value, words: (Instance) -> String
    ) {
        let configured = router.configured
        guard Set(configured.map { value($0.instance) }).count > 1 else { return nil }
        self.router = router
        values = configured.map { ($0.member, words($0.instance)) }
    }

    /// "version 2 on lb1, 3 on lb2".
    var words: String { values.map { "\($0.words) on \($0.member.name)" }.joined(separator: ", ") }

    /// A finding about the mismatch: first the lines of the files, then the evidence of the daemons and their
    /// journals.
    ///
    /// - `isRefusal`: recognises the journal entries that this mismatch causes.
    /// - `explains`: the symptoms that it causes; `nil` for all symptoms of nodes that refuse each other's adverts.
    func diagnosis(
        _ id: DoctorID, severity: Finding.Severity = .error, _ message: String, effect: String, fix: String,
        at place: (Instance) -> ConfigurationLocation?,
        isRefusal: (JournalEvent.Kind) -> Bool = { _ in false },
        explains: Set<Symptom>? = nil, in observation: ClusterObservation
    ) -> Diagnosis {
        let lines = router.configured.map { $0.member.evidence(at: place($0.instance)) }
        let logged = router.members.flatMap { $0.logged(isRefusal) }
        let traffic = router.members.map { $0.traffic(in: observation.seconds) }
        let first = router.configured.first.flatMap { place($0.instance) }
        return Diagnosis(
            id, severity: severity, nodes: router.nodes, message, effect: effect, fix: fix,
            evidence: lines + logged + traffic,
            explains: explains ?? observation.disunity(of: router), file: first?.file, line: first?.line)
    }
}

/// The effect when nodes refuse, or cannot parse, each other's adverts.
let bothBecomeMaster = "each node hears no MASTER but itself, and takes the addresses: they are held twice"

/// The effect in keepalived 1.x of a different version, authentication or set of addresses. A refused advert still
/// shows a BACKUP that there is a MASTER, and a MASTER ignores it (`vrrp_state_backup` and `vrrp_state_master_rx` of
/// 1.2.24 to 1.4.5).
let neitherStepsBack =
    "a BACKUP of keepalived 1.x stays one although it refuses the adverts, but of two that are MASTER neither steps back"

extension ConfigMismatch {
    /// The symptoms that refused adverts cause. In 1.x they do not cause a second MASTER, but an existing one stays,
    /// and only where adverts arrive.
    ///
    /// - `isRefusal`: recognises the journal entries that this mismatch causes.
    func consequences(
        isRefusal: (JournalEvent.Kind) -> Bool, in observation: ClusterObservation
    ) -> Set<Symptom> {
        let all = observation.disunity(of: router)
        guard router.toleratesRefusals, !router.members.contains(where: { $0.hears(isRefusal) }) else {
            return all
        }
        return all.filter { !$0.isSplitBrain }
    }

    /// Lets a rule treat a mismatch in one expression.
    func diagnose(_ body: (ConfigMismatch) -> Diagnosis) -> Diagnosis { body(self) }
}
