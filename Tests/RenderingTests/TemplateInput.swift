import Inventory

@testable import Rendering

/// Any bytes as a template, with itself as a partial: for the fuzzer (fuzz/FuzzTemplate.swift) and for tests.
enum TemplateInput {
    private static let secret = Secret("Zq7PassVrrp")
    private static let context: [String: MustacheValue] = [
        "a": "text", "b": true, "c": false, "list": [["a": "one"], ["a": "two"], "three"],
        "o": ["x": "y", "o": ["x": "z"]],
        "s": .secret(secret), "bad": "two\nlines",
    ]

    /// A secret that is in the result is told of; what comes out is bounded, and the same each time.
    static func render(_ bytes: [UInt8]) {
        let half = bytes.firstIndex(of: 0) ?? bytes.count
        let set = TemplateSet(["p.mustache": Array(bytes[half...]), "q.mustache": Array("{{> p}}".utf8)])
        var renderer = MustacheRenderer(set)
        let result = renderer.render(source: Array(bytes[..<half]), name: "t", context)
        let shows = result.contents.firstRange(of: Array(secret.revealed.utf8)) != nil
        precondition(
            !shows || result.secrets.contains(secret) || bytes.firstRange(of: Array("Zq7".utf8)) != nil)
        precondition(result.contents.count <= (bytes.count + 64) * MustacheRenderer.maximumSteps)
        var again = MustacheRenderer(set)
        precondition(
            again.render(source: Array(bytes[..<half]), name: "t", context).contents == result.contents)
        // Control characters of the template go where an error is shown, and not here.
        for problem in renderer.problems { precondition(!"\(RenderingError([problem]))".isEmpty) }
    }
}
