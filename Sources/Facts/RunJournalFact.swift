package import Events
import Inventory

/// The entries of haops' runs in the journal of one machine.
package struct RunJournal: Hashable, Sendable {
    /// The entries in file order, because a machine's clock may have been set back between two.
    package var entries: [Entry]
    /// Malformed lines, by number and reason; they are reported, not skipped silently.
    package var unreadable: [UnreadableLine]
    /// Whether older lines are missing, because they were not kept or not read.
    package var isCut: Bool

    package init(entries: [Entry] = [], unreadable: [UnreadableLine] = [], isCut: Bool = false) {
        self.entries = entries
        self.unreadable = unreadable
        self.isCut = isCut
    }

    /// `TIME RUN WHO WHAT EVENT FROM`, separated by tabs. Earlier versions wrote five fields, without the address;
    /// later ones may add fields.
    package struct Entry: Hashable, Sendable {
        /// The time by the machine's own clock.
        package var time: UTCTime
        package var run: RunID
        /// `name@host`.
        package var who: String
        /// The run's purpose: `apply`, `restart keepalived`.
        package var what: String
        package var event: String
        /// The address that the run's connection came from; `nil` if not known.
        package var from: String?

        package init(
            time: UTCTime, run: RunID, who: String, what: String, event: String, from: String? = nil
        ) {
            self.time = time
            self.run = run
            self.who = who
            self.what = what
            self.event = event
            self.from = from
        }

        /// - Throws: ``UnreadableLine/Reason``.
        init(_ line: Substring) throws(UnreadableLine.Reason) {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count >= 5 else { throw .fields(fields.count) }
            guard let time = UTCTime(fields[0]) else { throw .time }
            guard !fields[1].isEmpty else { throw .run }
            let from = fields.count > 5 && !fields[5].isEmpty ? String(fields[5]) : nil
            self.init(
                time: time, run: RunID(String(fields[1])), who: String(fields[2]), what: String(fields[3]),
                event: String(fields[4]), from: from)
        }
    }

    package struct UnreadableLine: Hashable, Sendable {
        package var number: Int
        package var reason: Reason

        package init(number: Int, reason: Reason) {
            self.number = number
            self.reason = reason
        }

        package enum Reason: Error, Hashable, Sendable {
            case fields(Int)
            case time
            case run
        }
    }
}

extension RunJournal.UnreadableLine: CustomStringConvertible {
    /// "line 7 has 2 fields, not 5".
    package var description: String {
        switch reason {
        case .fields(let count): "line \(number) has \(count) field\(count == 1 ? "" : "s"), not 5"
        case .time: "line \(number) does not begin with a time"
        case .run: "line \(number) does not name a run"
        }
    }
}

package struct RunJournalFact: Fact {
    package static let name = "run-journal"

    /// The maximum number of lines that are read: a run trims a longer journal to half of that.
    static let mostLines = 2200

    package init() {}

    /// A directory without access is a different answer from a missing journal.
    package let script = """
        s=\(NodePaths.stateDirectory)
        if [ -d $s ] && ! [ -x $s ]; then
          echo 'journal=closed'
        elif [ -e $s/journal ]; then
          echo "journal=$(wc -l <$s/journal)"
          tail -n \(mostLines) $s/journal
        else
          echo 'journal=none'
        fi
        """

    /// A journal of this length was trimmed before, or will be.
    private static let trimmedLength = 1000

    /// - Throws: ``FactError`` when the journal exists but cannot be read.
    package func parse(_ output: SectionOutput) throws(FactError) -> RunJournal {
        let lines = output.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let head = lines.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard head.hasPrefix("journal=") else {
            throw .unreadable(fact: Self.name, cause: "the answer is incomplete")
        }
        let state = head.dropFirst("journal=".count).trimmingPrefix { $0 == " " }
        if state == "none" { return RunJournal() }
        guard let length = Int(state), output.status == 0 else {
            throw .unreadable(
                fact: Self.name,
                cause: state == "closed"
                    ? "\(NodePaths.stateDirectory) is closed to this login"
                    : "\(NodePaths.stateDirectory)/journal is not readable")
        }
        var journal = RunJournal(isCut: length > Self.mostLines || length >= Self.trimmedLength)
        let skipped = max(0, length - Self.mostLines)
        for (index, bytes) in lines.dropFirst().enumerated() where !bytes.isEmpty {
            do throws(RunJournal.UnreadableLine.Reason) {
                journal.entries.append(try RunJournal.Entry(String(decoding: bytes, as: UTF8.self)[...]))
            } catch {
                journal.unreadable.append(
                    RunJournal.UnreadableLine(number: skipped + index + 1, reason: error))
            }
        }
        return journal
    }
}
