import ArgumentParser
import Facts
import Rollout

struct Weight: ServerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give a server another share of its backend, on all balancers or none.",
        discussion: """
            `50%` is of the weight in haproxy.cfg, `100%` that one; a number from 0 to 256 stands for itself. It lasts as a drain does, until \
            `100%` or `haops enable`. haproxy rounds down: half of a configured weight of 1 is nothing, and is refused.

            \(HaopsExit.ofChanges)
            """)

    @Argument(
        help: ArgumentHelp("SERVER, in every backend that has one, or BACKEND/SERVER.", valueName: "server"),
        completion: .custom { _, _, _ in InventoryCompletion.servers() })
    var server: String

    @Argument(help: ArgumentHelp("`50%`, or a number from 0 to 256.", valueName: "weight"))
    var weight: String

    @Option(help: ArgumentHelp("Kept with it, and shown by who and status.", valueName: "text"))
    var reason = ""

    @Flag(help: "Do it although nothing of the backend serves then.")
    var acceptOutage = false

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Consent") var consent: ConsentFlags
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    var servers: [String] { [server] }

    func validate() throws {
        try check()
        _ = try change()
    }

    private func change() throws -> ServerChange {
        guard let weight = ServerWeight(weight) else {
            throw ValidationError("`\(weight)` is no weight: write `50%`, or a number from 0 to 256")
        }
        return .weigh(weight)
    }

    func perform(_ console: Console) async throws -> HaopsExit {
        var work = ServerWork(change: try change(), selectors: try selectors(), command: self)
        work.reason = reason
        work.acceptsOutage = acceptOutage
        return try await work.perform(console)
    }
}
