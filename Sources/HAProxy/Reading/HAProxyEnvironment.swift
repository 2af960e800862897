/// The environment variables that a configuration is read with.
package struct HAProxyEnvironment: Hashable, Sendable {
    /// A variable as a word names it: `$X`, `${X}`, `${X-default}`, `${X[*]}` (configuration.txt, 2.3).
    package struct Variable: Hashable, Sendable {
        package var name: String
        /// The text after `-`, for a variable that is not set.
        package var fallback: String?
        /// Whether it becomes a word for each of its own words.
        package var isExpanded = false
    }

    package enum Value: Hashable, Sendable {
        case known(String)
        /// It is not set, and haproxy reads nothing in its place.
        case unset
        /// Nobody has said whether it is set.
        case unknown
    }

    private var values: [String: Value]
    /// Whether a variable that is not in it is not set; otherwise nothing is known of it.
    package var isWhole: Bool

    package init(_ values: [String: String] = [:], isWhole: Bool = false) {
        self.values = values.mapValues(Value.known)
        self.isWhole = isWhole
    }

    /// The value that haproxy puts in a variable's place.
    package func value(of variable: Variable) -> Value {
        let value = value(named: variable.name)
        if value == .unset, let fallback = variable.fallback { return .known(fallback) }
        return value
    }

    package func value(named name: String) -> Value {
        // `.LINE`, `.FILE`, `.SECTION` and HAPROXY_LOCALPEER are haproxy's own.
        values[name] ?? (isWhole && !name.hasPrefix(".") && !name.hasPrefix("HAPROXY_") ? .unset : .unknown)
    }

    /// What `setenv`, `presetenv`, `unsetenv` and `resetenv` in `global` do to it.
    mutating func apply(_ statement: HAProxyStatement) {
        let words = statement.arguments
        func set(_ name: String, _ value: Value) {
            values[name] = statement.isUndecided && values[name] != value ? .unknown : value
        }
        switch statement.keyword {
        case "setenv", "presetenv":
            guard words.count > 1, let name = words.first?.value, let value = words.dropFirst().first else {
                return
            }
            let new = value.hasVariables ? Value.unknown : .known(value.value)
            if statement.keyword == "setenv" {
                set(name, new)
            } else {
                switch self.value(named: name) {
                case .known: break
                case .unset: set(name, new)
                case .unknown: set(name, .unknown)
                }
            }
        case "unsetenv": for word in words { set(word.value, .unset) }
        case "resetenv":
            // Whatever is not named is unset; what is named stays.
            guard !statement.isUndecided else { return }
            let kept = Set(words.map(\.value))
            for name in values.keys where !kept.contains(name) { values[name] = .unset }
        default: break
        }
    }
}
