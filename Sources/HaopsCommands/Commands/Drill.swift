import ArgumentParser
import Checks
import Inventory
import Remote
import Rollout

struct Drill: ChangingCommand {
    /// One case, or all of them.
    enum Choice: ExpressibleByArgument, Sendable {
        case one(DrillCase)
        case all

        init?(argument: String) {
            if argument == "all" {
                self = .all
            } else if let failure = DrillCase(rawValue: argument) {
                self = .one(failure)
            } else {
                return nil
            }
        }

        static var allValueStrings: [String] { DrillCase.allCases.map(\.rawValue) + ["all"] }

        var cases: [DrillCase] {
            switch self {
            case .one(let failure): [failure]
            case .all: DrillCase.allCases.filter(\.isOneOfAll)
            }
        }
    }

    static let configuration = CommandConfiguration(
        abstract: "Make a failure real on a node, measure how long each address is silent, and end it again.",
        discussion: """
            Before anything fails its end is scheduled on the node itself, in bounded time and at its next boot: a drill whose \
            operator vanishes ends by itself. The observers of the inventory ping every address all the time; what they saw is \
            shown beside what `ready` foretells. Afterwards it is proven that owners, daemons, addresses, routes and packet \
            filters are as before.

            CASE is \(Choice.allValueStrings.joined(separator: ", ")). docs/Drill.md explains each.

            Exit: 0 all is as before; 1 it is not, and says what is left; 3 refused, nothing was broken; 4 a node did not \
            answer, nothing was broken; 5 a silence was longer than --max-outage, or differs from what was foretold; 6 the \
            outcome is unknown; 130 interrupted, and the failure has ended.
            """)

    @Argument(help: ArgumentHelp("The failure, or all.", valueName: "case"))
    var choice: Choice

    @Option(
        help: ArgumentHelp(
            "The node that fails; the owner of the addresses unless named. lb1+lb2: both at once.",
            valueName: "node"),
        completion: .custom { _, _, _ in InventoryCompletion.nodes() })
    var node: String?

    @Option(
        name: .customLong("fails"),
        help: ArgumentHelp("Which of several checks is to fail.", valueName: "name"))
    var failingCheck: String?

    @Option(
        name: .customLong("repeat"), help: ArgumentHelp("Make it so often, 1 to 20 times.", valueName: "n"))
    var times = 1

    @Option(
        help: ArgumentHelp(
            "Between two questions to an address, in milliseconds: 5 to 1000.", valueName: "ms"))
    var interval = 10

    @Option(
        help: ArgumentHelp(
            "The longest silence that is well; a longer one ends with 5.", valueName: "duration"))
    var maxOutage: TimeSpan?

    @Flag(help: "Do it although nobody would serve meanwhile.")
    var acceptOutage = false

    @Option(
        help: ArgumentHelp(
            "Draw what was measured into this file: NAME.html for every drill, or NAME.svg for the last one.",
            valueName: "file"),
        completion: .file())
    var picture: String?

    @Flag(help: "Draw what was measured in the terminal: a lane for each node and each address.")
    var lanes = false

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Consent") var consent: ConsentFlags
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard (1...20).contains(times) else { throw ValidationError("--repeat takes 1 to 20") }
        guard (5...1000).contains(interval) else {
            throw ValidationError("--interval takes 5 to 1000 milliseconds")
        }
        if let picture, PictureFile(path: picture) == nil {
            throw ValidationError(PictureFile.complaint(about: picture))
        }
        guard failingCheck == nil || choice.cases.contains(.checkFails) else {
            throw ValidationError("--fails belongs to `drill check-fails`")
        }
    }

    func perform(_ console: Console) async throws -> HaopsExit {
        let fleet = try fleetOptions.selected(console).fleet
        let cluster = try chosen(in: fleet)
        return try await withTransport { transport in
            let work = try await ClusterWork(
                fleet: Fleet(source: fleet.source, clusters: [cluster]), connection: connection,
                transport: transport, console: console
            ).learningWhatIsMissing()
            let cluster = work.fleet.clusters[0]
            var plans: [DrillPlan] = []
            for failure in choice.cases {
                plans.append(
                    try await work.rollout.planDrill(
                        of: cluster, failure, on: nodeNames.map { HostID($0) }, check: failingCheck,
                        insists: acceptOutage))
            }
            let shown = DrillPlansReport(plans: plans)
            console.show(consent, output) { shown.report(style: $0) }
            if let silent = plans.first(where: { !$0.unreachable.isEmpty }) {
                return work.notBegun([(cluster, silent.unreachable)], command: "drill", consent, output)
            }
            let possible = plans.filter { !$0.isRefused }
            guard let first = possible.first else {
                if !output.output.isForPeople, !consent.dryRun {
                    shown.report(style: console.out).print(output.output, on: console)
                }
                return .refused
            }
            if consent.dryRun { return .done }
            try await consent.askForName(
                cluster.name, "\(first.nodeNames) will fail on purpose. Type the cluster's name to begin")
            let drills = try await carryOut(possible, work)
            var series = DrillSeriesReport(drills: drills)
            series.isDetailed = output.verbose
            series.skipped = plans.filter(\.isRefused).map { ($0, $0.objections.first ?? "refused") }
            let report =
                drills.count == 1 && plans.count == 1
                ? drills[0].report(style: console.out)
                : series.report(style: console.out)
            report.print(output.output, on: console)
            try draw(drills, console)
            return series.exit
        }
    }

    /// - Throws: ``Failure`` when the picture cannot be written.
    private func draw(_ drills: [DrillReport], _ console: Console) throws {
        let pictures = drills.compactMap(\.picture)
        if lanes, output.output.isForPeople {
            for picture in pictures { console.answer("\n" + picture.lines(console.out)) }
        }
        guard let file = picture.flatMap({ PictureFile(path: $0) }) else { return }
        guard !pictures.isEmpty else {
            return console.warning(
                "nothing was measured, so there is nothing to draw: `\(file.path)` is not written")
        }
        try file.write(pictures, title: "haops drill", remarks: DrillReport.pictureRemarks)
        console.note("drawn: \(file.path)")
    }

    /// Makes the failures one after the other, each as often as wanted, until one does not end well.
    private func carryOut(_ plans: [DrillPlan], _ work: ClusterWork) async throws -> [DrillReport] {
        try await Interrupts.gracefully { interrupt in
            // An interrupt before this point has cancelled the question and not requested a graceful stop.
            try Task.checkCancellation()
            return try await LocalProbes.ofThisMachine { here in
                var drills: [DrillReport] = []
                for plan in plans {
                    for _ in 0..<times where !interrupt.isRequested && drills.allSatisfy({ $0.run.isDone }) {
                        let run = await work.rollout.carryOut(
                            plan, interval: .milliseconds(interval), here: here, interrupt: interrupt)
                        drills.append(
                            DrillReport(
                                cluster: plan.cluster.name, plan: plan, run: run,
                                maxOutage: maxOutage?.duration))
                    }
                }
                return drills
            }
        }
    }

    /// As `ready` writes them: `lb1+lb2`.
    private var nodeNames: [String] { (node ?? "").split(separator: "+").map(String.init).uniqued() }

    /// The cluster of the node, or the only one that was chosen.
    private func chosen(in fleet: Fleet) throws -> Cluster {
        let all = fleet.clusters.flatMap { $0.nodes.map(\.id.name) }
        for name in nodeNames where !all.contains(name) {
            throw unknown("node", name, among: all, listed: NodeRange.listed(all))
        }
        if let first = nodeNames.first {
            for cluster in fleet.clusters where cluster.nodes.contains(where: { $0.id.name == first }) {
                let own = cluster.nodes.map(\.id.name)
                if nodeNames.allSatisfy(own.contains) { return cluster }
            }
            throw Failure(.usage, "\(nodeNames.enumeration) are not nodes of one cluster")
        }
        guard fleet.clusters.count == 1 else {
            throw Failure(
                .usage, "one drill is of one cluster, and these are \(fleet.clusters.count)",
                hint: "choose one with -c, or name a node with --node")
        }
        return fleet.clusters[0]
    }
}
