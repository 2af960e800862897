/// What `ssh -G` says about a host: one `keyword value` per line, some of them several times.
struct ResolvedConfig: Sendable {
    private var values: [String: [String]] = [:]

    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { continue }
            values[parts[0].lowercased(), default: []].append(String(parts[1]))
        }
    }

    /// The value; `none` counts as no value, as ssh_config(5) has it.
    func string(_ keyword: String) -> String? {
        guard let value = values[keyword]?.first, value.lowercased() != "none" else { return nil }
        return value
    }

    func all(_ keyword: String) -> [String] { values[keyword] ?? [] }

    func number(_ keyword: String) -> Int? { string(keyword).flatMap { Int($0) } }

    func isYes(_ keyword: String) -> Bool { ["yes", "true"].contains(string(keyword)?.lowercased()) }

    /// A list of files in one value.
    func files(_ keyword: String) -> [String]? {
        string(keyword)?.split(separator: " ").map { expandTilde(String($0)) }
    }
}
