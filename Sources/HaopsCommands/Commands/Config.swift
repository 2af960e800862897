import ArgumentParser
import Inventory
import Remote

/// Shows the settings of this program. Reaches no machine.
struct Config: HaopsCommand {
    static let configuration = CommandConfiguration(
        abstract: "The program's own settings, and where each value comes from.",
        discussion: """
            A flag counts more than a variable of the environment, and a variable more than the configuration file, \
            `~/.config/haops/config.yaml` (or below $XDG_CONFIG_HOME): one `key: value` a line. What the inventory says of \
            a machine counts more than `user`, `port`, `identity` and `jump` of the file and of the environment.

            Exit: 0; 64 a value is wrong.
            """)

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func perform(_ console: Console) async throws -> HaopsExit {
        let document = ConfigDocument(
            file: Settings.path, settings: SettingKey.allCases.map { entry(of: $0) })
        Report(command: "config", document, style: console.out).print(output.output, on: console)
        return .done
    }

    private func entry(of key: SettingKey) -> ConfigDocument.Entry {
        if let text = flag(key) { return .init(key, text, source: "flag", place: key.flag) }
        switch Settings.current.values[key] {
        case let value?:
            switch value.source {
            case .environment(let name): return .init(key, value.text, source: "environment", place: name)
            case .file(let path, let line):
                return .init(key, value.text, source: "file", place: "\(path):\(line)")
            }
        case nil: return .init(key, usual(key), source: "default", place: nil)
        }
    }

    /// What a flag of this command line says.
    private func flag(_ key: SettingKey) -> String? {
        switch key {
        case .inventory: fleetOptions.inventory
        case .user: connection.user
        case .port: connection.port.map(String.init)
        case .identity: connection.identity.isEmpty ? nil : connection.identity.joined(separator: ",")
        case .knownHosts: connection.knownHosts
        case .jump: connection.jump
        case .sshConfig: connection.sshConfig
        case .transport: connection.givenTransport?.rawValue
        case .parallel: connection.givenParallel.map(String.init)
        case .connectTimeout: connection.connectTimeout.map(String.init)
        case .commandTimeout: connection.givenCommandTimeout.map(String.init)
        case .timeout: connection.timeout.map { "\($0.duration.components.seconds)" }
        case .output: output.givenOutput?.rawValue
        case .color: output.display.givenColor?.rawValue
        }
    }

    /// What counts where nothing is said; `nil` where ssh_config or nobody decides.
    private func usual(_ key: SettingKey) -> String? {
        switch key {
        case .inventory: FleetOptions.usualInventory
        case .transport: ConnectionFlags.usualTransport.rawValue
        case .parallel: "\(ConnectionFlags.usualParallel)"
        case .commandTimeout: "\(ConnectionFlags.usualCommandTimeout)"
        case .output: OutputOptions.Format.table.rawValue
        case .color: ColorChoice.auto.rawValue
        case .user, .port, .identity, .knownHosts, .jump, .sshConfig, .connectTimeout, .timeout: nil
        }
    }
}

/// Where each setting comes from.
struct ConfigDocument: OutputDocument, Codable {
    struct Entry: Codable, Sendable {
        var key: String
        /// A number where the setting is one; `null` where ssh_config or nobody decides.
        var value: Value?
        /// `flag`, `environment`, `file` or `default`.
        var source: String
        /// The flag, the variable, or the line of the file.
        var place: String?

        init(_ key: SettingKey, _ text: String?, source: String, place: String?) {
            self.key = key.key
            value = text.map { key.numbers == nil ? .text($0) : Int($0).map(Value.number) ?? .text($0) }
            self.source = source
            self.place = place
        }
    }

    enum Value: Codable, Sendable, SchemaDescribed {
        case text(String)
        case number(Int)

        static var schema: JSONSchema { .anyOf([.text(), .integer]) }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                self = .number(number)
            } else {
                self = .text(try container.decode(String.self))
            }
        }

        var words: String {
            switch self {
            case .text(let text): text
            case .number(let number): "\(number)"
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            }
        }
    }

    /// The configuration file, whether it exists or not.
    var file: String
    var settings: [Entry]

    var table: Table {
        Table(
            columns: ["setting", "value", "source", "place"],
            rows: settings.map { entry in
                [entry.key, entry.value?.words ?? "-", entry.source, entry.place ?? "-"].map {
                    Table.Cell($0)
                }
            })
    }
}
