import ArgumentParser
import Inventory

struct Schema: HaopsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the JSON Schema of a verb's answer, or of the inventory.",
        usage: "haops schema [<options>] [<name>]",
        discussion: """
            Without a name: which there are. New members may come in later releases, none goes; a program ignores those that it \
            does not know. For an editor with yaml-language-server: `haops schema inventory >haops-inventory.json`, and in the \
            inventory's first line `# yaml-language-server: $schema=haops-inventory.json`.
            """)

    @Argument(
        help: ArgumentHelp("A verb, `events` or `inventory`.", valueName: "name"),
        completion: .list(DocumentSchemas.all.map(\.name)))
    var name: String?

    @OptionGroup(title: "Output") var output: OutputOptions

    func perform(_ console: Console) async throws -> HaopsExit {
        let all = DocumentSchemas.all
        guard let name else {
            let document = SchemasDocument(schemas: all.map { .init(name: $0.name, about: $0.about) })
            Report(command: "schema", document, style: console.out).print(output.output, on: console)
            return .done
        }
        guard let entry = all.first(where: { $0.name == name }) else {
            let names = all.map(\.name)
            throw Failure(
                .usage, "there is no schema `\(name)`",
                hint: suggestion(for: name, among: names).map { "did you mean `\($0)`?" }
                    ?? "there are \(names.joined(separator: ", "))")
        }
        switch output.output {
        case .yaml: console.answer(entry.document.yaml)
        case .json, .table, .tsv: console.answer(entry.document.json + "\n")
        }
        return .done
    }
}
