import ArgumentParser
import Rollout

/// Leaves the confirmation of a change to a person, as routers know it.
struct ConfirmationFlag: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Go back by itself unless `haops confirm` is run within this time: 90s, 10m, 2h.",
            valueName: "time"))
    var confirm: TimeSpan?

    /// Shorter, nobody could look; longer, nobody would remember.
    private static let allowed: ClosedRange<Duration> = .seconds(10)...(.seconds(24 * 3600))

    func validate() throws {
        if let confirm, !Self.allowed.contains(confirm.duration) {
            throw ValidationError("--confirm takes 10 seconds to 24 hours: 90s, 10m, 2h")
        }
    }

    /// The same plan, waiting for a person if one was asked for.
    func applied(to plan: ClusterPlan) -> ClusterPlan { plan.awaitingConfirmation(within: confirm?.duration) }
}
