import FoundationEssentials
import Remote

/// What `haops doctor -o json` and `haops lint -o json` find.
struct FindingsAnswer: Decodable {
    struct Finding: Decodable {
        var id: String
        var severity: String
        var nodes: [String]
        var fix: String
    }
    var findings: [Finding]

    init(_ output: CommandOutput) throws {
        self = try JSONDecoder().decode(FindingsAnswer.self, from: Data(output.stdout))
    }
}
