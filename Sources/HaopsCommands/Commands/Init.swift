import Addresses
import ArgumentParser
import Glibc
import Inventory

struct Init: HaopsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a commented inventory for two load balancers.",
        usage: "haops init [<options>] <first> <second>",
        discussion:
            "Every key of the format stands in it once, with what it means. An existing file is never overwritten."
    )

    @Argument(help: "The address of the first load balancer.")
    var first: String

    @Argument(help: "The address of the second one.")
    var second: String

    @Option(
        help: ArgumentHelp("Where to write; `-` is standard output.", valueName: "file"), completion: .file())
    var out = "haops.yaml"

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        for address in [first, second] where IPAddress(address) == nil {
            throw ValidationError(
                "`\(address)` is not an address; haops init wants two, like 198.51.100.11 198.51.100.12")
        }
        if IPAddress(first) == IPAddress(second) {
            throw ValidationError("two load balancers have two addresses")
        }
    }

    func perform(_ console: Console) async throws -> HaopsExit {
        let text = exampleInventory(first: first, second: second)
        guard out != "-" else {
            console.answer(text)
            return .done
        }
        let descriptor = unsafe open(out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            let cause = LocalFileError(errno).reason
            throw Failure(.refused, "cannot write `\(out)`: \(cause)", hint: "name another file with --out")
        }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count else { throw Failure(.failed, "cannot write all of `\(out)`") }
        console.note("wrote \(out); edit it, then: haops check -i \(out)")
        return .done
    }
}
