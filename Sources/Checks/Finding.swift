package import Addresses
package import Keepalived

/// A current or coming problem, with its evidence and its fix.
package struct Finding: Hashable, Sendable {
    package enum Severity: String, Hashable, Sendable, Comparable, CaseIterable {
        case info
        case warning
        case error

        package static func < (left: Severity, right: Severity) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    /// An identifier that never changes: scripts, suppressions and documents refer to it.
    package var id: String
    /// `nil` for findings of lint.
    package private(set) var doctor: DoctorID?
    package var severity: Severity
    /// The names of the nodes concerned; empty for a file that belongs to no node.
    package var nodes: [String]
    package var file: String?
    package var line: Int?
    package var column: Int?
    /// One sentence without a full stop that names the instance and the keyword.
    package var message: String
    /// The effect at run time, on the release at hand.
    package var effect: String
    /// What to do, as an instruction.
    package var fix: String
    /// The evidence, without secrets.
    package var evidence: [Evidence]
    /// The virtual addresses that the finding explains.
    package var vips: Set<IPAddress> = []
    /// The number that would end the problem, when one would.
    package var wantedNumber: WantedNumber?

    /// A number of a configuration, and the one that would be right.
    package struct WantedNumber: Hashable, Sendable {
        package var location: ConfigurationLocation
        /// As written.
        package var current: String
        package var text: String
    }

    package init(
        id: String, severity: Severity, nodes: [String] = [], file: String? = nil, line: Int? = nil,
        column: Int? = nil, message: String, effect: String, fix: String, evidence: [Evidence] = []
    ) {
        self.id = id
        self.severity = severity
        self.nodes = nodes
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.effect = effect
        self.fix = fix
        self.evidence = evidence
    }
}

extension Finding {
    /// A finding of doctor.
    package init(
        _ doctor: DoctorID, severity: Severity, nodes: [String] = [], file: String? = nil, line: Int? = nil,
        message: String, effect: String, fix: String, evidence: [Evidence] = []
    ) {
        self.init(
            id: doctor.rawValue, severity: severity, nodes: nodes, file: file, line: line, message: message,
            effect: effect, fix: fix, evidence: evidence)
        self.doctor = doctor
    }

    /// A finding of lint as a plan's obstacle or note: on one line, with its remedy.
    package var planLine: String {
        let place = file.map { " at \($0)\(line.map { ":\($0)" } ?? "")" } ?? ""
        return "lint: `\(id)`\(place): \(message); \(fix)"
    }
}

extension Finding: Comparable {
    /// The most severe first, then by place.
    package static func < (left: Finding, right: Finding) -> Bool {
        if left.severity != right.severity { return left.severity > right.severity }
        let leftKey = (left.nodes.first ?? "", left.file ?? "", left.line ?? 0, left.column ?? 0)
        let rightKey = (right.nodes.first ?? "", right.file ?? "", right.line ?? 0, right.column ?? 0)
        if leftKey != rightKey { return leftKey < rightKey }
        return (left.id, left.message) < (right.id, right.message)
    }
}
