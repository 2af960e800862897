import Concealment

/// Whether a key's value must not be shown; a misspelled `auth_pass` has a password too.
func looksSecret(_ key: String) -> Bool {
    guard key != "secrets", key != "secret" else { return false }
    let bytes = Array(key.lowercased().utf8)
    return ["pas", "secret", "token", "pwd"].contains { word in
        bytes.indices.contains { bytes[$0...].starts(with: word.utf8) }
    }
}

/// The places of secrets in a text: the values of keys that look secret, and everything under `secrets` except
/// names of sources.
///
/// For a text that is not YAML there is no tree, so whole suspicious lines are hidden.
func secretMarks(in document: YAMLDocument, text: [UInt8]) -> [Mark] {
    guard let root = document.root else { return suspiciousMarks(in: text) }
    var marks = signedMarks(in: text)
    collectSecrets(under: root, into: &marks)
    for entry in root.entries ?? [] where entry.key == "secrets" {
        for secret in entry.value.entries ?? [] {
            if secret.value.entries == nil { hide(secret.value, into: &marks) }
            for source in secret.value.entries ?? [] where !["env", "file", "command"].contains(source.key) {
                hide(source.value, into: &marks)
            }
        }
    }
    return marks
}

private func collectSecrets(under node: YAMLNode, into marks: inout [Mark]) {
    switch node.content {
    case .scalar, .broken: break
    case .sequence(let items):
        for item in items { collectSecrets(under: item, into: &marks) }
    case .mapping(let entries):
        for entry in entries {
            if looksSecret(entry.key) {
                if entry.value.entries?.map(\.key) == ["secret"] { continue }
                hide(entry.value, into: &marks)
            } else {
                collectSecrets(under: entry.value, into: &marks)
            }
        }
    }
}

private func hide(_ node: YAMLNode, into marks: inout [Mark]) {
    switch node.content {
    case .scalar:
        guard !node.isNull else { return }
        // A scalar of several lines: the rest of its first line and the others whole.
        guard node.mark.lines > 1 else { return marks.append(node.mark) }
        for line in 0..<node.mark.lines {
            let column = line == 0 ? node.mark.column : 1
            marks.append(Mark(line: node.mark.line + line, column: column, length: .max / 2))
        }
    case .sequence(let items):
        for item in items { hide(item, into: &marks) }
    case .mapping(let entries):
        for entry in entries { hide(entry.value, into: &marks) }
    case .broken: break
    }
}

/// The places of `auth_pass: *X`, `&X` and `!X`. YAML reads an alias, an anchor or a tag, but the operator meant
/// the password.
func signedMarks(in text: [UInt8]) -> [Mark] {
    guard text.contains(where: { "*&!".utf8.contains($0) }) else { return [] }
    var marks: [Mark] = []
    for (number, line) in SourceText.lines(of: text) {
        var searched = line.startIndex
        while let colon = line[searched...].firstIndex(of: ":") {
            let key = String(String.UnicodeScalarView(line[searched..<colon]))
            searched = line.index(after: colon)
            let value = line[searched...].drop { $0 == " " || $0 == "\t" }
            guard let sign = value.first, "*&!".unicodeScalars.contains(sign), looksSecret(key) else {
                continue
            }
            let column = line.distance(from: line.startIndex, to: value.startIndex) + 1
            marks.append(Mark(line: number, column: Int32(clamping: column), length: .max / 2))
            break
        }
    }
    return marks
}

extension YAMLDocument.Problem {
    /// The problem with quoted secrets hidden.
    func hiding(_ secrets: [Mark]) -> YAMLDocument.Problem {
        guard secrets.contains(where: { $0.line == mark.line && $0.column <= mark.column }) else {
            return self
        }
        var copy = self
        // The parser may have truncated the message: text after an unpaired backtick counts as quoted.
        let isOdd = message.utf8.count { $0 == UInt8(ascii: "`") } % 2 == 1
        copy.message = (isOdd ? message + "`" : message).mappingQuotations { _ in "********" }
        return copy
    }
}

/// The places of possible secrets in a text that is not YAML: everything after a key that looks secret, with the
/// more indented lines below it, and everything under `secrets` that does not name a source.
private func suspiciousMarks(in text: [UInt8]) -> [Mark] {
    var marks: [Mark] = []
    var inSecrets = false
    // Lines indented deeper than this belong to a value that is hidden.
    var hiddenBelow: Int?
    for (number, line) in SourceText.lines(of: text) {
        let indent = line.prefix { $0 == " " || $0 == "\t" }.count
        guard indent < line.count else { continue }
        if let limit = hiddenBelow {
            if indent > limit {
                marks.append(Mark(line: number, column: 1, length: .max / 2))
                continue
            }
            hiddenBelow = nil
        }
        if indent == 0 { inSecrets = line.starts(with: "secrets".unicodeScalars) }
        // Keys precede colons; the first key that looks secret hides the rest of the line.
        var searched = line.startIndex
        while let colon = line[searched...].firstIndex(of: ":") {
            let key = String(String.UnicodeScalarView(line[searched..<colon]))
            searched = line.index(after: colon)
            let isSource = ["env", "file", "command"].contains { key.contains($0) }
            guard looksSecret(key) || inSecrets && key != "secrets" && !isSource else { continue }
            let column = line.distance(from: line.startIndex, to: searched) + 1
            marks.append(Mark(line: number, column: Int32(clamping: column), length: .max / 2))
            if !inSecrets { hiddenBelow = indent }
            break
        }
    }
    return marks
}
