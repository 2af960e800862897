import Facts
import Keepalived

/// What a tracked object sees of haproxy, as far as reading it proves that. Nothing is run.
enum CheckSight: Hashable {
    /// It fails when haproxy's process ends, and not when haproxy's servers are down.
    case process
    /// It has nothing to do with haproxy.
    case blind
    /// A program that may test anything.
    case unknown

    init(_ object: TrackedObject, on member: VirtualRouter.Member) {
        switch object.kind {
        case .interface, .file: self = .blind
        case .process:
            let words = member.node.configuration?.trackProcesses.first { $0.name == object.name }?.process?
                .value
            let program = words?.first.map { $0[...].lastPathPart }
            self = program == "haproxy" ? .process : .blind
        case .script:
            guard let command = member.node.configuration?.script(named: object.name)?.command else {
                self = .unknown
                return
            }
            let text = member.node.before?.known(NamedPathsFact.self)?[command.program]?.text
            self = CheckSight(command: command.arguments, script: text)
        }
    }

    /// - `command`: the program and its arguments.
    /// - `script`: the program's text, where it is a script.
    init(command: [String], script: String?) {
        let words = command.map { $0[...] }
        if let own = CheckSight(test: words) {
            self = own
            return
        }
        guard let script, ShellCommands.isShell(script) else {
            self = .unknown
            return
        }
        if Self.isShipped(script) {
            self = .process
            return
        }
        // Its status is the one test's: nothing else is done, or it only hands the status on.
        let quiet = script.drop { $0 != "\n" }.replacing("2>&1", with: "").replacing(">&2", with: "")
        let commands = ShellCommands.lines(in: String(quiet)).joined()
            .filter { !($0.first == "exit" && ($0.count == 1 || $0[1] == "$?")) }
        guard commands.count == 1, let only = commands.first, let sight = CheckSight(test: only) else {
            self = .unknown
            return
        }
        self = sight
    }

    /// haops' own check, which templates/check_haproxy.sh.mustache renders, by what it does.
    private static func isShipped(_ text: String) -> Bool {
        text.contains("# Rendered by haops") && text.contains("is_haproxy() {")
            && text.contains("/proc/net/tcp6")
    }

    /// A command that does nothing but look for a process; `nil` for any other.
    private init?(test words: [Substring]) {
        guard let program = words.first?.lastPathPart else { return nil }
        let arguments = words.dropFirst().map { $0.filter { $0 != "\"" && $0 != "'" } }
        let plain = arguments.prefix { !$0.hasPrefix(">") && !$0.hasPrefix("2>") && !$0.hasPrefix("&>") }
            .filter { !$0.hasPrefix("-") }
        let flags = arguments.filter { $0.hasPrefix("-") }
        let names: [String]
        switch program {
        case "killall", "pkill":
            guard flags.contains("-0") else { return nil }
            names = plain
        case "pidof", "pgrep": names = plain
        case "systemctl":
            guard plain.first == "is-active" else { return nil }
            names = plain.dropFirst().map { $0.hasSuffix(".service") ? String($0.dropLast(8)) : $0 }
        default: return nil
        }
        guard names.count == 1, let name = names.first else { return nil }
        self = name[...].lastPathPart == "haproxy" ? .process : .blind
    }
}

extension Substring {
    fileprivate var lastPathPart: Substring { split(separator: "/").last ?? self }
}
