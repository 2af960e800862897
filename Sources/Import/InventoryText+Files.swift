import Inventory

extension InventoryText {
    /// Writes a `files:` section with the texts.
    mutating func write(_ files: [ShippedFile], _ depth: Int) {
        guard !files.isEmpty else { return }
        line(depth, "files:")
        for file in files {
            line(depth + 1, "\(scalar(file.path)):")
            let usual = ShippedFile.usualMode(of: file.contents, isSecret: false)
            if file.mode != usual {
                let digits = String(file.mode, radix: 8)
                line(
                    depth + 2, "mode: \"\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)\""
                )
            }
            if file.owner != "root:root" { line(depth + 2, "owner: \(scalar(file.owner))") }
            if file.onChange != .none { line(depth + 2, "on_change: \(file.onChange.rawValue)") }
            writeText(String(decoding: file.contents, as: UTF8.self), depth + 2)
        }
    }

    /// Writes a text as a block scalar if YAML preserves it byte for byte; otherwise between quotes.
    private mutating func writeText(_ text: String, _ depth: Int) {
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control: scalar == "\n" || scalar == "\t"
            case .lineSeparator, .paragraphSeparator, .format, .privateUse, .unassigned: false
            default: true
            }
        }
        let ends = text.unicodeScalars.reversed().prefix { $0 == "\n" }.count
        // The first line determines the block's indentation for the YAML reader.
        guard isPlain, ends <= 1, let first = lines.first, !first.isEmpty, first.first != " ",
            first.first != "\t"
        else {
            line(depth, "text: \(quoted(text))")
            return
        }
        line(depth, "text: |\(ends == 0 ? "-" : "")")
        for content in ends == 1 ? lines.dropLast() : lines[...] { line(depth + 1, String(content)) }
    }

    /// The text between double quotes, on one line.
    private func quoted(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default:
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
                    let digits = String(scalar.value, radix: 16)
                    result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
                default: result.unicodeScalars.append(scalar)
                }
            }
        }
        return "\"\(result)\""
    }

    /// Writes the settings of haops' notify script.
    mutating func write(_ notify: NotifySettings) {
        guard notify.runsScripts else {
            let why = cluster.isAdopted ? "none of haops'" : "they have a notify script of their own"
            if !notify.writesState { line(3, "notify: false  # \(why)") }
            return
        }
        line(3, "notify:")
        if !notify.writesState { line(4, "state_file: false") }
        for event in NotifySettings.Event.allCases {
            guard let paths = notify.hooks[event], !paths.isEmpty else { continue }
            line(4, "\(event.rawValue): \(flow(paths.map(scalar)))")
        }
        if let directory = notify.directory { line(4, "directory: \(scalar(directory))") }
        if notify.timeout != NotifySettings().timeout { line(4, "timeout: \(notify.timeout)") }
    }
}
