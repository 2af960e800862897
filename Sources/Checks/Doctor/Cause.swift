/// A root cause that doctor knows, with an identifier that never changes.
///
/// Its documentation comment (Condition, Why, Remedy) becomes its section in docs/Doctor.md.
protocol Cause: Sendable {
    static var id: DoctorID { get }

    /// Every case of it. A cause that can only be told by exclusion looks at ``ClusterObservation/unexplained``.
    func diagnose(_ observation: ClusterObservation) -> [Diagnosis]
}

/// A cause that was found, and the symptoms that come of it and need no other.
struct Diagnosis: Sendable {
    var finding: Finding
    private var explains: Set<Symptom>

    /// The symptoms that are not to be reported by themselves any more. An address that two hold is never left to a
    /// warning: the exit code goes by errors, and other causes look at what is still unexplained.
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
        self.explains = explains
    }
}
