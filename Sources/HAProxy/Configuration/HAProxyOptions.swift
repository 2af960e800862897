/// The options behind a `bind`, `server` or `default-server`.
package struct HAProxyOptions: Hashable, Sendable {
    /// An option, its value if it takes one, and the word that names it.
    package struct Option: Hashable, Sendable {
        package var name: String
        package var value: HAProxyFile.Word?
        package var word: HAProxyFile.Word
    }

    /// The last of each name.
    package private(set) var named: [String: Option] = [:]
    /// Words where an option is expected and that no release knows as one.
    package private(set) var unknown: [HAProxyFile.Word] = []
    /// The options that take a value and have none.
    package private(set) var incomplete: [Option] = []

    init() {}

    /// The options of a line, behind its first `count` arguments.
    init(_ statement: HAProxyStatement, after count: Int, _ known: HAProxyKeywords, _ flags: Set<String>) {
        var words = statement.arguments.dropFirst(count)
        // An empty word ends the line for haproxy.
        while let word = words.popFirst(), !word.value.isEmpty {
            // `set-proxy-v2-tlv-fmt(0x20) FORMAT`
            let name = word.value.firstIndex(of: "(").map { String(word.value[..<$0]) } ?? word.value
            guard known[name] != nil else {
                unknown.append(word)
                continue
            }
            var option = Option(name: name, value: nil, word: word)
            if !flags.contains(name) {
                option.value = words.popFirst()
                // haproxy takes this one without a format as well (reg-tests, proxy_protocol_send_generic).
                if option.value == nil, name != "set-proxy-v2-tlv-fmt" { incomplete.append(option) }
            }
            named[name] = option
        }
    }

    /// The options in force where these stand before others.
    mutating func merge(_ later: HAProxyOptions) {
        named.merge(later.named) { $1 }
    }

    package subscript(name: String) -> Option? { named[name] }
    package func has(_ name: String) -> Bool { named[name] != nil }
    package func value(_ name: String) -> String? { named[name]?.value?.value }
}
