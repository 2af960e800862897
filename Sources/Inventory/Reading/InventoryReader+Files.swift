/// Entries of `files:` as they were read, by destination.
struct FilesDraft {
    struct Entry {
        /// `nil` excludes a file of an outer level.
        var file: ShippedFile?
        var mark: Mark
        var modeMark: Mark?
    }

    var entries: [String: Entry] = [:]

    /// The entries of both levels; for one path the inner entry replaces the outer one as a whole.
    func under(_ nearer: FilesDraft) -> FilesDraft {
        FilesDraft(entries: entries.merging(nearer.entries) { $1 })
    }

    var files: [ShippedFile] { entries.values.compactMap(\.file).sorted { $0.path < $1.path } }

    var withheld: Set<String> { Set(entries.filter { $0.value.file == nil }.keys) }
}

extension InventoryReader {
    static let fileKeys = InventoryShape.shippedFile.keyNames

    private static let fileExample = "/etc/keepalived/check_web.sh: { source: files/check_web.sh }"

    /// Reads one `files:` section.
    ///
    /// - `isNear`: whether there is an outer level, from which a file can be excluded.
    mutating func readFiles(_ entry: YAMLEntry?, isNear: Bool) -> FilesDraft {
        var draft = FilesDraft()
        guard let entry else { return draft }
        guard let entries = entry.value.entries else {
            if !entry.value.isNull {
                wrong(entry, wants: "a mapping with a path for each file", example: Self.fileExample)
            }
            return draft
        }
        for item in entries where draft.entries[item.key] == nil {
            guard isDestination(item.key, at: item.keyMark) else { continue }
            if isNear, case .scalar("none", isPlain: true) = item.value.content {
                draft.entries[item.key] = FilesDraft.Entry(mark: item.keyMark)
            } else if let read = readFile(item) {
                draft.entries[item.key] = read
            }
        }
        return draft
    }

    private mutating func readFile(_ entry: YAMLEntry) -> FilesDraft.Entry? {
        let name = quoted(entry.key)
        let known = diagnostics.count
        guard
            let fields = fields(
                entry, of: "the file \(name)", keys: Self.fileKeys,
                misplaced: [
                    "dest": "the destination is the key above", "path": "the destination is the key above",
                    "content": "write `text`", "group": "write it into `owner`: `root:haproxy`",
                    "user": "write `owner`", "notify": "write `on_change`",
                ], example: Self.fileExample)
        else { return nil }
        let isTemplate = boolean(fields["template"]) ?? false
        let isSecret = boolean(fields["secret"]) ?? false
        let contents = readContents(fields, of: name, isTemplate: isTemplate)
        let owner = readOwner(fields["owner"])
        let mode = readMode(fields["mode"])
        let onChange = choice(fields["on_change"], of: ShippedFile.OnChange.self)
        guard !diagnostics[known...].contains(where: { $0.severity == .error }), let contents else {
            return nil
        }
        let file = ShippedFile(
            path: entry.key, source: contents.source, contents: contents.bytes, isTemplate: isTemplate,
            owner: owner ?? "root:root", mode: mode, onChange: onChange ?? .none, isSecret: isSecret)
        return FilesDraft.Entry(file: file, mark: entry.keyMark, modeMark: fields["mode"]?.value.mark)
    }

    // MARK: - Destination

    /// Whether a path is a valid destination. Only the shortest spelling is accepted, so that two entries for one
    /// file are noticed.
    private mutating func isDestination(_ path: String, at mark: Mark) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let remedy = "write where it is to stand on the nodes: `/etc/keepalived/check_web.sh`"
        if !path.hasPrefix("/") || path == "/" {
            error(mark, "\(quoted(path)) is not an absolute path", remedy: remedy)
        } else if parts.contains("..") {
            error(mark, "\(quoted(path)) has `..` in it", remedy: "write the path that it means")
        } else if parts.dropFirst().contains(where: { $0.isEmpty || $0 == "." }) {
            error(
                mark, "\(quoted(path)) is not the shortest spelling of its path",
                remedy: "write one `/` between names, no `.`, and none at the end")
        } else if path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
            || path.hasSuffix(" ") || path.utf8.count > 1024
        {
            error(
                mark, "\(quoted(path)) cannot be a destination",
                remedy:
                    "a path has no control characters, does not end with a blank and is not longer than 1024 bytes"
            )
        } else if let objection = ReservedPaths.objection(to: path) {
            error(mark, objection.message, remedy: objection.remedy)
        } else {
            return true
        }
        return false
    }

    // MARK: - Contents

    private mutating func readContents(
        _ fields: Fields, of name: String, isTemplate: Bool
    ) -> (bytes: [UInt8], source: String?)? {
        switch (fields["source"], fields["text"]) {
        case (let source?, nil):
            guard let path = path(source), let bytes = readSource(path, named: source, isTemplate: isTemplate)
            else { return nil }
            return (bytes, path)
        case (nil, let text?):
            guard let contents = string(text, example: "|") else { return nil }
            guard contents.utf8.count <= ShippedFile.largest else {
                error(
                    text.value.mark, "the file \(name) is larger than \(ShippedFile.largest) bytes",
                    remedy: "haops ships small files: scripts, maps, certificates")
                return nil
            }
            return (Array(contents.utf8), nil)
        case (_?, let text?):
            error(
                text.keyMark, "the file \(name) has a `source` and a `text`", remedy: "keep one of the two")
            return nil
        case (nil, nil):
            guard !fields.suspected.contains("source"), !fields.suspected.contains("text") else { return nil }
            error(
                fields.mark, "the file \(name) has neither `source` nor `text`",
                remedy: "write `source: files/check_web.sh`, a path beside the inventory, or `text: |`")
            return nil
        }
    }

    /// Reads a local file, once even for several nodes.
    private mutating func readSource(_ path: String, named entry: YAMLEntry, isTemplate: Bool) -> [UInt8]? {
        let answer = sources[path] ?? loadSource(path)
        sources[path] = answer
        switch answer {
        case .failure(let failure):
            error(
                entry.value.mark, "cannot read \(quoted(path)): \(failure.reason)",
                remedy: "`source` names a file of this machine; a relative path starts at the inventory")
            return nil
        case .success(let bytes):
            guard !isTemplate || String(validating: bytes, as: UTF8.self) != nil else {
                error(
                    entry.value.mark, "\(quoted(path)) is a template and not UTF-8",
                    remedy: "write it in UTF-8, or ship it as it is without `template: true`")
                return nil
            }
            return bytes
        }
    }

    private func loadSource(_ path: String) -> Result<[UInt8], LocalFileError> {
        do {
            return .success(
                try LocalFile(path: expandingHome(path), limit: ShippedFile.largest, allowsPipes: false).bytes
            )
        } catch {
            return .failure(error)
        }
    }

    // MARK: - Owner and mode

    private mutating func readOwner(_ entry: YAMLEntry?) -> String? {
        guard let entry, let text = line(entry, example: "root:root") else { return nil }
        let names = text.split(separator: ":", omittingEmptySubsequences: false)
        guard names.count == 2, names.allSatisfy(isAccountName) else {
            error(
                entry.value.mark, "`owner` wants a user and a group by name, not \(quoted(text))",
                remedy: "write `owner: root:root`")
            return nil
        }
        return text
    }

    private func isAccountName(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 32 else { return false }
        // Names of digits only are refused: the nodes would report them as the names of those ids.
        return (isAlphanumeric(first) || first == UInt8(ascii: "_"))
            && name.utf8.allSatisfy { isAlphanumeric($0) || "_-.".utf8.contains($0) }
            && !name.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private mutating func readMode(_ entry: YAMLEntry?) -> Int? {
        guard let entry, let text = line(entry, example: "\"0755\"") else { return nil }
        guard (3...4).contains(text.utf8.count), let mode = Int(text, radix: 8), mode >= 0,
            text.utf8.allSatisfy({ (0x30...0x37).contains($0) })
        else {
            wrong(entry, wants: "permissions in octal", example: "mode: \"0755\"")
            return nil
        }
        if mode > 0o777 {
            error(
                entry.value.mark, "setuid, setgid and sticky bits are not shipped",
                remedy: "write `mode: \"0\(text.suffix(3))\"`")
            return nil
        }
        if mode & 0o002 != 0 {
            error(
                entry.value.mark, "with mode \(text) everybody on the node could change the file",
                remedy: "write `mode: \"0755\"` for a script, `\"0644\"` for another file")
            return nil
        }
        return mode
    }
}
