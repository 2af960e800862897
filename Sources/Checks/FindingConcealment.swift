import Concealment
import HAProxy
import Keepalived

/// The only path from findings to output: it removes all secrets from the configuration text that findings quote.
///
/// Rules quote the configuration unchanged. This type compares their text with every secret in every file of every
/// node: values of secret keywords, contents of definitions that are used there, and the values that result from
/// parsing.
struct FindingConcealment {
    /// The files, by node.
    private var files: [String: [ConcealedFiles]] = [:]
    private var values = SecretValues()

    init(_ nodes: [LintNode]) {
        for node in nodes {
            add(node.concealed, of: node.name)
            for file in node.haproxy?.files ?? [] {
                add(ConcealedFiles([file.path: file.bytes]), of: node.name)
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

    /// A finding without secrets, safe to show.
    func shown(_ finding: Finding) -> Finding {
        let here = secrets(at: finding)
        var copy = finding
        copy.message = sentence(finding.message, here)
        copy.effect = sentence(finding.effect, here)
        copy.fix = sentence(finding.fix, here)
        // A line of a file is already without secrets; other evidence may be the output of a program.
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

    /// A program's text without secrets, safe to show.
    func shown(_ text: String) -> String { values.hiding(in: text.hidingCommandSecrets) }

    /// The secrets on the line of a finding; `nil` for a line with an implausible amount of them.
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

    /// The maximum number of bytes of secrets on a line that quotations are compared with.
    private static let most = 4096

    /// A sentence with quotations between backticks.
    ///
    /// - `secrets`: texts that must not contain any quotation as a part, however short; `nil` hides every quotation.
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
    /// The texts of a configuration, and the secrets that parsing finds in them.
    init(_ sources: [String: [UInt8]], of configuration: Configuration?) {
        self.init(sources, except: KeepalivedVersion.vocabulary)
        for (value, location) in configuration?.secrets ?? [] {
            add(value, in: location.file, line: location.line)
        }
    }

    /// Whether the line of a place contains a secret.
    func isSecret(_ place: ConfigurationLocation) -> Bool { isSecret(place.file, line: place.line) }
}
