import Keepalived

/// Something that the nodes of one virtual router configure differently.
struct ConfigMismatch {
    let router: VirtualRouter
    /// Each node's own value in words, in the order of the nodes.
    let values: [(member: VirtualRouter.Member, words: String)]

    /// `nil` when all nodes that are configured agree.
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

    /// A finding about it: the lines of the files first, then what the daemons and their journals say.
    ///
    /// - `isRefusal`: which lines of the journal come of it.
    /// - `explains`: what comes of it; `nil` for everything that nodes suffer which refuse each other's adverts.
    func diagnosis(
        _ id: DoctorID, severity: Finding.Severity = .error, _ message: String, effect: String, fix: String,
        at place: (Instance) -> SourceLocation?, isRefusal: (JournalEvent.Kind) -> Bool = { _ in false },
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

/// What follows when nodes refuse, or do not understand, each other's adverts.
let bothBecomeMaster = "each node hears no MASTER but itself, and takes the addresses: they are held twice"

/// What follows in keepalived 1.x of another version, authentication or set of addresses: an advert that is refused still
/// tells a BACKUP that there is a MASTER, and a MASTER passes it over (`vrrp_state_backup` and `vrrp_state_master_rx` of
/// 1.2.24 to 1.4.5).
let neitherStepsBack =
    "a BACKUP of keepalived 1.x stays one although it refuses the adverts, but of two that are MASTER neither steps back"

extension ConfigMismatch {
    /// What comes of adverts that are refused. In 1.x a second MASTER does not, and stays one only where adverts arrive.
    ///
    /// - `isRefusal`: which lines of the journal come of it.
    func consequences(
        isRefusal: (JournalEvent.Kind) -> Bool, in observation: ClusterObservation
    ) -> Set<Symptom> {
        let all = observation.disunity(of: router)
        guard router.toleratesRefusals, !router.members.contains(where: { $0.hears(isRefusal) }) else {
            return all
        }
        return all.filter { !$0.isSplitBrain }
    }

    /// So that a disagreement reads as one expression.
    func diagnose(_ body: (ConfigMismatch) -> Diagnosis) -> Diagnosis { body(self) }
}
