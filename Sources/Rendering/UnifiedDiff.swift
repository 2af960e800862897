import Concealment

/// The difference between two versions of a file in the form of `diff -u`, with secrets hidden and control
/// characters escaped. A line that differs only in its secret shows `(secret, changed)`.
package struct UnifiedDiff: Hashable, Sendable {
    package enum Kind: String, Sendable { case context = " ", removed = "-", added = "+" }

    package struct Line: Hashable, Sendable {
        package var kind: Kind
        /// As it may be shown.
        package var text: String
        /// Whether the line ends the file without a line feed.
        package var lacksNewline: Bool
    }

    package struct Hunk: Hashable, Sendable {
        /// Counted from 1; the line before the hunk if the hunk has no line of that side, as in `diff -u`.
        package var oldStart: Int
        package var oldCount: Int
        package var newStart: Int
        package var newCount: Int
        package var lines: [Line]
    }

    package let hunks: [Hunk]

    /// Nothing changes.
    package var isEmpty: Bool { hunks.isEmpty }

    /// Compares two versions of a file byte by byte; `nil` is a file that is not there.
    ///
    /// - Parameters:
    ///   - old: As it is on the node.
    ///   - new: As it is to be.
    ///   - mask: Hides the known secrets of both sides. Where one side has a known secret, the text in its place
    ///     on the other side is hidden too.
    ///   - context: Lines shown around each change.
    package init(old: [UInt8]?, new: [UInt8]?, mask: SecretMask, context: Int = 3) {
        let concealed = ConcealedFiles(["old": old ?? [], "new": new ?? []])
        let old = Self.lines(of: old)
        let new = Self.lines(of: new)
        let edits = LineEdits.between(old, new)
        let sources = edits.map { $0.kind == .added ? new[$0.newIndex] : old[$0.oldIndex] }
        let others = SecretCounterparts(zip(edits, sources).map { ($0.kind, $1.bytes) }, mask: mask)
        let mask = mask.hiding(others.values).hiding(concealed.values)
        var secrets: [[[UInt8]]] = []
        let shown = zip(edits, sources).enumerated().map { index, line in
            var hidden = others.hidden[index].map { [$0] } ?? []
            if line.0.kind != .added { hidden += concealed.hidden("old", index: line.0.oldIndex) }
            if line.0.kind != .removed { hidden += concealed.hidden("new", index: line.0.newIndex) }
            let ranges = mask.hiddenRanges(in: line.1.bytes, and: hidden)
            // Quotes around a secret are not part of it.
            secrets.append(ranges.map { line.1.bytes[$0].filter { !"\"'\r".utf8.contains($0) } })
            return Line(
                kind: line.0.kind, text: SecretMask.shown(line: line.1.bytes, without: ranges),
                lacksNewline: !line.1.hasNewline)
        }
        let marked = Self.markChangedSecrets(shown, secrets)
        hunks = Self.hunks(edits, marked, context: context)
    }

    /// The whole diff with its two header lines; empty when nothing changes.
    package func text(old: String, new: String) -> String {
        guard !isEmpty else { return "" }
        var result = "--- \(old)\n+++ \(new)\n"
        for hunk in hunks {
            let oldRange = hunk.oldCount == 1 ? "\(hunk.oldStart)" : "\(hunk.oldStart),\(hunk.oldCount)"
            let newRange = hunk.newCount == 1 ? "\(hunk.newStart)" : "\(hunk.newStart),\(hunk.newCount)"
            result += "@@ -\(oldRange) +\(newRange) @@\n"
            for line in hunk.lines {
                result += line.kind.rawValue + line.text + "\n"
                if line.lacksNewline { result += "\\ No newline at end of file\n" }
            }
        }
        return result
    }

    private static func lines(of contents: [UInt8]?) -> [FileLine] {
        guard let contents, !contents.isEmpty else { return [] }
        let parts = contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let lines = parts.dropLast().map { FileLine(bytes: $0, hasNewline: true) }
        guard let last = parts.last, !last.isEmpty else { return lines }
        return lines + [FileLine(bytes: last, hasNewline: false)]
    }

    /// Marks added lines that look like a removed line, but whose hidden text differs.
    ///
    /// - `secrets`: the hidden texts of each line.
    private static func markChangedSecrets(_ lines: [Line], _ secrets: [[[UInt8]]]) -> [Line] {
        var removed: [String: [[[UInt8]]]] = [:]
        for (line, secrets) in zip(lines, secrets) where line.kind == .removed && !secrets.isEmpty {
            removed[line.text, default: []].append(secrets)
        }
        return zip(lines, secrets).map { line, secrets in
            guard line.kind == .added, let before = removed[line.text], !before.contains(secrets) else {
                return line
            }
            var line = line
            line.text = line.text.replacing(SecretMask.mark, with: SecretMask.changedMark)
            return line
        }
    }

    private static func hunks(_ edits: [LineEdits.Edit], _ lines: [Line], context: Int) -> [Hunk] {
        let changes = edits.indices.filter { edits[$0].kind != .context }
        var ranges: [Range<Int>] = []
        for index in changes {
            let range = max(0, index - context)..<min(edits.count, index + context + 1)
            if let last = ranges.last, range.lowerBound <= last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
            } else {
                ranges.append(range)
            }
        }
        return ranges.map { range in
            let part = lines[range]
            let oldCount = part.count { $0.kind != .added }
            let newCount = part.count { $0.kind != .removed }
            return Hunk(
                oldStart: edits[range.lowerBound].oldIndex + (oldCount == 0 ? 0 : 1), oldCount: oldCount,
                newStart: edits[range.lowerBound].newIndex + (newCount == 0 ? 0 : 1), newCount: newCount,
                lines: Array(part))
        }
    }
}

/// A line's bytes. A last line without a line feed differs from the same line with one.
private struct FileLine: Hashable {
    var bytes: ArraySlice<UInt8>
    var hasNewline: Bool
}

/// The shortest edit script after Myers, "An O(ND) Difference Algorithm and Its Variations" (1986).
private enum LineEdits {
    struct Edit {
        var kind: UnifiedDiff.Kind
        /// How many lines of each side come before the edit.
        var oldIndex: Int
        var newIndex: Int
    }

    /// The most differing lines for which a script is computed. With more differences the old file is shown as
    /// removed and the new one as added. Time and memory are bounded by the square of this number.
    static let maximumDifference = 1000

    static func between(_ old: [FileLine], _ new: [FileLine]) -> [Edit] {
        var prefix = 0
        while prefix < min(old.count, new.count), old[prefix] == new[prefix] { prefix += 1 }
        var suffix = 0
        while suffix < min(old.count, new.count) - prefix,
            old[old.count - 1 - suffix] == new[new.count - 1 - suffix]
        {
            suffix += 1
        }
        // Lines are mapped to numbers, so that each line is hashed once and comparisons are cheap.
        var numbers: [FileLine: Int] = [:]
        func number(_ line: FileLine) -> Int {
            if let known = numbers[line] { return known }
            numbers[line] = numbers.count
            return numbers.count - 1
        }
        let oldMiddle = old[prefix..<old.count - suffix].map(number)
        let newMiddle = new[prefix..<new.count - suffix].map(number)
        let middle = shortest(oldMiddle, newMiddle) ?? wholesale(oldMiddle, newMiddle)

        let head = (0..<prefix).map { Edit(kind: .context, oldIndex: $0, newIndex: $0) }
        let body = middle.map {
            Edit(kind: $0.kind, oldIndex: $0.oldIndex + prefix, newIndex: $0.newIndex + prefix)
        }
        let tail = (0..<suffix).map {
            Edit(kind: .context, oldIndex: old.count - suffix + $0, newIndex: new.count - suffix + $0)
        }
        return head + body + tail
    }

    private static func wholesale(_ old: [Int], _ new: [Int]) -> [Edit] {
        old.indices.map { Edit(kind: .removed, oldIndex: $0, newIndex: 0) }
            + new.indices.map { Edit(kind: .added, oldIndex: old.count, newIndex: $0) }
    }

    private static func shortest(_ old: [Int], _ new: [Int]) -> [Edit]? {
        let limit = min(old.count + new.count, maximumDifference)
        // reach[k + limit + 1]: how far into `old` diagonal k (old index - new index) has come.
        var reach = [Int](repeating: 0, count: 2 * limit + 3)
        var trace: [[Int]] = []
        for distance in 0...limit {
            // Only the diagonals that this round can have reached are kept.
            trace.append(Array(reach[limit + 1 - distance...limit + 1 + distance]))
            for k in stride(from: -distance, through: distance, by: 2) {
                let down = k == -distance || (k != distance && reach[k + limit] < reach[k + limit + 2])
                var x = down ? reach[k + limit + 2] : reach[k + limit] + 1
                var y = x - k
                while x < old.count, y < new.count, y >= 0, old[x] == new[y] {
                    x += 1
                    y += 1
                }
                reach[k + limit + 1] = x
                if x >= old.count, y >= new.count { return script(old.count, new.count, trace) }
            }
        }
        return nil
    }

    /// Walks back from the end through the rounds.
    private static func script(_ oldCount: Int, _ newCount: Int, _ trace: [[Int]]) -> [Edit] {
        var edits: [Edit] = []
        var x = oldCount
        var y = newCount
        for (distance, reach) in trace.enumerated().reversed() {
            // reach[k + distance] is diagonal k, as it was before this round.
            let k = x - y
            var fromX = 0
            var fromY = 0
            if distance > 0 {
                let down =
                    k == -distance || (k != distance && reach[k - 1 + distance] < reach[k + 1 + distance])
                fromX = down ? reach[k + 1 + distance] : reach[k - 1 + distance]
                fromY = fromX - (down ? k + 1 : k - 1)
            }
            let (startX, startY) =
                distance == 0 ? (0, 0) : (fromX - fromY == k + 1 ? (fromX, fromY + 1) : (fromX + 1, fromY))
            while x > startX, y > startY {
                x -= 1
                y -= 1
                edits.append(Edit(kind: .context, oldIndex: x, newIndex: y))
            }
            guard distance > 0 else { break }
            if startX == fromX {
                edits.append(Edit(kind: .added, oldIndex: fromX, newIndex: fromY))
            } else {
                edits.append(Edit(kind: .removed, oldIndex: fromX, newIndex: fromY))
            }
            x = fromX
            y = fromY
        }
        return edits.reversed()
    }
}
