/// The trackable objects defined so far, by name.
struct TrackedNames {
    struct Weight {
        var weight: Int
        var isReversed: Bool
    }

    var scripts: [String: Weight] = [:]
    var files: [String: Weight] = [:]
    var processes: [String: Weight] = [:]
    var bfds: [String: Weight] = [:]
    /// The virtual interfaces that instances name, with the instances.
    var vmacs: [String: String] = [:]
}

/// Reads the `track_…` blocks of an instance or a group, with the objects defined before them.
///
/// keepalived looks names up while it reads, so it does not find a script that is defined later.
struct TrackingReader {
    let names: TrackedNames

    func scripts(_ block: Statement, _ values: inout StatementValues, into list: inout [TrackedReference]) {
        read(block, &values, into: &list) { names.scripts[$0] }
    }

    func files(_ block: Statement, _ values: inout StatementValues, into list: inout [TrackedReference]) {
        read(block, &values, into: &list) { names.files[$0] }
    }

    func processes(_ block: Statement, _ values: inout StatementValues, into list: inout [TrackedReference]) {
        read(block, &values, into: &list) { names.processes[$0] }
    }

    func interfaces(_ block: Statement, _ values: inout StatementValues, into list: inout [TrackedReference])
    {
        read(block, &values, into: &list) { _ in TrackedNames.Weight(weight: 0, isReversed: false) }
    }

    func bfds(_ block: Statement, _ values: inout StatementValues, into list: inout [TrackedReference]) {
        read(block, &values, into: &list) { names.bfds[$0] }
    }

    /// - `list`: the entries of earlier blocks too, which an entry may not repeat.
    private func read(
        _ block: Statement, _ values: inout StatementValues, into list: inout [TrackedReference],
        find: (String) -> TrackedNames.Weight?
    ) {
        var seen = Set(list.map(\.name))
        for line in block.block ?? [] {
            guard let name = line.words.first else { continue }
            guard let found = find(name.text) else {
                values.note(
                    .notFound, block, text: name.text, at: name.location,
                    "the line is ignored, so nothing is tracked")
                continue
            }
            if !seen.insert(name.text).inserted {
                values.note(
                    .duplicateEntry, block, text: name.text, at: name.location, "the line is ignored")
                continue
            }
            var entry = TrackedReference(
                name: name.text, weight: found.weight, hasOwnWeight: false, isReversed: found.isReversed,
                location: name.location)
            guard readOptions(line, block, into: &entry, &values) else { continue }
            list.append(entry)
        }
    }

    /// - Returns: false when keepalived drops the whole entry.
    private func readOptions(
        _ line: Statement, _ block: Statement, into entry: inout TrackedReference,
        _ values: inout StatementValues
    ) -> Bool {
        guard line.words.count > 1 else { return true }
        let option = line.words[1]
        guard option.text == "weight" else {
            values.note(
                .unknownOption, block, text: option.text, at: option.location,
                "the line is ignored, so nothing is tracked")
            return false
        }
        guard line.words.count > 2 else {
            values.note(
                .missingOptionValue, block, text: option.text, at: option.location,
                "the line is ignored, so nothing is tracked")
            return false
        }
        let word = line.words[2]
        let number = NumberText(word.text)
        if !number.isClean || !(-254...254).contains(number.value) {
            values.note(
                number.isClean ? .outOfRange : .notANumber, block, text: word.text, at: word.location,
                "the weight is ignored")
        }
        if (-254...254).contains(number.value), !word.text.isEmpty {
            entry.weight = max(-253, min(253, number.value))
            entry.hasOwnWeight = true
        }
        if line.words.count > 3 {
            switch line.words[3].text {
            case "reverse": entry.isReversed = true
            case "noreverse": entry.isReversed = false
            default:
                values.note(
                    .unknownOption, block, text: line.words[3].text, at: line.words[3].location,
                    "the word is ignored")
            }
        }
        return true
    }
}
