import FoundationEssentials
import Inventory
import Testing

@testable import Rendering

@Suite struct MustacheTests {
    /// The cases of the mustache specification (github.com/mustache/spec) for what is implemented, with its names.
    struct SpecCase: Sendable, CustomTestStringConvertible {
        var name: String
        var template: String
        var context: [String: MustacheValue] = [:]
        var partials: [String: String] = [:]
        var expected: String
        var testDescription: String { name }
    }

    static let spec: [SpecCase] = [
        // interpolation
        .init(
            name: "No Interpolation", template: "Hello from {Mustache}!\n",
            expected: "Hello from {Mustache}!\n"),
        .init(
            name: "Basic Interpolation", template: "Hello, {{subject}}!", context: ["subject": "world"],
            expected: "Hello, world!"),
        .init(
            name: "No Re-interpolation", template: "{{template}}: {{planet}}",
            context: ["template": "{{planet}}", "planet": "Earth"], expected: "{{planet}}: Earth"),
        .init(
            name: "Nothing is escaped, unlike in the specification",
            template: "{{x}} {{{x}}} {{&x}} {{& x }}",
            context: ["x": "& \" < >"], expected: "& \" < > & \" < > & \" < > & \" < >"),
        .init(
            name: "Dotted Names - Arbitrary Depth", template: "{{a.b.c.d.e.name}}",
            context: ["a": ["b": ["c": ["d": ["e": ["name": "Phil"]]]]]], expected: "Phil"),
        .init(
            name: "Dotted Names - Initial Resolution", template: "{{#a}}{{b.name}}{{/a}}",
            context: ["a": ["b": ["name": "Phil"]], "b": ["name": "Wrong"]], expected: "Phil"),
        .init(
            name: "Implicit Iterators - Basic", template: "{{#x}}{{.}}{{/x}}", context: ["x": "world"],
            expected: "world"),
        .init(
            name: "Surrounding Whitespace", template: "| {{string}} |", context: ["string": "---"],
            expected: "| --- |"),
        .init(
            name: "Standalone", template: "  {{string}}\n", context: ["string": "---"], expected: "  ---\n"),
        .init(
            name: "With Padding", template: "|{{ string }}|{{{ string }}}|", context: ["string": "---"],
            expected: "|---|---|"),
        // sections
        .init(name: "Truthy", template: "\"{{#b}}yes{{/b}}\"", context: ["b": true], expected: "\"yes\""),
        .init(name: "Falsey", template: "\"{{#b}}no{{/b}}\"", context: ["b": false], expected: "\"\""),
        .init(
            name: "An empty text is falsey", template: "{{#s}}no{{/s}}{{^s}}yes{{/s}}", context: ["s": ""],
            expected: "yes"),
        .init(
            name: "Context", template: "{{#context}}Hi {{name}}.{{/context}}",
            context: ["context": ["name": "Joe"]],
            expected: "Hi Joe."),
        .init(
            name: "Parent contexts", template: "{{#sec}}{{a}}, {{b}}, {{c.d}}{{/sec}}",
            context: ["a": "foo", "b": "wrong", "sec": ["b": "bar"], "c": ["d": "baz"]],
            expected: "foo, bar, baz"),
        .init(
            name: "List", template: "{{#list}}{{item}}{{/list}}",
            context: ["list": [["item": "1"], ["item": "2"], ["item": "3"]]], expected: "123"),
        .init(
            name: "Empty List", template: "{{#list}}Yay lists!{{/list}}", context: ["list": []], expected: ""),
        .init(
            name: "Doubled", template: "{{#b}}\n* first\n{{/b}}\n* {{two}}\n{{#b}}\n* third\n{{/b}}\n",
            context: ["b": true, "two": "second"], expected: "* first\n* second\n* third\n"),
        .init(
            name: "Nested (Truthy)", template: "| A {{#b}}B {{#b}}C{{/b}} D{{/b}} E |", context: ["b": true],
            expected: "| A B C D E |"),
        .init(
            name: "Implicit Iterator - Nested", template: "{{#list}}({{#.}}{{.}}{{/.}}){{/list}}",
            context: ["list": [["1", "2"], ["a"]]], expected: "(12)(a)"),
        .init(
            name: "Dotted Names - Truthy", template: "{{#a.b.c}}Here{{/a.b.c}}",
            context: ["a": ["b": ["c": true]]], expected: "Here"),
        .init(
            name: "Internal Whitespace", template: " | {{#b}} {{! Important }}\n {{/b}} | \n",
            context: ["b": true],
            expected: " |  \n  | \n"),
        .init(
            name: "Indented Inline Sections", template: " {{#b}}YES{{/b}}\n {{#b}}GOOD{{/b}}\n",
            context: ["b": true],
            expected: " YES\n GOOD\n"),
        .init(
            name: "Standalone Lines", template: "| This Is\n{{#b}}\n|\n{{/b}}\n| A Line\n",
            context: ["b": true],
            expected: "| This Is\n|\n| A Line\n"),
        .init(
            name: "Indented Standalone Lines", template: "| This Is\n  {{#b}}\n|\n\t{{/b}}  \n| A Line\n",
            context: ["b": true], expected: "| This Is\n|\n| A Line\n"),
        .init(
            name: "Standalone Line Endings", template: "|\r\n{{#b}}\r\n{{/b}}\r\n|", context: ["b": true],
            expected: "|\r\n|"),
        .init(
            name: "Standalone Without Previous Line", template: "  {{#b}}\n#{{/b}}\n/", context: ["b": true],
            expected: "#\n/"),
        .init(
            name: "Standalone Without Newline", template: "#{{#b}}\n/\n  {{/b}}", context: ["b": true],
            expected: "#\n/\n"),
        // inverted
        .init(
            name: "Inverted", template: "{{^f}}1{{/f}}{{^t}}2{{/t}}{{^e}}3{{/e}}",
            context: ["f": false, "t": true, "e": []], expected: "13"),
        // comments
        .init(name: "Comment Inline", template: "12345{{! Comment Block! }}67890", expected: "1234567890"),
        .init(
            name: "Comment Multiline Standalone",
            template: "Begin.\n  {{!\n  Something's going on here...\n  }}\nEnd.\n",
            expected: "Begin.\nEnd.\n"),
        .init(
            name: "Comment Surrounding Whitespace", template: "12345 {{! x }} 67890", expected: "12345  67890"
        ),
        // partials
        .init(
            name: "Partial Basic Behavior", template: "\"{{>text}}\"", partials: ["text": "from partial"],
            expected: "\"from partial\""),
        .init(
            name: "Partial Context", template: "\"{{>partial}}\"", context: ["text": "content"],
            partials: ["partial": "*{{text}}*"], expected: "\"*content*\""),
        .init(
            name: "Partial Recursion", template: "{{>node}}",
            context: ["content": "X", "nodes": [["content": "Y", "nodes": []]]],
            partials: ["node": "{{content}}<{{#nodes}}{{>node}}{{/nodes}}>"], expected: "X<Y<>>"),
        .init(
            name: "Partial Inline Indentation", template: "  {{data}}  {{> partial}}\n",
            context: ["data": "|"],
            partials: ["partial": ">\n>"], expected: "  |  >\n>\n"),
        .init(
            name: "Partial Standalone Indentation", template: "\\\n {{>partial}}\n/\n",
            context: ["content": "<->"],
            partials: ["partial": "|\n{{{content}}}\n|\n"], expected: "\\\n |\n <->\n |\n/\n"),
        .init(
            name: "Partial in a partial", template: "a\n  {{>one}}\nb\n", context: ["x": "X"],
            partials: ["one": "1\n  {{>two}}\n\n1\n", "two": "2\n{{x}}\n"],
            expected: "a\n  1\n    2\n    X\n\n  1\nb\n"),
        .init(
            name: "Partial Standalone Without Newline", template: ">\n  {{>partial}}",
            partials: ["partial": ">\n>"],
            expected: ">\n  >\n  >"),
    ]

    @Test(arguments: spec) func `behaves as the specification says`(test: SpecCase) throws {
        #expect(try rendered(test.template, test.context, partials: test.partials) == test.expected)
    }

    @Test func `a tag that names no value is an error with template, line, column and the nearest name`() {
        #expect(
            problems("global_defs {\n    é {{rooter_id}}\n}\n", ["router_id": "lb1", "node": "lb1"]) == [
                "templates/main.mustache:2:7: `{{rooter_id}}` names no value\nhint: did you mean `router_id`?"
            ])
    }

    @Test func `every wrong tag is reported, and one in a loop only once`() {
        #expect(
            problems(
                "{{#list}}{{nam}}{{/list}}\n{{a.bee}}\n{{#absent}}{{unseen}}{{/absent}}{{^gone}}{{/gone}}{{list}}{{flag}}",
                ["list": [["name": "1"], ["name": "2"]], "a": ["be": "x"], "flag": true]) == [
                    "templates/main.mustache:1:10: `{{nam}}` names no value\nhint: did you mean `name`?",
                    "templates/main.mustache:2:1: `{{a.bee}}` names no value\nhint: did you mean `be`?",
                    "templates/main.mustache:3:1: `{{#absent}}` names no value",
                    "templates/main.mustache:3:33: `{{^gone}}` names no value",
                    "templates/main.mustache:3:51: `{{list}}` names a list, which has no text\nhint: use a section around it",
                    "templates/main.mustache:3:59: `{{flag}}` names a flag, which has no text\nhint: use a section around it",
                ])
    }

    @Test(arguments: [
        ("a\n{{#b}}x", "2:1: `{{#b}}` is never closed"),
        ("{{/b}}", "1:1: `{{/b}}` closes a section that is not open"),
        ("{{#a}}\n{{#b}}\n{{/a}}\n", "3:1: `{{/a}}` stands where `{{#b}}` of line 2 is to be closed"),
        ("{{=<% %>=}}", "1:1: delimiters cannot be changed here"),
        ("{{$block}}", "1:1: blocks and parents are not part of this language"),
        ("{{a\n}}", "1:1: a tag is not closed on its line"), ("x {{! a", "1:3: a tag is never closed"),
        ("{{", "1:1: a tag is never closed"), ("{{}}", "1:1: `{{}}` holds no name"),
        ("{{a b}}", "1:1: `{{a b}}` holds no name"), ("{{a..b}}", "1:1: `{{a..b}}` holds no name"),
    ])
    func `a broken template is an error with its place`(template: String, expected: String) {
        #expect(problems(template, ["a": true, "b": true]) == ["templates/main.mustache:" + expected])
    }

    @Test func `a template that is no UTF-8 is an error`() {
        var renderer = MustacheRenderer(TemplateSet(["main.mustache": [0x61, 0xFF]]))
        _ = renderer.render("main.mustache", [:])
        #expect(renderer.problems.map(\.description) == ["templates/main.mustache:1:1: is not UTF-8"])
    }

    @Test func `a partial that is not there is an error at its tag`() {
        #expect(
            problems("x\n  {{> haeder}}\n", [:], partials: ["header": ""]) == [
                "templates/main.mustache:2:3: no template is called `haeder.mustache`\nhint: did you mean `header.mustache`?"
            ])
    }

    @Test func `an error in a partial names the partial`() {
        #expect(
            problems("{{> part}}", [:], partials: ["part": "ok\n{{x}}"]) == [
                "templates/part.mustache:2:1: `{{x}}` names no value"
            ])
    }

    @Test(arguments: ["{{> main}}", "{{> main}}{{> main}}{{> main}}"])
    func `a template that calls itself for ever is an error, soon`(template: String) {
        let found = problems(template, [:])
        #expect(found.contains("templates/main.mustache:1:1: the template does not come to an end"))
    }

    @Test func `sections nested without end are refused`() {
        let deep = String(repeating: "{{#a}}", count: 100) + String(repeating: "{{/a}}", count: 100)
        #expect(problems(deep, ["a": true]).contains { $0.hasSuffix("sections are nested too deep") })
    }

    @Test(arguments: ["a\nb", "a\rb", "\u{1b}[2J", "a\u{0}", "a\u{85}b"])
    func `no value can begin a line of its own`(value: String) {
        #expect(
            problems("{{x}}", ["x": .text(value)]) == [
                "templates/main.mustache:1:1: the value of `{{x}}` holds a control character"
            ])
    }

    @Test func `secrets that were used are known, and those that were not are not`() {
        var renderer = MustacheRenderer(TemplateSet(["main.mustache": Array("{{a}}{{#b}}{{/b}}".utf8)]))
        let result = renderer.render(
            "main.mustache", ["a": .secret(Secret("one")), "b": .secret(Secret("two"))])
        #expect(String(decoding: result.contents, as: UTF8.self) == "one")
        #expect(result.secrets == [Secret("one")])
    }

    @Test func `raw lines lose the indentation that they share, and empty lines`() {
        #expect(MustacheValue.lines("    a {\n        b\n\n    }\r\n") == ["a {", "    b", "}"])
        #expect(MustacheValue.lines(nil) == [])
    }

    @Test func `whatever is put together from the language's parts is rendered or refused`() {
        let parts = [
            "{{", "}}", "{{{", "}}}", "{{#a}}", "{{/a}}", "{{^b}}", "{{/b}}", "{{a}}", "{{a.b}}", "{{.}}",
            "{{!", "{{> p}}",
            "\n", "\r\n", " ", "\t", "x", "é", "{", "}", "{{=", "{{&a}}",
        ]
        var state: UInt64 = 1
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var refused = 0
        for _ in 0..<3000 {
            let template = (0..<next(12)).map { _ in parts[next(parts.count)] }.joined()
            var renderer = Self.renderer(template, ["p": "p\n"])
            let result = renderer.render("main.mustache", ["a": ["b": "B"], "b": false])
            let output = String(decoding: result.contents, as: UTF8.self)
            if renderer.problems.isEmpty { #expect(!output.contains("{{a}}")) } else { refused += 1 }
        }
        #expect((100..<2900).contains(refused))
    }

    @Test func `every shipped template is in the binary as it stands in templates`() throws {
        let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../templates").standardized
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        #expect(TemplateSet.shipped.names == names)
        for name in names {
            #expect(
                try TemplateSet.shipped[name]
                    == Array(Data(contentsOf: directory.appendingPathComponent(name))))
        }
    }

    private func rendered(
        _ template: String, _ context: [String: MustacheValue], partials: [String: String] = [:]
    ) throws -> String {
        var renderer = Self.renderer(template, partials)
        let result = renderer.render("main.mustache", context)
        guard renderer.problems.isEmpty else { throw RenderingError(renderer.problems) }
        return String(decoding: result.contents, as: UTF8.self)
    }

    private func problems(
        _ template: String, _ context: [String: MustacheValue], partials: [String: String] = [:]
    ) -> [String] {
        var renderer = Self.renderer(template, partials)
        _ = renderer.render("main.mustache", context)
        return renderer.problems.map(\.description)
    }

    private static func renderer(_ template: String, _ partials: [String: String]) -> MustacheRenderer {
        var sources = ["main.mustache": Array(template.utf8)]
        for (name, source) in partials { sources[name + ".mustache"] = Array(source.utf8) }
        return MustacheRenderer(TemplateSet(sources))
    }
}
