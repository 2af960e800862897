import Facts

/// A command in a script that stops or restarts keepalived or haproxy.
struct ServiceCommand: Hashable, Sendable {
    enum Action: Hashable, Sendable { case stops, restarts, starts }

    var action: Action
    var daemon: DaemonProcess.Daemon
    /// As the script has it, without what it tests before.
    var text: String

    /// All of them in a script's text, or in the command itself where the configuration calls a program with arguments.
    static func all(in text: String) -> [ServiceCommand] {
        ShellCommands.lines(in: text).flatMap { commands in
            commands.compactMap { words in command(words, line: commands) }
        }.uniqued()
    }

    /// Programs that run the one after them.
    private static let wrappers: Set<Substring> = [
        "sudo", "timeout", "nice", "ionice", "setsid", "sh", "bash", "-c",
    ]

    private static func command(_ words: [Substring], line: [[Substring]]) -> ServiceCommand? {
        var words = words.map { $0.filter { $0 != "\"" && $0 != "'" } }.filter { !$0.isEmpty }.map {
            Substring($0)
        }[...]
        while let first = words.first?.base, wrappers.contains(first) {
            words.removeFirst()
            // `timeout 5`, `timeout -k 1 5s`, `sudo -n`
            while let next = words.first, next.hasPrefix("-") && next != "-c" || next.first?.isNumber == true
            {
                words.removeFirst()
            }
        }
        guard let first = words.first else { return nil }
        let arguments = words.dropFirst()
        let plain = arguments.filter { !$0.hasPrefix("-") }
        let text = words.joined(separator: " ")
        switch first.base {
        case "systemctl":
            guard let verb = plain.first else { return nil }
            let isNow = verb != "disable" && verb != "mask" || arguments.contains("--now")
            return isNow ? named(plain.dropFirst(), verb, text) : nil
        case "service", "rc-service", "invoke-rc.d":
            guard plain.count > 1 else { return nil }
            return named([plain[plain.startIndex]], plain[plain.startIndex + 1], text)
        case "killall", "pkill":
            return ends(arguments) ? named(plain, "stop", text) : nil
        case "kill":
            // `kill $(pidof haproxy)`, `kill -9 $(cat /run/haproxy.pid)`
            guard ends(arguments) else { return nil }
            let around = line.joined().filter { $0 != first }
            guard line.joined().contains(where: { ["pidof", "pgrep", "cat"].contains($0.base) }) else {
                return nil
            }
            return named(
                around.map { $0.base.hasSuffix(".pid") ? $0.base.dropLast(4) : $0.base }, "stop",
                "kill of \(around.last.map(String.init) ?? "its process")")
        default:
            guard first.contains("/init.d/"), let verb = plain.first else { return nil }
            return named([first.base], verb, text)
        }
    }

    private static func named(_ names: some Sequence<Substring>, _ verb: Substring, _ text: String)
        -> ServiceCommand?
    {
        let action: Action
        switch verb {
        case "stop", "kill", "disable", "mask": action = .stops
        case "restart", "try-restart", "condrestart", "force-restart": action = .restarts
        case "start": action = .starts
        default: return nil
        }
        for name in names {
            let bare = name.hasSuffix(".service") ? name.dropLast(8) : name
            if let daemon = DaemonProcess.Daemon(rawValue: String(bare)) {
                return ServiceCommand(action: action, daemon: daemon, text: text)
            }
        }
        return nil
    }

    /// Whether the signal of `kill` ends a process: `-0` only asks whether there is one, `-HUP` and `-USR2` reload.
    private static func ends(_ arguments: some Sequence<Substring>) -> Bool {
        var isSignal = false
        for word in arguments {
            if isSignal || word.hasPrefix("-") {
                var name = word.drop { $0 == "-" }
                if !isSignal, name == "s" || name == "signal" {
                    isSignal = true
                    continue
                }
                if name.hasPrefix("SIG") { name = name.dropFirst(3) }
                if ["0", "HUP", "1", "USR1", "USR2", "10", "12", "CONT", "STOP"].contains(name) {
                    return false
                }
                isSignal = false
            }
        }
        return true
    }
}

extension Substring {
    /// Without the directory.
    fileprivate var base: Substring { split(separator: "/").last ?? self }
}
