import Glibc
import Subprocess
import SystemPackage
import Testing

@testable import HaopsCommands

/// A terminal with nobody at it but the test.
struct Terminal {
    private let keyboard: Int32
    private let line: Int32

    /// Hands `body` a terminal.
    static func open<Result>(_ body: (Terminal) async throws -> Result) async throws -> Result {
        var (keyboard, line) = (Int32(-1), Int32(-1))
        try unsafe #require(openpty(&keyboard, &line, nil, nil, nil) == 0)
        defer {
            close(keyboard)
            close(line)
        }
        // What the program inherits is not to keep the terminal open.
        for end in [keyboard, line] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return try await body(Terminal(keyboard: keyboard, line: line))
    }

    /// Runs the program with this as its controlling terminal.
    func haops(_ arguments: String...) async throws -> TerminationStatus {
        let screen = FileDescriptor(rawValue: line)
        return try await Subprocess.run(
            .name("setsid"),
            arguments: Arguments(["--ctty", "--wait", Program.path] + arguments),
            input: .fileDescriptor(screen, closeAfterSpawningProcess: false),
            output: .fileDescriptor(screen, closeAfterSpawningProcess: false),
            error: .fileDescriptor(screen, closeAfterSpawningProcess: false)
        ).terminationStatus
    }

    /// Whether `text` is shown. It gives up after three minutes of nothing: beside all other tests a program starts late.
    func shows(_ text: String) async -> Bool {
        let keyboard = keyboard
        return await onOwnThread {
            var seen: [UInt8] = []
            while !String(decoding: seen, as: UTF8.self).contains(text) {
                var waited = pollfd(fd: keyboard, events: Int16(POLLIN), revents: 0)
                var byte: UInt8 = 0
                guard unsafe poll(&waited, 1, 180_000) == 1, unsafe read(keyboard, &byte, 1) == 1 else {
                    return false
                }
                seen.append(byte)
            }
            return true
        }
    }

    func type(_ keys: String) {
        let bytes = Array(keys.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(keyboard, $0.baseAddress, $0.count) }
    }

    /// Whether what is typed is shown.
    var echoes: Bool {
        var settings = termios()
        return unsafe tcgetattr(line, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
    }
}
