import Events
import Facts
import FoundationEssentials
import Inventory
import Remote
import Rendering
import Survey

/// What `haops report` hands over: texts by path, all of them without secrets and safe to show on a terminal.
struct EvidenceFolder: Sendable {
    struct File: Sendable {
        /// Relative, of plain words and slashes.
        var path: String
        var text: String
    }

    /// The folder's own name.
    var name: String
    /// What all of it is, for whoever opens it.
    var head = ""
    private(set) var files: [File] = []
    private let mask: SecretMask

    /// Hides in every text the secrets of the inventory, and those of the configurations of these nodes.
    init(name: String, secrets: [Secret], ofNodes nodes: [EvidenceSurvey.NodeEvidence]) {
        self.name = name
        mask = nodes.reduce(SecretMask(secrets: secrets)) { mask, node in
            mask.hiding(secretsOf: (node.configuration?.files ?? [:]).mapValues(\.contents))
        }
    }

    /// Adds an answer of a verb, or a text of haops.
    mutating func add(_ path: String, text: String) {
        add(path, lines: mask.shown(sentence: text).safeForTerminal)
    }

    /// Adds a file or an output of a node.
    mutating func add(_ path: String, _ bytes: [UInt8]) {
        add(
            path,
            lines: Self.isPrivateKey(bytes)
                ? "(a private key, not shown)"
                : Self.isText(bytes)
                    ? mask.shown(bytes) : "(\(bytes.count) bytes that are not text, not shown)")
    }

    private mutating func add(_ path: String, lines: String) {
        files.append(File(path: path, text: lines.hasSuffix("\n") ? lines : lines + "\n"))
    }

    private static func isText(_ bytes: [UInt8]) -> Bool { !bytes.contains(0) }

    /// The head of a PEM file (RFC 7468) with any kind of private key.
    private static func isPrivateKey(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).contains("PRIVATE KEY-----")
    }
}

extension EvidenceFolder {
    /// Adds everything that a node has said.
    mutating func add(_ evidence: EvidenceSurvey.NodeEvidence) {
        let place = "nodes/" + Self.plain(evidence.node.name)
        var tree = Tree(place: place)
        for (path, file) in (evidence.configuration?.files ?? [:]).sorted(by: { $0.key < $1.key }) {
            switch file.kind {
            case .regular: add(tree.add(path), file.contents)
            case .absent: break
            case .other(let kind): add(tree.add(path), text: "(\(kind), not shown)")
            }
        }
        for part in evidence.logs?.parts ?? [] where !part.bytes.isEmpty {
            switch part.source {
            case .earlier: add("\(place)/log/before.txt", part.bytes)
            case .journal: append(part.bytes, to: "\(place)/log/journal.txt")
            case .file(let path): append(part.bytes, to: "\(place)/log/\(Self.plain(path)).txt")
            }
        }
        if let runs = evidence.runs, !runs.entries.isEmpty {
            let lines = runs.entries.map {
                "\($0.time.iso8601InSeconds)\t\($0.run)\t\($0.who)\t\($0.what)\t\($0.event)\t\($0.from ?? "-")"
            }
            add("\(place)/haops-runs.tsv", text: lines.joined(separator: "\n"))
        }
        for transcript in evidence.transcripts ?? [] {
            let cut = transcript.isCut ? "\n(cut here)" : ""
            add(
                "\(place)/commands/\(Self.plain(transcript.command)).txt",
                Array("$ \(transcript.command)\n".utf8) + transcript.bytes + Array(cut.utf8))
        }
    }

    /// The journal arrives in several parts.
    private mutating func append(_ bytes: [UInt8], to path: String) {
        add(path, bytes)
        guard let first = files.firstIndex(where: { $0.path == path }), first < files.count - 1 else {
            return
        }
        files[first].text += files.removeLast().text
    }

    /// A word for a path: a node and its files are not trusted, so nothing but letters, digits and `._-` stays.
    private static func plain(_ text: String) -> String {
        let word = String(
            text.unicodeScalars.map {
                $0.isASCII
                    && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
                        || "._-".unicodeScalars.contains($0))
                    ? Character($0) : "-"
            }
        ).split(separator: "-").joined(separator: "-").prefix(80)
        return word.allSatisfy { $0 == "." } ? "-" : String(word)
    }

    /// The places of a node's files in the folder. The node says which files it has: also one that lies below another file,
    /// two of almost the same name, or one whose path no system takes. None of them keeps the report from being written.
    private struct Tree {
        let place: String
        private var files: Set<String> = []
        private var directories: Set<String> = []
        private var others = 0
        private static let longest = 400

        init(place: String) { self.place = place }

        /// `/etc/keepalived/../x y` becomes `files/etc/keepalived/-/x-y`; `other/1-etc-keepalived-x-y` where that cannot be.
        mutating func add(_ path: String) -> String {
            let usual = path.split(separator: "/").map { plain(String($0)) }.joined(separator: "/")
            let above = usual.indices.filter { usual[$0] == "/" }.map { String(usual[..<$0]) }
            guard !usual.isEmpty, usual.utf8.count <= Self.longest, !directories.contains(usual),
                !above.contains(where: files.contains), files.insert(usual).inserted
            else {
                others += 1
                return "\(place)/other/\(others)-\(plain(path))"
            }
            directories.formUnion(above)
            return "\(place)/files/\(usual)"
        }
    }

    /// The files, with one in front that says what the rest is.
    var indexed: [File] {
        let list = files.map { "  \($0.path)" }.joined(separator: "\n")
        return [File(path: "README.txt", text: "\(head.safeForTerminal)\n\n\(list)\n")] + files
    }
}
