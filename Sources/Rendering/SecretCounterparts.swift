/// Finds unknown secrets in a diff by comparing its sides. When a secret was rotated, the `-` line has the old
/// value in the place of the known new one on the `+` line; in a rollback the sides are exchanged.
struct SecretCounterparts {
    /// The hidden part of each line, by the line's index in the diff, as offsets from the line's beginning.
    private(set) var hidden: [Int: Range<Int>] = [:]
    /// The values found where the rest of the line is equal on both sides. They are hidden everywhere else, too.
    private(set) var values: [[UInt8]] = []

    /// The most lines of one keyword that are compared, and the most values that are hidden elsewhere. Without a
    /// limit a file of secrets would cost quadratic time. Further lines are still hidden, but a larger part of
    /// them.
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

    /// Compares, within one changed block, the lines with a known secret with the lines of the other side.
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
            // Of several candidate lines, the one with the longest common beginning.
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
            // More than the secret has changed, so everything after the first difference may be secret, from the
            // beginning of its word.
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
        // A text with blanks may be more than a value.
        if ranges.count == 1, values.count < Self.mostValues,
            !value.contains(where: { $0 == 0x20 || $0 == 0x09 })
        {
            values.append(Array(value))
        }
    }
}

extension ArraySlice<UInt8> {
    /// The length of the common beginning of two lines, in bytes.
    fileprivate func common(with other: ArraySlice<UInt8>) -> Int {
        zip(self, other).prefix { $0 == $1 }.count
    }

    /// The first word of the line, also when it is commented out.
    fileprivate var firstWord: ArraySlice<UInt8> {
        drop { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: "#") }.prefix { $0 != 0x20 && $0 != 0x09 }
    }
}
