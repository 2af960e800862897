import FoundationEssentials
import Testing

@testable import HaopsCommands

struct OutputTests {
    static let nasty: [String] = [
        "", "plain", "two\nlines", "tab\there", "quote \" and \\ backslash",
        "bell \u{7} and escape \u{1b}[31m",
        "\u{9b}31m C1", "del \u{7f}", "ünïcödé ⏎ 🚀", "null", "~", "yes", "0x10", "- item", "key: value",
        "#comment",
        "a: b", " leading", "trailing ", "203.0.113.50", "1.5", "2026-11-21",
    ]

    @Test(arguments: nasty)
    func `a text comes back from JSON as it went in`(text: String) throws {
        let json = OutputValue.object([("text", .text(text)), (text, 1)]).json
        let back = try JSONDecoder().decode([String: Either].self, from: Data(json.utf8))
        #expect(back["text"] == (text == "text" ? .number(1) : .text(text)))
        #expect(back[text] == .number(1))
        #expect(
            !json.unicodeScalars.contains {
                ($0.value < 0x20 && $0 != "\n") || (0x7f...0x9f).contains($0.value)
            })
    }

    private enum Either: Decodable, Equatable {
        case text(String), number(Int)
        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                self = .number(number)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }

    @Test func `JSON keeps the order of its keys and says empty things briefly`() {
        let value: OutputValue = ["z": [], "a": .object([]), "m": [1, true, nil], "e": -5]
        #expect(
            value.json == """
                {
                  "z": [],
                  "a": {},
                  "m": [
                    1,
                    true,
                    null
                  ],
                  "e": -5
                }
                """)
    }

    @Test func `YAML is what JSON is, in blocks, and quotes what could be read as something else`() {
        let value: OutputValue = [
            "vips": [["vip": "203.0.113.50", "owners": ["lb1"], "verdict": "owned"], ["vip": "yes"]],
            "none": [], "text": "a: b", "path": "/etc/x", "nothing": nil,
        ]
        #expect(
            value.yaml == """
                vips:
                  - vip: "203.0.113.50"
                    owners:
                      - lb1
                    verdict: owned
                  - vip: "yes"
                none: []
                text: "a: b"
                path: /etc/x
                nothing: null

                """)
    }

    @Test func `nothing that a node says can steer a terminal`() {
        let said = "\u{1b}]0;owned\u{7}\u{9b}2J\r\u{202e}txet\u{8}\tfine\nnext"
        #expect(said.safeForTerminal == "\\x1b]0;owned\\x07\\x9b2J\\x0d\\u{202e}txet\\x08\tfine\nnext")
        #expect(!said.safeOnOneLine.contains("\n"))
        #expect("ordinary text, ünïcödé 🚀".safeForTerminal == "ordinary text, ünïcödé 🚀")
    }

    @Test func `columns line up, and the last one runs on`() {
        let table = Table(
            columns: ["vip", "owner"],
            rows: [["203.0.113.50", "lb1"], ["2001:db8::50", Table.Cell("lb2 \u{1b}[2J")]])
        #expect(
            table.text(Style(isColored: false)) == """
                VIP           OWNER
                203.0.113.50  lb1
                2001:db8::50  lb2 \\x1b[2J

                """)
    }

    @Test func `colour changes no column and no word`() {
        let table = Table(columns: ["a", "b"], rows: [[Table.Cell("x", .bad), Table.Cell("y", .good)]])
        let plain = table.text(Style(isColored: false))
        var coloured = table.text(Style(isColored: true))
        #expect(coloured != plain)
        while let start = coloured.firstRange(of: "\u{1b}["),
            let end = coloured[start.upperBound...].firstIndex(of: "m")
        {
            coloured.removeSubrange(start.lowerBound...end)
        }
        #expect(coloured == plain)
    }

    @Test func `a cell never breaks a line of tab-separated values`() {
        let table = Table(columns: ["node", "output"], rows: [["lb1", "one\ttwo\nthree"]])
        let lines = table.tsv.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.split(separator: "\t", omittingEmptySubsequences: false).count == 2 })
    }

    @Test func `NO_COLOR wins over everything but the command line`() async throws {
        let forced = ["CLICOLOR_FORCE": "1"]
        #expect(try await check(environment: forced).contains("\u{1b}["))
        #expect(try await !check(environment: ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"]).contains("\u{1b}["))
        #expect(try await !check(environment: [:]).contains("\u{1b}["))
        #expect(try await check("--color", "always", environment: ["NO_COLOR": "1"]).contains("\u{1b}["))
        #expect(try await !check("--color", "never", environment: forced).contains("\u{1b}["))
    }

    private func check(_ more: String..., environment: [String: String]) async throws -> String {
        try await Program.run(
            Program.path, ["check", "-i", Program.shipped] + more, environment: environment
        ).out
    }

    @Test(arguments: ["check", "plan", "apply", "who", "exec"])
    func `help fits a terminal of 80 columns`(verb: String) async throws {
        let run = try await Program.haops(verb, "--help")
        #expect(run.exit == 0)
        // The parser's own summary of a verb with few options is one line, whatever its length.
        for line in run.out.split(separator: "\n") where !line.hasPrefix("USAGE:") {
            #expect(line.count <= 80, "\(line)")
        }
    }

    @Test(arguments: ["json", "yaml", "tsv", "table"])
    func `the answer is alone on standard output in every form`(format: String) async throws {
        let run = try await Program.haops("check", "-i", Program.shipped, "-o", format)
        #expect(run.exit == 0)
        #expect(run.out.contains("lb1") || run.out.contains("lb[1-2]"))
        if format == "json" {
            let head = try JSONDecoder().decode(Head.self, from: Data(run.out.utf8))
            #expect(head.schema_version == 1 && head.command == "check" && head.checked_at.hasSuffix("Z"))
        }
        if format == "yaml" {
            #expect(run.out.hasPrefix("schema_version: 1\ncommand: check\nchecked_at: \""))
        }
    }

    private struct Head: Decodable {
        var schema_version: Int
        var command: String
        var checked_at: String
    }
}
