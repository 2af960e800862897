import Checks
import Facts
import Remote

/// The work that haops has pending on nodes, for every report about them.
struct PendingLines: Sendable {
    /// Nodes with something pending, in their order.
    var nodes: [(host: HostID, work: PendingWork)]

    init(_ answers: [(HostID, ProbeResult)]) {
        nodes = answers.compactMap { host, answer in
            guard let work = (try? answer.get())?.known(PendingFact.self), !work.isEmpty else { return nil }
            return (host, work)
        }
    }

    init(_ work: [HostID: PendingWork]) {
        nodes = work.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// One sentence for each pending item, with the node's name before it.
    var sentences: [String] {
        nodes.flatMap { host, work in work.sentences.map { "\(host): \($0)" } }
    }

    func text(_ style: Style) -> String {
        sentences.map { sentence in
            Wrapped(sentence.safeOnOneLine, indent: 4, width: style.width)
                .text(after: "  " + style(.warning, "run:") + " ")
        }.joined()
    }

    /// One of them in a document.
    struct Entry: Codable, Sendable {
        var node: String
        var lockedBy: String?
        var lockRun: String?
        var rollbackOf: String?
        var rollbackInSeconds: Int?
        /// Who has made the change that waits for `haops confirm`; `null` when none waits.
        var awaitsConfirmationOf: String?
        var unfinished: String?
    }

    var entries: [Entry] {
        nodes.map { host, work in
            Entry(
                node: host.name, lockedBy: work.lock?.description, lockRun: work.lock?.run,
                rollbackOf: work.rollback?.run, rollbackInSeconds: work.rollback?.secondsLeft,
                awaitsConfirmationOf: work.rollback?.held.map { "\($0.what) by \($0.who)" },
                unfinished: work.unfinished?.description)
        }
    }
}
