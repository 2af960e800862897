import ArgumentParser
import FoundationEssentials
import HaopsTestSupport
import Testing

@testable import HaopsCommands

/// What kind of verb each one is.
struct VerbTests {
    private let verbs = Haops.configuration.groupedSubcommands.flatMap(\.subcommands)

    @Test func `a verb that asks for leave is one that changes nodes`() throws {
        #expect(verbs.count > 15)
        for verb in verbs {
            let asks = Haops.helpMessage(for: verb).contains("--dry-run")
            // `lint --fix` changes the operator's own files.
            #expect(asks == (verb is any ChangingCommand.Type || verb is Lint.Type), "\(verb)")
        }
        #expect(try Unlock.parse(["--yes"]).changesNodes)
        #expect(try !Unlock.parse(["--dry-run"]).changesNodes)
    }

    @Test func `the lab tells every verb that reaches nodes how`() throws {
        let script = try String(contentsOfFile: LabFixture.project + "/lab/haops", encoding: .utf8)
        let line = try #require(script.split(separator: "\n").first { $0.hasSuffix("connection=() ;;") })
        let lonely = line.prefix { $0 != ")" }.split(separator: "|").map { $0.filter { $0 != " " } }
        let local = verbs.filter { !($0 is any ConnectingCommand.Type) }.map { "\($0)".lowercased() }
        #expect(Set(lonely) == Set(local + ["-*", "help"]))
    }
}
