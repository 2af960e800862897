import Remote

/// A setting that has a flag, a variable of the environment, and a place in the configuration file.
enum SettingKey: String, CaseIterable, Sendable {
    case inventory, user, port, identity
    case knownHosts = "known_hosts"
    case jump
    case sshConfig = "ssh_config"
    case transport, parallel
    case connectTimeout = "connect_timeout"
    case commandTimeout = "command_timeout"
    case timeout, output, color

    /// The name in the configuration file.
    var key: String { rawValue }

    /// The flag: `--connect-timeout`.
    var flag: String { "--" + rawValue.replacing("_", with: "-") }

    /// The variable of the environment: `HAOPS_CONNECT_TIMEOUT`.
    var variable: String { "HAOPS_" + rawValue.uppercased() }

    /// The words that a value may be; `nil` for any text.
    var choices: [String]? {
        switch self {
        case .transport: TransportKind.allCases.map(\.rawValue)
        case .output: OutputOptions.Format.allCases.map(\.rawValue)
        case .color: ColorChoice.allCases.map(\.rawValue)
        default: nil
        }
    }

    /// The numbers that a value may be; `nil` for a value that is none.
    var numbers: ClosedRange<Int>? {
        switch self {
        case .port: 1...65535
        case .parallel, .connectTimeout, .commandTimeout: 1...Int(Int32.max)
        case .timeout: 0...Int(Int32.max)
        default: nil
        }
    }

    /// Whether a value is a path, which may begin with `~/`.
    var isPath: Bool {
        switch self {
        case .inventory, .identity, .knownHosts, .sshConfig: true
        default: false
        }
    }
}
