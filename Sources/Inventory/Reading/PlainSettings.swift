/// Reads a YAML file that is one mapping of plain values.
///
/// - `keys`: the keys that there are.
/// - `objection`: why a value cannot stand behind a key, in words that follow the key; `nil` when it can.
/// - Returns: the entries, in the order of the file.
/// - Throws: ``InventoryError`` with every mistake and its place, or with the reason why the file cannot be read.
package func readPlainSettings(
    at path: String, keys: [String], objection: (_ key: String, _ text: String) -> String?
) throws(InventoryError) -> [(key: String, text: String, line: Int)] {
    func place(_ mark: Mark) -> SourceLocation {
        SourceLocation(file: path, line: Int(mark.line), column: Int(mark.column))
    }
    let start = SourceLocation(file: path, line: 1, column: 1)
    let bytes: [UInt8]
    do {
        bytes = try LocalFile(path: path, limit: YAMLLimits.standard.bytes).bytes
    } catch {
        throw InventoryError(diagnostics: [
            Diagnostic(.error, at: start, "cannot read the configuration: \(error.reason)")
        ])
    }
    let document = readYAML(bytes)
    var diagnostics = document.problems.map {
        Diagnostic(.error, at: place($0.mark), $0.message, remedy: $0.remedy)
    }
    var found: [(key: String, text: String, line: Int)] = []
    if let root = document.root, !root.isNull {
        if root.entries == nil {
            diagnostics.append(
                Diagnostic(.error, at: place(root.mark), "this is not a list of `key: value` lines"))
        }
        for entry in root.entries ?? [] {
            if !keys.contains(entry.key) {
                let near = suggestion(for: entry.key, among: keys)
                diagnostics.append(
                    Diagnostic(
                        .error, at: place(entry.keyMark), "there is no setting \(quoted(entry.key))",
                        remedy: near.map { "did you mean `\($0)`?" }
                            ?? "the settings are \(keys.joined(separator: ", "))"))
            } else if found.contains(where: { $0.key == entry.key }) {
                diagnostics.append(
                    Diagnostic(.error, at: place(entry.keyMark), "`\(entry.key)` stands twice"))
            } else if let text = entry.value.scalar, !entry.value.isNull {
                if let objection = objection(entry.key, text) {
                    diagnostics.append(
                        Diagnostic(.error, at: place(entry.value.mark), "`\(entry.key)` \(objection)"))
                } else {
                    found.append((entry.key, text, Int(entry.keyMark.line)))
                }
            } else {
                diagnostics.append(
                    Diagnostic(.error, at: place(entry.value.mark), "`\(entry.key)` wants one value"))
            }
        }
    }
    guard diagnostics.isEmpty else {
        throw InventoryError(diagnostics: diagnostics, text: SourceText(bytes, hiding: []))
    }
    return found
}
