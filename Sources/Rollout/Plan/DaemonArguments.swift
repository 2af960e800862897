/// The non-empty variables of a file such as `/etc/default/keepalived`, without its comments.
struct DaemonArguments: Equatable {
    private var variables: [String: String] = [:]
    /// Lines that are not plain assignments and that only a shell could evaluate.
    private var others: [String] = []

    init(_ contents: [UInt8]) {
        for line in String(decoding: contents, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard let first = words.first, !first.hasPrefix("#"), !first.hasPrefix(";") else { continue }
            let text = words.joined(separator: " ")
            guard let equals = text.firstIndex(of: "=") else {
                others.append(text)
                continue
            }
            var value = text[text.index(after: equals)...]
            if let quote = value.first, quote == "\"" || quote == "'", value.count > 1, value.last == quote {
                value = value.dropFirst().dropLast()
            }
            variables[String(text[..<equals])] = value.isEmpty ? nil : String(value)
        }
    }
}
