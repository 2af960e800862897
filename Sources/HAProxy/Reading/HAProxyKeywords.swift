/// The words that a place knows, with the releases that know them.
package struct HAProxyKeywords: Sendable {
    /// A word, the first release that has it and the last; `nil` where that is 1.8 or earlier, or the latest.
    package struct Keyword: Hashable, Sendable {
        package var name: String
        package var since: HAProxyVersion?
        package var until: HAProxyVersion?

        /// Whether a release has it.
        package func isKnown(to version: HAProxyVersion) -> Bool {
            (since.map { $0 <= version.branch } ?? true) && (until.map { $0 >= version.branch } ?? true)
        }
    }

    private let keywords: [String: Keyword]

    init(always: String, since: [String: String], until: [String: String]) {
        var keywords: [String: Keyword] = [:]
        func add(_ words: String, _ change: (inout Keyword) -> Void) {
            for word in words.split(separator: " ").map(String.init) {
                change(&keywords[word, default: Keyword(name: word)])
            }
        }
        add(always) { _ in }
        for (release, words) in since { add(words) { $0.since = HAProxyVersion(release) } }
        for (release, words) in until { add(words) { $0.until = HAProxyVersion(release) } }
        self.keywords = keywords
    }

    package subscript(name: String) -> Keyword? { keywords[name] }
    package var names: Set<String> { Set(keywords.keys) }
}
