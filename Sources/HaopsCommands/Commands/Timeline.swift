import ArgumentParser
import Events
import FoundationEssentials
import Inventory
import Remote
import Survey
import Timeline

struct Timeline: ConnectingCommand {
    static let configuration = CommandConfiguration(
        abstract: "What happened and why: the nodes' logs in one story, a sentence for each failover.",
        discussion: """
            Merges what keepalived, haproxy, systemd, the kernel's links and haops' own runs have left in the logs of all \
            nodes: the journal, or /var/log/messages and the like with what was rotated away. Clocks are compared over \
            SSH and corrected. Repetition is folded; -v shows every row. Then, for each failover: who lost an instance, \
            why, who took it, and for how long nobody or both had it. What no log says is called unknown. With --log it \
            reads files instead and contacts nobody. -f goes on with what happens. Times are UTC. Changes nothing. docs/Timeline.md has more.

            Exit: 0 done, 4 a node did not answer, 64 a file cannot be read.
            """)

    @Argument(help: "Only these instances.")
    var instances: [String] = []

    @Option(
        help: ArgumentHelp(
            "How far back: `90s`, `30m`, `2h`, `3d`, or a time in UTC like 2026-11-30T20:55:00Z. For nodes 2h by default.",
            valueName: "time"))
    var since: PointInTime?

    @Option(help: ArgumentHelp("Up to when, written in the same way.", valueName: "time"))
    var until: PointInTime?

    @Flag(name: .shortAndLong, help: "Go on with what happens, until Ctrl-C; with -o json a document a line.")
    var follow = false

    @Option(
        help: ArgumentHelp(
            "A log file of a node, as lb1=FILE; .gz too, and several times for one node, the oldest first.",
            valueName: "node=file"),
        completion: .file())
    var log: [String] = []

    @Option(
        help: ArgumentHelp(
            "Draw each failover into this file too: NAME.html for all in a page, or NAME.svg for the last one.",
            valueName: "file"),
        completion: .file())
    var picture: String?

    @Flag(help: "Draw each failover in the terminal: a lane for each node.")
    var lanes = false

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        for argument in log where LogArgument(argument) == nil {
            throw ValidationError("`\(argument)` is not NODE=FILE")
        }
        if let picture, PictureFile(path: picture) == nil {
            throw ValidationError(PictureFile.complaint(about: picture))
        }
        if follow {
            if picture != nil || lanes {
                throw ValidationError("-f goes on: there is no picture of what is not over")
            }
            if !log.isEmpty { throw ValidationError("-f follows nodes, and --log reads files") }
            if until != nil { throw ValidationError("-f goes on: --until ends it") }
            guard output.output == .table || output.output == .json else {
                throw ValidationError("-f prints rows, or with -o json a document a line")
            }
        }
        if !log.isEmpty {
            guard fleetOptions.nodes == nil, fleetOptions.inventory == nil, fleetOptions.cluster.isEmpty,
                fleetOptions.limit == nil
            else { throw ValidationError("--log reads files: it excludes --nodes, -i, -c and -l") }
        }
    }

    func perform(_ console: Console) async throws -> HaopsExit {
        guard log.isEmpty else { return try report(try await read(), console) }
        let selected = try fleetOptions.selected(console)
        let fleet = selected.fleet.reached(by: connection)
        let now = UTCTime.now
        let survey = TimelineSurvey(
            fleet: fleet, nodes: Set(selected.nodes.map(\.id)), since: (since ?? .usual).time(at: now),
            until: until?.time(at: now))
        return try await withTransport(asksOnce: !follow) { transport in
            let outcome = try await survey.take(in: SurveyContext(transport, connection, console))
            let exit = follow && !output.output.isForPeople ? HaopsExit.done : try report(outcome, console)
            if follow { await go(on: fleet, after: outcome, at: now, transport, console) }
            return exit
        }
    }

    /// - Throws: ``Failure`` when the picture cannot be written.
    private func report(_ outcome: TimelineSurvey.Outcome, _ console: Console) throws -> HaopsExit {
        report(on: outcome).report(style: console.out).print(output.output, on: console)
        if lanes, output.output.isForPeople {
            for picture in report(on: outcome).pictures { console.answer("\n" + picture.lines(console.out)) }
        }
        if let file = picture.flatMap({ PictureFile(path: $0) }) {
            let pictures = report(on: outcome).pictures
            if pictures.isEmpty {
                console.warning(
                    "no instance changed its owner, so there is nothing to draw: `\(file.path)` is not written"
                )
            } else {
                try file.write(pictures, title: "haops timeline", remarks: report(on: outcome).pictureRemarks)
                console.note("drawn: \(file.path)")
            }
        }
        return outcome.unread.isEmpty ? .done : .unreachable
    }

    private func report(on outcome: TimelineSurvey.Outcome) -> TimelineReport {
        TimelineReport(
            outcome: outcome, instances: instances, isFromFiles: !log.isEmpty, showsAll: output.verbose)
    }

    /// Follows the nodes that have answered, from when they were asked.
    private func go(
        on fleet: Fleet, after outcome: TimelineSurvey.Outcome, at began: UTCTime,
        _ transport: any Transport, _ console: Console
    ) async {
        let targets = fleet.clusters.flatMap { cluster in cluster.nodes.map { (cluster.name, $0.target) } }
        let sources = outcome.logs.compactMap { log in
            targets.first { $0.0 == log.cluster && $0.1.id.name == log.node }.map {
                TimelineFollower.Source(target: $0.1, cluster: log.cluster, clock: log.clock)
            }
        }
        let shown = FollowedTimeline(
            report(on: outcome), since: began, isForPeople: output.output.isForPeople, console: console)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await TimelineFollower(sources: sources, since: began).follow(by: transport) {
                    shown.receive($0)
                }
            }
            group.addTask { await shown.printFailovers() }
            await group.next()
            group.cancelAll()
        }
    }

    private func read() async throws -> TimelineSurvey.Outcome {
        var outcome = TimelineSurvey.Outcome()
        let now = UTCTime.now
        outcome.since = since?.time(at: now)
        for argument in log.compactMap({ LogArgument($0) }) {
            let text = try await argument.text()
            let index =
                outcome.logs.firstIndex { $0.node == argument.node }
                ?? {
                    outcome.logs.append(TimelineSurvey.NodeLog(node: argument.node))
                    return outcome.logs.count - 1
                }()
            for event in LogMeaning(node: argument.node).events(of: text.lines) {
                if let since = outcome.since, event.time < since {
                    outcome.logs[index].earlier.append(event)
                } else if until.map({ event.time <= $0.time(at: now) }) ?? true {
                    outcome.logs[index].events.append(event)
                }
            }
            outcome.logs[index].sources.append(argument.path)
            outcome.logs[index].unread += text.unread
            outcome.logs[index].lacksYear = outcome.logs[index].lacksYear || text.lacksYear
            outcome.logs[index].lacksZone = outcome.logs[index].lacksZone || text.lacksZone
        }
        return outcome
    }
}
