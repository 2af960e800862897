/// Where a diff's other side may have a secret that nobody here knows: the value that a rotated secret had stands on
/// the `-` line where the new one stands on the `+` line, and in a rollback it is the other way about.
struct SecretCounterparts {
    /// By the index of the line in the diff: the part that is hidden, as offsets from the line's beginning.
    private(set) var hidden: [Int: Range<Int>] = [:]
    /// What stood there, where all around it is as on the other side: it is hidden wherever else it stands.
    private(set) var values: [[UInt8]] = []

    /// So many lines of one keyword are compared with, and so many values looked for elsewhere: a file of nothing but
    /// secrets would cost the square of its length. Lines beyond are hidden all the same, from further left on.
    private static let mostRivals = 64
    private static let mostValues = 256

    private struct Rivals: Hashable {
        var kind: UnifiedDiff.Kind
        var firstWord: ArraySlice<UInt8>
    }

    typealias Line = (kind: UnifiedDiff.Kind, bytes: ArraySlice<UInt8>)

    /// - `lines`: all lines of the diff, in its order.
    init(_ lines: [Line], mask: SecretMask) {
        var index = 0
        while index < lines.count {
            var end = index
            while end < lines.count, lines[end].kind != .context { end += 1 }
            if end > index { look(at: index..<end, of: lines, mask) }
            index = end + 1
        }
    }

    /// Compares the lines of one place that changed, those with a known secret with those of the other side.
    private mutating func look(at block: Range<Int>, of lines: [Line], _ mask: SecretMask) {
        var holders: [Rivals: [(line: Line, ranges: [Range<Int>])]] = [:]
        for index in block {
            let line = lines[index]
            let ranges = mask.knownRanges(in: line.bytes)
            let key = Rivals(kind: line.kind, firstWord: line.bytes.firstWord)
            guard !ranges.isEmpty, holders[key, default: []].count < Self.mostRivals else { continue }
            holders[key, default: []].append((line, ranges))
        }
        guard !holders.isEmpty else { return }
        for index in block {
            let line = lines[index]
            let other: UnifiedDiff.Kind = line.kind == .added ? .removed : .added
            let rivals = holders[Rivals(kind: other, firstWord: line.bytes.firstWord)] ?? []
            // Of several lines alike, the one that goes along with it longest.
            let nearest = rivals.max {
                $0.line.bytes.common(with: line.bytes) < $1.line.bytes.common(with: line.bytes)
            }
            if let nearest { hide(in: line.bytes, at: index, beside: nearest.line.bytes, nearest.ranges) }
        }
    }

    private mutating func hide(
        in line: ArraySlice<UInt8>, at index: Int, beside holder: ArraySlice<UInt8>, _ ranges: [Range<Int>]
    ) {
        guard let first = ranges.first, let last = ranges.last else { return }
        let place = first.lowerBound - holder.startIndex
        let before = Swift.min(line.common(with: holder), place)
        let rest = line[(line.startIndex + before)...]
        let after = holder[last.upperBound...]
        guard before == place, rest.count > after.count, rest.suffix(after.count).elementsEqual(after) else {
            // More has changed than the secret: what is behind the first difference may be it. Words stay whole.
            let start =
                before == place
                ? before
                : line.prefix(before).lastIndex { $0 == 0x20 || $0 == 0x09 }
                    .map { $0 + 1 - line.startIndex } ?? before
            hidden[index] = start..<line.count
            return
        }
        let value = rest.dropLast(after.count)
        hidden[index] = value.startIndex - line.startIndex..<value.endIndex - line.startIndex
        // What has blanks in it may be more than a value.
        if ranges.count == 1, values.count < Self.mostValues,
            !value.contains(where: { $0 == 0x20 || $0 == 0x09 })
        {
            values.append(Array(value))
        }
    }
}

extension ArraySlice<UInt8> {
    /// How many bytes two lines begin with alike.
    fileprivate func common(with other: ArraySlice<UInt8>) -> Int {
        zip(self, other).prefix { $0 == $1 }.count
    }

    /// Of a line that was commented out, too.
    fileprivate var firstWord: ArraySlice<UInt8> {
        drop { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: "#") }.prefix { $0 != 0x20 && $0 != 0x09 }
    }
}
