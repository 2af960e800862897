/// The expression of `.if` and `.elif` (configuration.txt, 2.4; cfgcond.c).
struct HAProxyCondition {
    enum Answer {
        case no, yes
        /// It depends on what is not known.
        case unknown
        /// haproxy cannot read it.
        case malformed

        init(_ value: Bool) { self = value ? .yes : .no }
        init(_ value: Bool?) { self = value.map { $0 ? .yes : .no } ?? .unknown }

        fileprivate var negated: Answer {
            switch self {
            case .no: .yes
            case .yes: .no
            case .unknown, .malformed: self
            }
        }
    }

    private var rest: Substring.UTF8View
    private let environment: HAProxyEnvironment
    private let version: HAProxyVersion?

    /// - `text`: The words of the line after the directive, joined by blanks.
    /// - `hasVariables`: Whether it has variables whose values are not known.
    static func answer(
        _ text: String, hasVariables: Bool, _ environment: HAProxyEnvironment, _ version: HAProxyVersion?
    ) -> Answer {
        var condition = HAProxyCondition(
            rest: Substring(text).utf8, environment: environment, version: version)
        condition.skipBlanks()
        // Without an expression it is false.
        if condition.rest.isEmpty { return .no }
        let answer = condition.expression(depth: 0)
        condition.skipBlanks()
        if hasVariables { return .unknown }
        return condition.rest.isEmpty ? answer : .malformed
    }

    /// haproxy's own limit is MAX_CFG_RECURSION, 1024; nobody nests that deep, and the stack here is smaller.
    private static let deepest = 64

    private mutating func expression(depth: Int) -> Answer {
        guard depth < Self.deepest else { return .malformed }
        var answer = conjunction(depth)
        while take("||") {
            let next = conjunction(depth)
            switch (answer, next) {
            case (.malformed, _), (_, .malformed): answer = .malformed
            case (.yes, _), (_, .yes): answer = .yes
            case (.unknown, _), (_, .unknown): answer = .unknown
            default: answer = .no
            }
        }
        return answer
    }

    private mutating func conjunction(_ depth: Int) -> Answer {
        var answer = term(depth)
        while take("&&") {
            let next = term(depth)
            switch (answer, next) {
            case (.malformed, _), (_, .malformed): answer = .malformed
            case (.no, _), (_, .no): answer = .no
            case (.unknown, _), (_, .unknown): answer = .unknown
            default: answer = .yes
            }
        }
        return answer
    }

    private mutating func term(_ depth: Int) -> Answer {
        skipBlanks()
        var isNegated = false
        while rest.first == UInt8(ascii: "!") {
            isNegated.toggle()
            rest.removeFirst()
            skipBlanks()
        }
        let answer = primary(depth)
        return isNegated ? answer.negated : answer
    }

    private mutating func primary(_ depth: Int) -> Answer {
        if let number = number() { return Answer(number != 0) }
        if rest.first == UInt8(ascii: "(") {
            rest.removeFirst()
            let answer = expression(depth: depth + 1)
            skipBlanks()
            guard rest.first == UInt8(ascii: ")") else { return .malformed }
            rest.removeFirst()
            return answer
        }
        let name = rest.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "(") }
        let text = String(Substring(name))
        rest = rest.dropFirst(name.count)
        skipBlanks()
        guard rest.first == UInt8(ascii: "(") else {
            // Only fips_mode goes without arguments.
            return text == "fips_mode" ? predicate(text, []) : .malformed
        }
        rest.removeFirst()
        guard let end = rest.firstIndex(of: UInt8(ascii: ")")) else { return .malformed }
        let arguments = rest[..<end].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .map { String(Substring($0)).trimmed }
        rest = rest[rest.index(after: end)...]
        return predicate(text, arguments)
    }

    /// The predicates, and the first release of each.
    private static let predicates: [String: HAProxyVersion] = [
        "defined": HAProxyVersion(2, 4), "feature": HAProxyVersion(2, 4), "streq": HAProxyVersion(2, 4),
        "strneq": HAProxyVersion(2, 4), "version_atleast": HAProxyVersion(2, 4),
        "version_before": HAProxyVersion(2, 4), "openssl_version_atleast": HAProxyVersion(2, 5),
        "openssl_version_before": HAProxyVersion(2, 5), "ssllib_name_startswith": HAProxyVersion(2, 5),
        "strstr": HAProxyVersion(2, 8), "enabled": HAProxyVersion(2, 8),
        "awslc_api_atleast": HAProxyVersion(3, 3), "awslc_api_before": HAProxyVersion(3, 3),
        "fips_mode": HAProxyVersion(3, 5),
    ]

    private func predicate(_ name: String, _ arguments: [String]) -> Answer {
        guard let since = Self.predicates[name], version.map({ $0.branch >= since }) ?? true else {
            return .malformed
        }
        let first = arguments.first ?? ""
        let second = arguments.dropFirst().first
        switch name {
        case "defined":
            switch environment.value(named: first) {
            case .known: return .yes
            case .unset: return .no
            case .unknown: return .unknown
            }
        case "streq": return second.map { Answer(first == $0) } ?? .malformed
        case "strneq": return second.map { Answer(first != $0) } ?? .malformed
        case "strstr": return second.map { Answer($0.isEmpty || first.contains($0)) } ?? .malformed
        case "version_atleast", "version_before":
            guard let wanted = HAProxyVersion(first) else { return .unknown }
            return Answer(version.map { name == "version_before" ? $0 < wanted : $0 >= wanted })
        // What was built into it, and what it runs on.
        default: return .unknown
        }
    }

    private mutating func number() -> Int? {
        guard let first = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return nil
        }
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest.dropFirst(digits.count)
        return digits.contains { $0 != UInt8(ascii: "0") } ? 1 : 0
    }

    private mutating func take(_ sign: String) -> Bool {
        skipBlanks()
        guard rest.starts(with: sign.utf8) else { return false }
        rest = rest.dropFirst(sign.utf8.count)
        return true
    }

    private mutating func skipBlanks() { rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == 9 } }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
