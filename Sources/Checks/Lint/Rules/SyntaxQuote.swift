import Keepalived

/// An open quote.
///
/// - Condition: A line has an odd number of double quotes, or a script line leaves a quote open.
/// - Why: keepalived drops the words after the quote, and a script with an open quote does not exist.
/// - Remedy: Close the quote.
struct SyntaxQuote: NodeRule {
    static let id = "syntax-quote"

    func check(_ node: LintNode) -> [Finding] {
        var places = node.configuration.diagnostics.filter { $0.kind == .unterminatedQuote }.map(\.location)
        places += node.configuration.problems.filter {
            $0.kind == .unknownValue && $0.consequence.contains("quote")
        }
        .map(\.location)
        // Two readers see the same quote, at different columns.
        let firstOfLines = places.sorted().reduce(into: [ConfigurationLocation]()) { found, place in
            if found.last?.file != place.file || found.last?.line != place.line { found.append(place) }
        }
        return firstOfLines.map { place in
            node.finding(
                Self.id, .error, at: place, "a quote is left open",
                effect: "keepalived drops the words after it", fix: "close the quote")
        }
    }
}
