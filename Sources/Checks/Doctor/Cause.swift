/// A root cause that doctor knows, with an identifier that never changes.
///
/// Its documentation comment (Condition, Why, Remedy) becomes its section in docs/Doctor.md.
protocol Cause: Sendable {
    static var id: DoctorID { get }

    /// All cases of this cause. A cause that can only be found by exclusion reads ``ClusterObservation/unexplained``.
    func diagnose(_ observation: ClusterObservation) -> [Diagnosis]
}

/// A cause that was found, and the symptoms that it explains.
struct Diagnosis: Sendable {
    var finding: Finding
    private var explains: Set<Symptom>

    /// The symptoms that are not reported separately any more. A warning never explains an address that two nodes
    /// hold: errors decide the exit code, and other causes read what is still unexplained.
    var explained: Set<Symptom> {
        guard finding.severity != .error else { return explains }
        return explains.filter { !$0.isSplitBrain }
    }

    init(
        _ id: DoctorID, severity: Finding.Severity = .error, nodes: [String], _ message: String,
        effect: String,
        fix: String, evidence: [Evidence?], explains: Set<Symptom> = [], file: String? = nil, line: Int? = nil
    ) {
        let seen = evidence.compactMap(\.self).uniqued()
        finding = Finding(
            id, severity: severity, nodes: nodes, file: file, line: line, message: message,
            effect: effect,
            fix: fix, evidence: seen)
        finding.vips = Set(explains.compactMap(\.vip))
        self.explains = explains
    }
}
