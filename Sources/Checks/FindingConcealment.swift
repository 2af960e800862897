import Concealment
import HAProxy
import Keepalived

/// The one way from what rules and causes say to what is shown: whatever of a configuration they quote, no secret is in
/// it.
///
/// Rules write for themselves, with the words of the configuration as they stand. Here these words meet every secret of
/// every file of every node: what stands behind a keyword, what a definition holds that is used there, what the
/// reading makes of both.
struct FindingConcealment {
    /// By node.
    private var files: [String: [ConcealedFiles]] = [:]
    private var values = SecretValues()

    init(_ nodes: [LintNode]) {
        for node in nodes {
            add(node.concealed, of: node.name)
            if let haproxy = node.haproxy {
                add(ConcealedFiles([haproxy.path: haproxy.bytes]), of: node.name)
            }
        }
    }

    init(_ nodes: [DoctorNode]) {
        for node in nodes { add(node.concealed, of: node.name) }
    }

    private mutating func add(_ concealed: ConcealedFiles, of node: String) {
        files[node, default: []].append(concealed)
        values.insert(concealed.values)
    }

    /// A finding as it may be shown.
    func shown(_ finding: Finding) -> Finding {
        let here = secrets(at: finding)
        var copy = finding
        copy.message = sentence(finding.message, here)
        copy.effect = sentence(finding.effect, here)
        copy.fix = sentence(finding.fix, here)
        // A line of a file has no secret any more; other evidence may be what a program printed.
        copy.evidence = finding.evidence.map(shown)
        copy.file = finding.file.map { values.hiding(in: $0) }
        return copy
    }

    private func shown(_ evidence: Evidence) -> Evidence {
        var copy = evidence
        copy.text = shown(evidence.text.hidingLineSecrets)
        if case .file(let path, let line) = evidence.source {
            copy.source = .file(values.hiding(in: path), line: line)
        }
        return copy
    }

    /// A text that somebody else wrote, as it may be shown.
    func shown(_ text: String) -> String { values.hiding(in: text.hidingCommandSecrets) }

    /// What is secret on the line of a finding; `nil` for a line with more of it than anybody writes.
    private func secrets(at finding: Finding) -> [String]? {
        guard let file = finding.file, let line = finding.line else { return [] }
        var secrets: [String] = []
        for files in finding.nodes.flatMap({ files[$0] ?? [] }) {
            // Each finding on a line is compared with each secret on it.
            guard let more = files.secrets(file, line: line, most: Self.most) else { return nil }
            secrets += more.map { String(decoding: $0, as: UTF8.self) }
        }
        return secrets
    }

    /// Bytes of secrets on a line that quotations are compared with.
    private static let most = 4096

    /// A sentence with quotations between backticks.
    ///
    /// - `secrets`: what no quotation may be a part of, however short it is; `nil` hides every quotation.
    private func sentence(_ text: String, _ secrets: [String]?) -> String {
        text.mappingQuotations(
            { piece in
                let isSecret =
                    secrets?.contains { secret in
                        !piece.isEmpty && secret.contains(piece) || piece.contains(secret)
                    } ?? true
                if isSecret, !KeepalivedVersion.vocabulary.contains(piece) { return secretMark }
                return shown(piece.hidingLineSecrets)
            }, rest: shown)
    }
}

extension ConcealedFiles {
    /// The texts of a configuration, and what its reading finds in them.
    init(_ sources: [String: [UInt8]], of configuration: Configuration?) {
        self.init(sources, except: KeepalivedVersion.vocabulary)
        for (value, location) in configuration?.secrets ?? [] {
            add(value, in: location.file, line: location.line)
        }
    }

    /// Whether there is a secret on the line of a place.
    func isSecret(_ place: SourceLocation) -> Bool { isSecret(place.file, line: place.line) }
}
