/// Reads the `track_…` blocks of an instance or a group against what is defined up to there.
///
/// keepalived looks names up while it reads, so a script that is defined further down does not exist.
struct TrackingReader {
    let configuration: Configuration

    func scripts(_ block: Statement, _ values: inout StatementValues) -> [TrackedReference] {
        entries(block, &values) { name in
            configuration.scripts.last { $0.name == name }.map { ($0.weight.value, $0.isReversed) }
        }
    }

    func files(_ block: Statement, _ values: inout StatementValues) -> [TrackedReference] {
        entries(block, &values) { name in
            configuration.trackFiles.first { $0.name == name }.map { ($0.weight.value, $0.isReversed) }
        }
    }

    func processes(_ block: Statement, _ values: inout StatementValues) -> [TrackedReference] {
        entries(block, &values) { name in
            configuration.trackProcesses.first { $0.name == name }.map { ($0.weight.value, $0.isReversed) }
        }
    }

    func interfaces(_ block: Statement, _ values: inout StatementValues) -> [TrackedReference] {
        entries(block, &values) { _ in (0, false) }
    }

    func bfds(_ block: Statement, _ values: inout StatementValues) -> [TrackedReference] {
        entries(block, &values) { _ in (0, false) }
    }

    private func entries(
        _ block: Statement, _ values: inout StatementValues,
        find: (String) -> (weight: Int, isReversed: Bool)?
    ) -> [TrackedReference] {
        var result: [TrackedReference] = []
        for line in block.block ?? [] {
            guard let name = line.words.first else { continue }
            guard let (weight, isReversed) = find(name.text) else {
                values.note(
                    .notFound, block, text: name.text, at: name.location,
                    "the line is ignored, so nothing is tracked")
                continue
            }
            if result.contains(where: { $0.name == name.text }) {
                values.note(
                    .duplicateEntry, block, text: name.text, at: name.location, "the line is ignored")
                continue
            }
            var entry = TrackedReference(
                name: name.text, weight: weight, hasOwnWeight: false, isReversed: isReversed,
                location: name.location)
            guard readOptions(line, block, into: &entry, &values) else { continue }
            result.append(entry)
        }
        return result
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
