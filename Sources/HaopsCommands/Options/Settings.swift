import Glibc
import Inventory

/// What the environment and the configuration file set. A flag counts more than a variable, and a variable more than the
/// file.
struct Settings: Sendable {
    /// Where a value comes from.
    enum Source: Hashable, Sendable {
        case environment(String)
        case file(String, line: Int)
    }

    struct Value: Hashable, Sendable {
        var text: String
        var source: Source
    }

    private(set) var values: [SettingKey: Value] = [:]

    /// The settings of this run; none in tests.
    @TaskLocal static var current = Settings()

    /// The inventory that the environment or the configuration file names.
    static var inventory: String? {
        current.text(.inventory) ?? Environment[SettingKey.inventory.variable]
    }

    func text(_ setting: SettingKey) -> String? { values[setting]?.text }
    func number(_ setting: SettingKey) -> Int? { text(setting).flatMap { Int($0) } }

    /// The configuration file, whether it exists or not: `$XDG_CONFIG_HOME/haops/config.yaml`, usually below `~/.config`.
    static var path: String {
        let home = Environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (home ?? expandingHome("~/.config")) + "/haops/config.yaml"
    }

    /// Reads the environment and the configuration file; a missing file sets nothing.
    ///
    /// - Throws: `InventoryError` with every mistake in the file, ``Failure`` for a wrong variable.
    static func load() throws -> Settings {
        var settings = Settings()
        try settings.read(file: path)
        for setting in SettingKey.allCases {
            guard let text = Environment[setting.variable], !text.isEmpty else { continue }
            if let objection = objection(to: text, for: setting) {
                throw Failure(.usage, "\(setting.variable) \(objection)")
            }
            settings.values[setting] = Value(text: text, source: .environment(setting.variable))
        }
        return settings
    }

    private mutating func read(file path: String) throws {
        guard unsafe access(path, F_OK) == 0 else { return }
        let found = try readPlainSettings(
            at: path, keys: SettingKey.allCases.map(\.key)
        ) { key, text in
            SettingKey(rawValue: key).flatMap { Self.objection(to: text, for: $0) }
        }
        for entry in found {
            guard let setting = SettingKey(rawValue: entry.key) else { continue }
            let text = setting.isPath ? expandingHome(entry.text) : entry.text
            values[setting] = Value(text: text, source: .file(path, line: entry.line))
        }
    }

    /// Why a text cannot be a setting's value: "wants a number from 1 to 65535".
    private static func objection(to text: String, for setting: SettingKey) -> String? {
        if let choices = setting.choices, !choices.contains(text) {
            return "wants one of \(choices.joined(separator: ", "))"
        }
        if let numbers = setting.numbers, !(Int(text).map(numbers.contains) ?? false) {
            return "wants a number"
                + (numbers.upperBound < 100_000
                    ? " from \(numbers.lowerBound) to \(numbers.upperBound)"
                    : " of \(numbers.lowerBound) or more")
        }
        return nil
    }
}
