import ArgumentParser
import Rollout

struct Drain: ServerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take a backend's server out of service, on all balancers or none.",
        discussion: """
            The server gets no new sessions on any balancer of its cluster, except those that stick to it; its checks go on. When \
            one balancer cannot do it, it is undone on the others. It lasts until `haops enable`: through reloads and restarts \
            of haproxy and of the nodes, which set it again by themselves, as does every run of haops. Ports, addresses and weights \
            stay those of haproxy.cfg.

            Shows first what is left to serve. The last server of a backend wants the backend's name typed, or --accept-outage.

            \(HaopsExit.ofChanges) With --wait also 5: it is drained, and some sessions had not ended in time.
            """)

    @Argument(
        help: ArgumentHelp("SERVER, in every backend that has one, or BACKEND/SERVER.", valueName: "server"),
        completion: .custom { _, _, _ in InventoryCompletion.servers() })
    var servers: [String]

    @Option(
        help: ArgumentHelp(
            "Then wait until it has no session on any balancer, this long at most: 90s, 5m.",
            valueName: "time"))
    var wait: TimeSpan?

    @Option(help: ArgumentHelp("Kept with it, and shown by who and status.", valueName: "text"))
    var reason = ""

    @Flag(help: "Do it although nothing of the backend serves then.")
    var acceptOutage = false

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Consent") var consent: ConsentFlags
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws { try check() }

    func perform(_ console: Console) async throws -> HaopsExit {
        var work = ServerWork(change: .drain, selectors: try selectors(), command: self)
        work.reason = reason
        work.acceptsOutage = acceptOutage
        work.waitsFor = wait?.duration
        return try await work.perform(console)
    }
}
