import Facts
import Inventory
import Keepalived
import Rendering

/// An instance's priority in a node's own file, which a switchover changes when the configuration does not follow a
/// handover file.
///
/// A comment above the line describes the override: readers of the file see it, and ending it needs nothing else.
struct WrittenPriority: Hashable, Sendable {
    var path: String
    /// The line number, from 1.
    var line: Int
    var value: Int
    /// The value before a switchover raised it; `nil` where no switchover did.
    var original: Int?

    /// The value without a switchover.
    var natural: Int { original ?? value }

    /// The place of the value: "priority 100 at /etc/keepalived/keepalived.conf:9".
    var place: String { "priority \(value) at \(path):\(line)" }
}

/// A node's keepalived.conf, for reading and writing priorities. Every other byte stays.
struct PriorityFile: Sendable {
    var path: String
    var state: FileState
    private var lines: [[UInt8]]
    private(set) var priorities: [String: WrittenPriority] = [:]

    private static let mark = Array("# haops: switchover of ".utf8)

    /// Reads the file that a node's keepalived was started with. Priorities in included files are ignored:
    /// `keepalived -t` must be able to test the changed file by itself.
    init?(_ evidence: ConfigurationEvidence, configID: String) {
        path =
            evidence.mainFile(Array(evidence.keepalivedArguments.dropFirst())) ?? NodePaths.keepalivedConfig
        guard let state = evidence.files[path], state.kind == .regular else { return nil }
        self.state = state
        lines = state.contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map(Array.init)
        let reader = ConfigurationReader(
            files: evidence.set, configID: configID, version: .assumed)
        for instance in reader.read(path: path).instances {
            guard let location = instance.priority.location, location.file == path,
                lines.indices.contains(location.line - 1),
                number(of: instance.priority.value, onLine: location.line) != nil
            else { continue }
            priorities[instance.name] = WrittenPriority(
                path: path, line: location.line, value: instance.priority.value,
                original: original(aboveLine: location.line))
        }
        let shared = Dictionary(grouping: priorities.values, by: \.line).filter { $0.value.count > 1 }
        priorities = priorities.filter { shared[$0.value.line] == nil }
    }

    /// Changes one priority and adds a comment about it, or removes the comment when the priority gets its original
    /// value.
    mutating func set(_ instance: String, to value: Int, reason: String) {
        guard let known = priorities[instance], known.value != value,
            let digits = number(of: known.value, onLine: known.line)
        else { return }
        lines[known.line - 1].replaceSubrange(digits, with: String(value).utf8)
        var shift = 0
        if known.original != nil {
            lines.remove(at: known.line - 2)
            shift = -1
        }
        if value != known.natural {
            let indent = lines[known.line - 1 + shift].prefix { $0 == 0x20 || $0 == 0x09 }
            let why = reason.isEmpty ? "" : " (\(String(String.shown(reason).prefix(120))))"
            let comment =
                "\(instance) by \(value - known.natural): priority was \(known.natural); "
                + "`haops switchover --release` puts it back\(why)"
            lines.insert(indent + Self.mark + Array(comment.utf8), at: known.line - 1 + shift)
            shift += 1
        }
        for (name, other) in priorities where other.line > known.line { priorities[name]?.line += shift }
        priorities[instance]?.line += shift
        priorities[instance]?.value = value
        priorities[instance]?.original = value == known.natural ? nil : known.natural
    }

    var contents: [UInt8] { Array(lines.joined(separator: [UInt8(ascii: "\n")])) }

    /// The range of the value on its line, if it is written as a number and not as a definition.
    private func number(of value: Int, onLine line: Int) -> Range<Int>? {
        let text = lines[line - 1]
        let keyword = Array("priority".utf8)
        guard let start = text.firstRange(of: keyword)?.upperBound else { return nil }
        let digits = text[start...].drop { $0 == 0x20 || $0 == 0x09 }.prefix { (0x30...0x39).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self)) == value
            ? digits.startIndex..<digits.endIndex : nil
    }

    private func original(aboveLine line: Int) -> Int? {
        guard line >= 2 else { return nil }
        let above = lines[line - 2].drop { $0 == 0x20 || $0 == 0x09 }
        guard above.starts(with: Self.mark) else { return nil }
        let words = String(decoding: above, as: UTF8.self).split { $0 == " " || $0 == ";" }
        return words.firstIndex(of: "was").flatMap {
            words.indices.contains($0 + 1) ? Int(words[$0 + 1]) : nil
        }
    }
}
