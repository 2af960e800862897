package import Events
import Facts
package import Remote
import Synchronization
package import Timeline

/// Follows the journals of nodes over held sessions, and hands on what happens as it happens.
package struct TimelineFollower: Sendable {
    /// A node, and what is known of it from the first look.
    package struct Source: Sendable {
        package var target: SSHTarget
        package var cluster: String
        package var clock: ClockOffset

        package init(target: SSHTarget, cluster: String, clock: ClockOffset) {
            self.target = target
            self.cluster = cluster
            self.clock = clock
        }
    }

    package enum News: Sendable {
        case event(TimelineEvent)
        /// A node's journal is not followed, for now or for good.
        case lost(node: String, why: String)
    }

    package var sources: [Source]
    /// By the clock of this machine.
    package var since: UTCTime

    package init(sources: [Source], since: UTCTime) {
        self.sources = sources
        self.since = since
    }

    /// The time between two attempts to reach a node again.
    private static let pause = Duration.seconds(3)
    private static let longestSilence = Duration.seconds(86_400)

    /// Follows until it is cancelled, or until no node has a journal.
    package func follow(by transport: any Transport, _ news: @escaping @Sendable (News) -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for source in sources {
                group.addTask { await follow(source, by: transport, news) }
            }
        }
    }

    private func follow(
        _ source: Source, by transport: any Transport, _ news: @escaping @Sendable (News) -> Void
    ) async {
        let meaning = LogMeaning(
            node: source.target.id.name, cluster: source.cluster, clock: source.clock)
        let progress = Mutex(
            LogProgress(
                time: UTCTime(millisecondsSince1970: since.millisecondsSince1970 + source.clock.ahead)))
        while !Task.isCancelled {
            let reached = progress.withLock { $0 }
            let command = Command(
                LogsFact.followScript(since: reached.time), operation: "follow the journal",
                timeout: Self.longestSilence, outputLimit: 64 << 10)
            do {
                try await transport.withSession(to: source.target) { session in
                    try await session.hold(command) { held in
                        while let line = try await held.nextLine(timeout: Self.longestSilence) {
                            if line == "haops-none" { throw NoJournal() }
                            let text = LogReader(reference: reached.time).text(of: Array(line.utf8))
                            guard let read = text.lines.first, !reached.includes(line, of: read.time) else {
                                continue
                            }
                            progress.withLock { $0.add(line, of: read.time) }
                            if let event = meaning.event(of: read) { news(.event(event)) }
                        }
                    }
                }
                news(.lost(node: source.target.id.name, why: "its journal ended; trying again"))
            } catch is NoJournal {
                return news(.lost(node: source.target.id.name, why: "it has no journal to follow"))
            } catch {
                guard !Task.isCancelled else { return }
                news(.lost(node: source.target.id.name, why: "\(error); trying again"))
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    private struct NoJournal: Error {}
}
