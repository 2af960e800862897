import ArgumentParser
import Rollout

struct Enable: ServerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a server back into service, as haproxy.cfg has it, on all balancers or none.",
        discussion: """
            Ends what `haops drain` and `haops weight` have done to it. The last one that is ended takes with it whatever haops keeps \
            on the nodes for that.

            \(HaopsExit.ofChanges)
            """)

    @Argument(
        help: ArgumentHelp("SERVER, in every backend that has one, or BACKEND/SERVER.", valueName: "server"),
        completion: .custom { _, _, _ in InventoryCompletion.servers() })
    var servers: [String]

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Consent") var consent: ConsentFlags
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws { try check() }

    func perform(_ console: Console) async throws -> HaopsExit {
        try await ServerWork(change: .enable, selectors: try selectors(), command: self).perform(console)
    }
}
