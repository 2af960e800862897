import ArgumentParser
import Checks
import Events
import Inventory
import Remote
import Rollout
import Survey

/// The verb `report`; ``Report`` is what every verb prints.
struct Collect: ConnectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Everything about the fleet in one file, for a ticket or a colleague.",
        discussion: """
            Asks who, status, doctor, ready, timeline and history, and collects of each node the configurations, logs, \
            journals of haops and what the usual commands print (uname, ip, ss, nft, systemctl and others). Writes texts that \
            can be read without haops: a .tar.gz, or one .html page. Secrets of the configurations are replaced wherever they \
            occur, and private keys are left out; look through it before you hand it on. Changes nothing on nodes.

            Exit: 0 written, 1 the file cannot be written, 4 written, but somebody did not answer.
            """)

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp(
            "Where to write: NAME.tar.gz, .tgz or .html; by default a .tar.gz here, with the time in its name.",
            valueName: "file"),
        completion: .file())
    var path: String?

    @Option(
        help: ArgumentHelp(
            "How far back logs go: `30m`, `2h`, `3d`, or a time in UTC like 2026-11-30T20:55:00Z; by default 2h.",
            valueName: "time"))
    var since: PointInTime?

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: DisplayOptions

    func validate() throws {
        if let path, EvidenceArchive(path: path) == nil {
            throw ValidationError(
                "-o names a file that ends with .tar.gz, .tgz or .html, and `\(path)` does not")
        }
    }

    func perform(_ console: Console) async throws -> HaopsExit {
        let selected = try fleetOptions.selected(console)
        let fleet = selected.fleet.reached(by: connection)
        let now = UTCTime.now
        let since = (since ?? .usual).time(at: now)
        let rendered = try await Status.rendered(selected.fleet, fleetOptions, console)
        let answers = try await withTransport { transport in
            try await Answers(
                fleet: fleet, nodes: Set(selected.nodes.map(\.id)), since: since, rendered: rendered,
                in: SurveyContext(transport, connection, console))
        }
        let name = "haops-report-\(now.compact)"
        var folder = EvidenceFolder(
            name: name,
            secrets: rendered.map { sets in fleet.clusters.flatMap { sets.secrets.all(of: $0) } } ?? [],
            ofNodes: answers.evidence.nodes)
        answers.add(to: &folder)
        if let text = selected.fleet.text { folder.add("inventory.yaml", text: text.shown) }
        for node in answers.evidence.nodes { folder.add(node) }
        folder.head = head(answers, at: now, since: since)
        guard let archive = EvidenceArchive(path: path ?? name + ".tar.gz") else { return .usage }
        let size = try await archive.write(folder)
        let silent = answers.silent
        console.answer(
            "\(archive.path): \(answers.evidence.nodes.count) node\(answers.evidence.nodes.count == 1 ? "" : "s"), "
                + "\(folder.indexed.count) texts, \((size + 1023) / 1024) KiB; secrets are hidden\n"
                + (silent.isEmpty
                    ? "" : "not in it, because they did not answer: \(NodeRange.folded(silent))\n"))
        return silent.isEmpty ? .done : .unreachable
    }

    private func head(_ answers: Answers, at now: UTCTime, since: UTCTime) -> String {
        """
        haops \(Version.text) wrote this at \(now.iso8601InSeconds), with logs since \(since.iso8601InSeconds). Times are UTC.

        Clusters: \(answers.fleet.clusters.map(\.name).joined(separator: ", "))
        Answered: \(answers.evidence.nodes.isEmpty ? "nobody" : NodeRange.folded(answers.evidence.nodes.map(\.node)))
        Did not answer: \(answers.silent.isEmpty ? "nobody" : NodeRange.folded(answers.silent))

        doctor.txt says what is wrong and why; who.txt who has the addresses; timeline.txt what happened. Below nodes/ are
        the files, logs and outputs of each node as they are there. Secrets that haops knows of are replaced by
        (secret), and private keys are left out. Look through it before you hand it on.
        """
    }

}

/// What the verbs say of a fleet, all asked over the same sessions.
private struct Answers: Sendable {
    var fleet: Fleet
    var statuses: [ClusterStatus]
    var doctor: DoctorSurvey.Outcome
    var ready: ReadinessSurvey.Outcome
    var history: HistorySurvey.Journals
    var evidence: EvidenceSurvey.Outcome

    /// - Throws: `InterruptedQuestion`.
    init(
        fleet: Fleet, nodes: Set<HostID>, since: UTCTime, rendered: RenderedFleet?, in context: SurveyContext
    ) async throws {
        self.fleet = fleet
        statuses = try await StatusSurvey(fleet: fleet, rendered: rendered?.clusters).take(in: context)
        doctor = try await DoctorSurvey(fleet: fleet).take(in: context)
        ready = try await ReadinessSurvey(fleet: fleet).take(in: context)
        evidence = try await EvidenceSurvey(fleet: fleet, nodes: nodes, since: since)
            .take(asking: HistorySurvey.facts, in: context)
        history = HistorySurvey(fleet: fleet, nodes: nodes)
            .journals(of: evidence.answers.mapValues { $0.map(\.facts) }, in: context)
    }

    var silent: [HostID] { Set(evidence.unread.map(\.host) + doctor.silent).sorted() }

    /// Columns of the texts, which people read anywhere.
    private static let style = Style(isColored: false, width: 100)

    /// The worst first: what is wrong, then who has what.
    func add(to folder: inout EvidenceFolder) {
        let surveys = statuses.map(\.survey)
        let findings = doctor.observations.flatMap { RootCauses.findings(in: $0) }
        let reports: [(String, Report)] = [
            ("doctor", Doctor.report(doctor, of: fleet, findings).report(style: Self.style)),
            (
                "who",
                OwnershipReport(
                    ownerships: surveys.flatMap(\.ownerships),
                    pending: PendingLines(surveys.flatMap(\.nodes)),
                    keptServers: surveys.map { KeptServerLines($0) },
                    isDetailed: true, silent: surveys.reduce(0) { $0 + $1.silent }
                ).report(style: Self.style)
            ),
            ("status", StatusReport(statuses: statuses, isDetailed: true).report(style: Self.style)),
            (
                "timeline",
                TimelineReport(outcome: evidence.timeline, instances: [], isFromFiles: false, showsAll: true)
                    .report(style: Self.style)
            ),
            (
                "history",
                HistoryReport(runs: RunHistory(history.sources).runs, last: 0, journals: history)
                    .report(style: Self.style)
            ),
            (
                "ready",
                ReadyReport(fleet: fleet, outcome: ready, accepted: [], showsAll: true).report(
                    style: Self.style)
            ),
        ]
        for (name, report) in reports { folder.add(name + ".txt", text: report.text) }
    }
}
