/// The entries of one mapping by key; all of its keys are known.
struct Fields {
    /// The place of what the mapping describes.
    let mark: Mark
    private let entries: [String: YAMLEntry]
    /// Keys that an unknown key was probably meant to be. They are not reported as missing as well.
    let suspected: Set<String>

    init(_ entries: [YAMLEntry], mark: Mark, suspected: Set<String> = []) {
        self.mark = mark
        self.suspected = suspected
        // A duplicate key was reported already; the first one is used.
        self.entries = Dictionary(entries.map { ($0.key, $0) }) { first, _ in first }
    }

    subscript(key: String) -> YAMLEntry? { entries[key] }
}

// MARK: - Values

extension InventoryReader {
    /// The entries of a mapping; keys that are not among `keys` are errors.
    ///
    /// `misplaced` has remedies for keys that are often put here by mistake.
    mutating func fields(
        _ entry: YAMLEntry, of owner: String, keys: [String], misplaced: [String: String] = [:],
        example: String
    ) -> Fields? {
        guard let entries = entry.value.entries else {
            wrong(entry, wants: "a mapping of keys and values", example: example)
            return nil
        }
        var suspected: Set<String> = []
        for item in entries where !keys.contains(item.key) {
            let remedy: String
            if let place = misplaced[item.key] {
                remedy = place
                suspected.formUnion(keys.filter { place.contains("`\($0)`") })
            } else if let near = suggestion(for: item.key, among: keys) {
                remedy = "did you mean `\(near)`?"
                suspected.insert(near)
            } else {
                remedy = "\(owner) has: \(keys.joined(separator: ", "))"
            }
            error(item.keyMark, "unknown key \(quoted(item.key)) in \(owner)", remedy: remedy)
        }
        return Fields(entries, mark: entry.keyMark, suspected: suspected)
    }

    /// Reports a missing required key, unless an unknown key was probably meant to be it.
    mutating func missing(
        _ key: String, in fields: Fields, of owner: String, at mark: Mark? = nil, remedy: String
    ) {
        guard !fields.suspected.contains(key) else { return }
        error(mark ?? fields.mark, "\(owner) has no `\(key)`", remedy: remedy)
    }

    /// The entries of a mapping whose keys are names chosen by the user. Invalid names are reported and left out.
    mutating func named(_ entry: YAMLEntry, what: String, example: String) -> [YAMLEntry]? {
        guard let entries = entry.value.entries, !entries.isEmpty else {
            wrong(entry, wants: "a mapping with a name for each \(what)", example: example)
            return nil
        }
        var seen: Set<String> = []
        return entries.filter { item in
            seen.insert(item.key).inserted && isName(item.key, what: what, at: item.keyMark)
        }
    }

    /// Whether a name is a plain word, because names become file names, words of configuration files, and
    /// arguments.
    mutating func isName(_ name: String, what: String, at mark: Mark) -> Bool {
        if isPlainWord(name) { return true }
        error(
            mark, "\(quoted(name)) is not a valid \(what) name",
            remedy: "names have letters, digits, `_`, `-` and `.`, and begin with a letter or a digit")
        return false
    }

    mutating func string(_ entry: YAMLEntry?, example: String) -> String? {
        guard let entry else { return nil }
        guard let text = entry.value.scalar, !entry.value.isNull else {
            wrong(entry, wants: "one value", example: "\(entry.key): \(example)")
            return nil
        }
        return text
    }

    /// A text for one line of a configuration file.
    mutating func line(_ entry: YAMLEntry?, example: String) -> String? {
        guard let entry, let text = string(entry, example: example) else { return nil }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            error(
                entry.value.mark, "`\(entry.key.visible)` must be one line without control characters",
                remedy: "write `\(entry.key.visible): \(example)`")
            return nil
        }
        return text
    }

    /// Raw lines for a configuration file.
    mutating func lines(_ entry: YAMLEntry?, example: String) -> String? {
        guard let entry, let text = string(entry, example: example) else { return nil }
        let isBad = { (scalar: Unicode.Scalar) in
            scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
        }
        guard !text.unicodeScalars.contains(where: isBad) else {
            error(entry.value.mark, "`\(entry.key.visible)` has control characters", remedy: "remove them")
            return nil
        }
        for name in secretNames(in: text) { readTextSecret(name, at: entry.value.mark) }
        return text
    }

    mutating func integer(_ entry: YAMLEntry?, in range: ClosedRange<Int>, example: String) -> Int? {
        guard let entry else { return nil }
        return integer(entry.value, named: entry.key, in: range, example: example)
    }

    mutating func integer(
        _ node: YAMLNode, named name: String, in range: ClosedRange<Int>, example: String
    ) -> Int? {
        if let text = node.scalar, let value = decimal(text), range.contains(value) { return value }
        let wanted =
            range.upperBound == .max
            ? "a whole number" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        wrong(node, named: name, wants: wanted, example: "\(name): \(example)")
        return nil
    }

    /// Decimal digits with an optional minus: no `0x33`, no `051`, which YAML readers disagree about.
    private func decimal(_ text: String) -> Int? {
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") }
        guard text.utf8.count - digits.count <= 1, !digits.isEmpty,
            digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.count == 1 || digits.first != UInt8(ascii: "0")
        else { return nil }
        return Int(text)
    }

    mutating func boolean(_ entry: YAMLEntry?) -> Bool? {
        guard let entry else { return nil }
        if case .scalar(let text, isPlain: true) = entry.value.content {
            switch text.lowercased() {
            case "true", "yes", "on": return true
            case "false", "no", "off": return false
            default: break
            }
        }
        wrong(entry, wants: "`true` or `false`", example: "\(entry.key): true")
        return nil
    }

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ entry: YAMLEntry?, of type: Choice.Type
    ) -> Choice? {
        guard let entry else { return nil }
        return choice(entry.value, named: entry.key, of: type)
    }

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ node: YAMLNode, named name: String, of type: Choice.Type
    ) -> Choice? {
        if let text = node.scalar, let value = Choice(rawValue: text) { return value }
        let words = Choice.allCases.map(\.rawValue)
        let wanted = "one of " + words.map { "`\($0)`" }.joined(separator: ", ")
        let near = node.scalar.flatMap { suggestion(for: $0, among: words) }
        wrong(
            node, named: name, wants: wanted,
            remedy: near.map { "did you mean `\($0)`?" } ?? "write `\(name): \(words.first ?? "")`")
        return nil
    }

    /// The items of a list; a single value counts as a list of one.
    func items(_ entry: YAMLEntry?) -> [YAMLNode] {
        guard let entry, !entry.value.isNull else { return [] }
        if case .sequence(let items) = entry.value.content { return items }
        return [entry.value]
    }

    /// A list of plain words: interfaces, script names, packages.
    mutating func words(_ entry: YAMLEntry?, example: String) -> [(text: String, mark: Mark)] {
        guard let entry else { return [] }
        var words: [(text: String, mark: Mark)] = []
        for item in items(entry) {
            if let text = item.scalar, !item.isNull {
                words.append((text, item.mark))
            } else {
                wrong(item, named: entry.key, wants: "a list of words", example: "\(entry.key): \(example)")
            }
        }
        var seen: Set<String> = []
        for word in words where !seen.insert(word.text).inserted {
            error(
                word.mark, "\(quoted(word.text)) stands twice in `\(entry.key.visible)`",
                remedy: "keep one of the two")
        }
        return words
    }

    /// The name of a network interface: at most 15 bytes (IFNAMSIZ), no `/`, no white space.
    mutating func interface(_ text: String, at mark: Mark) -> String? {
        if isInterfaceName(text) { return text }
        error(
            mark, "\(quoted(text)) is not the name of a network interface",
            remedy: "interfaces have names like `eth0`, at most 15 characters long")
        return nil
    }

    mutating func interface(_ entry: YAMLEntry?) -> String? {
        guard let entry, let text = string(entry, example: "eth0") else { return nil }
        return interface(text, at: entry.value.mark)
    }

    /// A path of this machine; a relative one starts at the inventory's directory.
    mutating func path(_ entry: YAMLEntry?) -> String? {
        line(entry, example: "templates").map(resolved)
    }

    func resolved(_ path: String) -> String {
        path.hasPrefix("/") || path.hasPrefix("~") || directory.isEmpty ? path : "\(directory)/\(path)"
    }

    // MARK: - Wrong values

    mutating func wrong(_ entry: YAMLEntry, wants wanted: String, example: String) {
        wrong(entry.value, named: entry.key, at: entry, wants: wanted, example: example)
    }

    mutating func wrong(
        _ node: YAMLNode, named name: String, at entry: YAMLEntry? = nil, wants wanted: String,
        example: String? = nil, remedy: String? = nil
    ) {
        if case .broken = node.content { return }
        // An empty value has no place, so the key is marked.
        let mark = node.isNull ? entry?.keyMark ?? node.mark : node.mark
        let subject = name.isEmpty ? "the inventory" : "`\(name.visible)`"
        let found =
            if node.mark.lines > 1, node.scalar != nil {
                // Not quoted: after a forgotten quote it may be half of the file, with secrets.
                "a text of several lines"
            } else if let text = node.scalar, !node.isNull, !looksSecret(name) {
                quoted(text)
            } else {
                node.kind
            }
        error(
            mark, "\(subject) wants \(wanted), not \(found)",
            remedy: remedy ?? example.map { "write `\($0)`" })
    }
}

/// Whether a text is a valid name in an inventory.
package func isPlainWord(_ text: String) -> Bool {
    guard let first = text.utf8.first, isAlphanumeric(first), text.utf8.count <= 253 else { return false }
    return text.utf8.allSatisfy { isAlphanumeric($0) || "_-.".utf8.contains($0) }
}

/// Whether a text can be a DNS name or an alias of an ssh configuration: a plain word whose labels, between dots, are
/// 1 to 63 bytes long (RFC 1035, 2.3.4). A dot may follow the last one.
package func isHostName(_ text: String) -> Bool {
    guard isPlainWord(text) else { return false }
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    return (labels.last?.isEmpty == true ? labels.dropLast() : labels).allSatisfy {
        (1...63).contains($0.utf8.count)
    }
}

func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: false
    }
}

func isInterfaceName(_ text: String) -> Bool {
    (1...15).contains(text.utf8.count) && text != "." && text != ".."
        && text.utf8.allSatisfy { isAlphanumeric($0) || "_-.:@".utf8.contains($0) }
}
