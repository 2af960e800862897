/// The known word that a mistyped one most resembles, or `nil`.
package func suggestion(for word: String, among known: some Sequence<String>) -> String? {
    let typed = Array(word.lowercased().utf8.prefix(64))
    let allowed = max(1, typed.count / 3)
    var best: (word: String, distance: Int)?
    for candidate in known {
        let distance = editDistance(typed, Array(candidate.lowercased().utf8.prefix(64)))
        guard distance <= allowed else { continue }
        // Of equally near words the first in natural order, so that a message never changes from run to run.
        if let found = best, (found.distance, found.word) <= (distance, candidate) { continue }
        best = (candidate, distance)
    }
    return best?.word
}

/// The edit distance: the number of insertions, deletions, replacements and swaps of neighbours.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var older: [Int] = []
    var previous = Array(0...right.count)
    for (row, letter) in left.enumerated() {
        var current = [row + 1]
        current.reserveCapacity(right.count + 1)
        for (column, other) in right.enumerated() {
            var cost = min(
                previous[column] + (letter == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                cost = min(cost, older[column - 1] + 1)
            }
            current.append(cost)
        }
        older = previous
        previous = current
    }
    return previous[right.count]
}
