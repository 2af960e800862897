import ArgumentParser
import FoundationEssentials
import Glibc
import Inventory
import Remote
import Rendering

struct Render: HaopsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write every node's files below a directory, byte for byte reproducible.",
        usage: "haops render --out <dir> [<options>]",
        discussion: """
            DIR/<node>/<absolute path on that node>. Files that hold a secret are 0600 here and 0640 on the node. \
            What is there already and is not written anew stays.
            """)

    @Option(help: ArgumentHelp("Where to write.", valueName: "dir"), completion: .directory)
    var out: String

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        try fleetOptions.requireInventory()
        // An empty variable of a shell would mean the root directory.
        if out.isEmpty || out == "-" {
            throw ValidationError("--out needs a directory: haops render --out rendered")
        }
    }

    func perform(_ console: Console) async throws -> HaopsExit {
        let selected = try fleetOptions.selected(console)
        let rendered = try await RenderedFleet.make(selected.fleet, console: console)
        let chosen = Set(selected.nodes.map(\.id))
        var document = RenderDocument()
        for node in rendered.clusters.flatMap(\.nodes) where chosen.contains(node.node.id) {
            for file in node.files {
                let path = "\(out)/\(node.node.id)\(file.path)"
                try write(file, to: path)
                document.files.append(
                    RenderDocument.File(
                        node: node.node.id.name, path: file.path, file: path, secret: file.isSecret))
            }
        }
        Report(command: "render", document, style: console.out).print(output.output, on: console)
        return .done
    }

    private func write(_ file: RenderedFile, to path: String) throws {
        let directory = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        // What stands below the directory is haops' own: a link there would let it write elsewhere.
        for slash in path.utf8.dropFirst(out.utf8.count + 1).indices where path[slash] == "/" {
            let above = String(path[..<slash])
            guard (try? FileManager.default.destinationOfSymbolicLink(atPath: above)) == nil else {
                throw Failure(
                    .failed, "`\(above)` is a link: nothing is written through it",
                    hint: "remove it, or render into a new directory")
            }
        }
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw Failure(.failed, "cannot write `\(directory)`: \(LocalFileError(errno).reason)")
        }
        try WholeFile.write(file.contents, to: path, mode: mode_t(file.isSecret ? 0o600 : file.mode))
    }
}

/// The files that `render` has written.
struct RenderDocument: OutputDocument, Codable {
    struct File: Codable, Sendable {
        var node: String
        /// On the node.
        var path: String
        /// Here.
        var file: String
        var secret: Bool
    }

    var files: [File] = []

    var table: Table {
        Table(
            columns: ["node", "path", "written to"],
            rows: files.map { [Table.Cell($0.node), Table.Cell($0.path), Table.Cell($0.file)] })
    }
}
