/// The output of `ssh -G` for a host: one `keyword value` per line; a keyword may occur several times.
struct ResolvedConfig: Sendable {
    private typealias Values = [String: [String]]

    /// Shares equal output of `ssh -G` between hosts: the output for one host has about ten kilobytes.
    struct Shared {
        fileprivate var values: [String: [String: [String]]] = [:]

        /// How many different answers there are.
        var count: Int { values.count }
    }

    private let own: Values
    private let common: Values

    init(_ text: String, sharing shared: inout Shared) {
        // The lines that differ between hosts of the same configuration block.
        let isOwn = { (line: Substring) in line.hasPrefix("host ") || line.hasPrefix("hostname ") }
        let lines = text.split(whereSeparator: \.isNewline)
        own = Self.values(lines.filter(isOwn))
        let rest = lines.filter { !isOwn($0) }
        let key = rest.joined(separator: "\n")
        if let known = shared.values[key] {
            common = known
        } else {
            common = Self.values(rest)
            shared.values[key] = common
        }
    }

    init(_ text: String) {
        var shared = Shared()
        self.init(text, sharing: &shared)
    }

    private static func values(_ lines: [Substring]) -> Values {
        var values: Values = [:]
        for line in lines {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { continue }
            values[parts[0].lowercased(), default: []].append(String(parts[1]))
        }
        return values
    }

    /// The value; `none` counts as no value, as ssh_config(5) has it.
    func string(_ keyword: String) -> String? {
        guard let value = all(keyword).first, value.lowercased() != "none" else { return nil }
        return value
    }

    func all(_ keyword: String) -> [String] { own[keyword] ?? common[keyword] ?? [] }

    func number(_ keyword: String) -> Int? { string(keyword).flatMap { Int($0) } }

    func isYes(_ keyword: String) -> Bool { ["yes", "true"].contains(string(keyword)?.lowercased()) }

    func isNo(_ keyword: String) -> Bool { ["no", "false"].contains(string(keyword)?.lowercased()) }

    /// A comma-separated list.
    func list(_ keyword: String) -> [String]? {
        string(keyword)?.split(separator: ",").map { String($0.drop { $0 == " " }) }
    }

    /// A list of files in one value: empty for `none`, `nil` without the keyword.
    ///
    /// `ssh -G` does not quote file names, so a blank in a name looks like a separator.
    ///
    /// - Throws: ``AmbiguousFiles``.
    func files(_ keyword: String) throws(AmbiguousFiles) -> [String]? {
        guard let value = all(keyword).first else { return nil }
        if value.lowercased() == "none" { return [] }
        let names = value.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard names.count == 1 || names.allSatisfy({ $0.hasPrefix("/") || $0.hasPrefix("~") }) else {
            throw AmbiguousFiles(value: value)
        }
        return names.map(expandTilde)
    }

    struct AmbiguousFiles: Error {
        let value: String
    }
}
