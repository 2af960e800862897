// MARK: Includes and braces

extension LineReader {
    mutating func open(
        _ path: String, following: [String], directory: String, from location: ConfigurationLocation?
    ) {
        var following = following
        var next: String? = path
        while let path = next {
            openedFiles += 1
            let place = location ?? ConfigurationLocation(file: path, line: 1, column: 1)
            guard openedFiles <= limits.files else {
                report(.includeTooDeep(path), at: place)
                return
            }
            let file = files.file(at: path)
            openedBytes += file?.bytes.count ?? 0
            guard openedBytes <= limits.bytes else {
                report(.tooLarge, at: place)
                return
            }
            if let file, !file.isExecutable {
                if !fileNames.contains(path) { fileNames.append(path) }
                stack.append(opened(path, file, following, directory))
                return
            }
            report(
                file == nil ? .includeMissing(path) : .includeNotRegular(path), at: place)
            next = following.popLast()
        }
    }

    private mutating func opened(
        _ path: String, _ file: ConfigurationFile, _ following: [String], _ directory: String
    ) -> OpenFile {
        var start = 0
        if file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            report(.byteOrderMark, at: ConfigurationLocation(file: path, line: 1, column: 1))
            // keepalived reads the byte order mark as part of the first keyword, which is then unknown.
            start = 0
        }
        return OpenFile(
            name: path, directory: IncludeGlob.directory(of: path) ?? directory, bytes: file.bytes,
            scanner: LineScanner(file.bytes, from: start), following: following)
    }

    mutating func openInclude(_ line: LogicalLine) -> Bool {
        let text = line.text
        guard text.starts(with: "include".utf8), text.count > 8 else { return false }
        var index = text.startIndex + 7
        if !text[index].isWhiteSpace {
            guard dialect.includeVariants, "rmwba".utf8.contains(text[index]), text[index + 1].isWhiteSpace
            else { return false }
            index += 1
        }
        while index < text.endIndex, text[index].isWhiteSpace { index += 1 }
        let pattern = text[index...].configurationText
        let place = line.location(at: min(index, text.endIndex - 1))
        let directory = stack.last?.directory ?? ""
        let alternatives =
            dialect.includeVariants || dialect.definitions ? IncludeGlob.alternatives(pattern) : [pattern]
        lookedUpPatterns += alternatives.count
        guard lookedUpPatterns <= limits.patterns else {
            report(.includeTooDeep(pattern), at: place)
            return true
        }
        var match = IncludeGlob(files: files, listings: listings).matches(alternatives, in: directory)
        for missing in match.missing { report(.includeMissing(missing), at: place) }
        // Including a file that is being read already would recurse until no more files can be opened.
        let circular = match.paths.filter { path in stack.contains { $0.name == path } }
        for path in circular { report(.includeTooDeep(path), at: place) }
        match.paths.removeAll { circular.contains($0) }
        if stack.count >= limits.includeDepth, let path = match.paths.first {
            report(.includeTooDeep(path), at: place)
            return true
        }
        if match.paths.isEmpty {
            if match.missing.isEmpty, circular.isEmpty { report(.includeMissing(pattern), at: place) }
            return true
        }
        open(
            match.paths[0], following: Array(match.paths.dropFirst().reversed()), directory: directory,
            from: place)
        return true
    }

    /// Cuts a line at its first brace outside quotes; the rest is returned by the next call.
    mutating func split(_ line: LogicalLine) -> LogicalLine {
        guard let brace = firstBrace(in: line.text) else { return line }
        let text = line.text
        let cut = brace == text.startIndex ? brace + 1 : brace
        var rest = line[cut..<text.endIndex]
        rest.trim()
        if !rest.text.isEmpty { residue = rest }
        var head = line[text.startIndex..<cut]
        head.trim()
        return head
    }

    private func firstBrace(in text: ArraySlice<UInt8>) -> Int? {
        var index = text.startIndex
        while index < text.endIndex {
            switch text[index] {
            case ASCII.openBrace, ASCII.closeBrace:
                if dialect.gluedBraces || standsAlone(index, in: text) { return index }
            case ASCII.quote:
                guard let close = text[(index + 1)...].firstIndex(of: ASCII.quote) else { return nil }
                index = close
            default:
                break
            }
            index += 1
        }
        return nil
    }

    private func standsAlone(_ index: Int, in text: ArraySlice<UInt8>) -> Bool {
        (index == text.startIndex || text[index - 1].isWhiteSpace)
            && (index + 1 == text.endIndex || text[index + 1].isWhiteSpace)
    }
}
