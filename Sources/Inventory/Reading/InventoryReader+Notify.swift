extension InventoryReader {
    static let notifyKeys = InventoryShape.notify.keyNames

    private static let notifyExample = "notify: { master: [/etc/keepalived/status_capture.sh] }"

    /// Reads `true`, `false`, or a mapping of further scripts.
    mutating func readNotify(_ entry: YAMLEntry?) -> NotifySettings? {
        guard let entry else { return nil }
        guard entry.value.entries != nil else {
            if case .scalar(let text, isPlain: true) = entry.value.content,
                ["true", "yes", "on", "false", "no", "off"].contains(text.lowercased())
            {
                return boolean(entry) == true ? NotifySettings() : NotifySettings.none
            }
            wrong(
                entry, wants: "`true`, `false` or a mapping of states and scripts",
                example: Self.notifyExample)
            return nil
        }
        guard
            let fields = fields(
                entry, of: "`notify`", keys: Self.notifyKeys,
                misplaced: [
                    "scripts": "write the state that they are for: `master`, `backup`, `fault` or `stop`",
                    "notify_master": "write `master`", "notify_backup": "write `backup`",
                    "notify_fault": "write `fault`", "notify_stop": "write `stop`",
                ], example: Self.notifyExample)
        else { return nil }
        var settings = NotifySettings()
        settings.writesState = boolean(fields["state_file"]) ?? true
        for event in NotifySettings.Event.allCases {
            guard let entry = fields[event.rawValue] else { continue }
            let paths = words(entry, example: "[/etc/keepalived/status_capture.sh]")
            settings.hooks[event] = paths.filter { isScriptPath($0.text, at: $0.mark) }.map(\.text)
        }
        if let entry = fields["directory"], let path = line(entry, example: "/etc/keepalived/on-master.d"),
            isScriptPath(path, at: entry.value.mark)
        {
            settings.directory = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        }
        settings.timeout =
            integer(fields["timeout"], in: InventoryShape.notifySeconds, example: "10") ?? settings.timeout
        return settings
    }

    /// Whether the text is a path on the nodes without arguments; keepalived passes its own.
    private mutating func isScriptPath(_ path: String, at mark: Mark) -> Bool {
        if !path.hasPrefix("/") || path == "/" {
            error(
                mark, "\(quoted(path)) is not an absolute path",
                remedy: "write where the script is on the nodes: `/etc/keepalived/status_capture.sh`")
        } else if path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            error(mark, "\(quoted(path)) has control characters", remedy: "remove them")
        } else if path.hasPrefix(NodePaths.notifyScript) {
            error(
                mark, "haops' own script would run itself without end",
                remedy: "leave it out: it is run first in any case")
        } else {
            return true
        }
        return false
    }
}
