import Glibc
import Remote
import Subprocess
import SystemPackage
import Testing

/// A real sshd on a free port of the loopback, run by the test as an ordinary process, with keys of its own.
final class SSHServer: Sendable {
    let directory: String
    let port: Int
    let daemon: Daemon
    var processID: pid_t { daemon.processID }

    static let program = "/usr/sbin/sshd"
    static var isInstalled: Bool { unsafe access(program, X_OK) == 0 }

    var knownHosts: String { directory + "/known_hosts" }
    var config: String { directory + "/ssh_config" }
    func key(_ kind: String) -> String { directory + "/user_\(kind)" }

    /// Starts a server, waits until it listens, hands it to `body`, and leaves nothing behind.
    static func with<Result>(
        options: [String] = [], hostKeys: [String] = ["ed25519"], usesPAM: Bool = false,
        prelude: (String) async throws -> [String] = { _ in [] }, _ body: (SSHServer) async throws -> Result
    ) async throws -> Result {
        let server = try await SSHServer(
            options: options, hostKeys: hostKeys, usesPAM: usesPAM, prelude: prelude)
        do {
            let result = try await body(server)
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }

    /// `prelude` makes the words that go before sshd's own.
    private init(
        options: [String], hostKeys: [String], usesPAM: Bool, prelude: (String) async throws -> [String]
    ) async throws {
        let directory = try makeTemporaryDirectory()
        let port = try freePort()
        for kind in hostKeys { try await makeKey(directory + "/host_\(kind)", kind: kind) }
        try await makeKey(directory + "/user_ed25519", kind: "ed25519")
        try write(try read(directory + "/user_ed25519.pub"), to: directory + "/authorized_keys")
        let user = currentUser()
        // OpenSSH's privilege separation wants this directory when it runs as root.
        _ = unsafe mkdir("/run/sshd", 0o755)
        let lines =
            hostKeys.map { "HostKey \(directory)/host_\($0)" } + [
                "Port \(port)", "ListenAddress 0.0.0.0", "ListenAddress ::",
                "AuthorizedKeysFile \(directory)/authorized_keys",
                "PidFile none", "StrictModes no", "UsePAM \(usesPAM ? "yes" : "no")",
                "PermitRootLogin yes",
                "SetEnv SHLVL=1", "MaxStartups 1000", "MaxSessions 1000", "LogLevel VERBOSE", "UseDNS no",
                "PrintMotd no",
            ] + options + ["PasswordAuthentication no", "KbdInteractiveAuthentication no"]
        try write(lines.joined(separator: "\n") + "\n", to: directory + "/sshd_config")
        try write("Host *\n  User \(user)\n", to: directory + "/ssh_config")
        var names: [String] = []
        for kind in hostKeys {
            let line = try read(directory + "/host_\(kind).pub").split(separator: " ").prefix(2).joined(
                separator: " ")
            names.append("[127.0.0.1]:\(port),[::1]:\(port) \(line)\n")
        }
        try write(names.joined(), to: directory + "/known_hosts")
        let wrapper = try await prelude(directory)
        self.directory = directory
        self.port = port
        daemon = try Daemon(
            wrapper + [Self.program, "-D", "-f", directory + "/sshd_config", "-E", directory + "/log"])
        try await poll("sshd listens") { canConnect(port: port) }
    }

    func target(_ name: String = "node", identities: [String]? = nil, host: String = "127.0.0.1") -> SSHTarget
    {
        SSHTarget(
            id: HostID(name), host: host, user: currentUser(), port: port,
            identities: identities ?? [key("ed25519")], jumps: [])
    }

    func options() -> ConnectionOptions {
        ConnectionOptions(sshConfig: "none", knownHosts: knownHosts, connectTimeout: .seconds(30))
    }

    /// Lets the public half of a new key in.
    func authorize(_ path: String) throws {
        let keys = try read(directory + "/authorized_keys") + read(path + ".pub")
        try write(keys, to: directory + "/authorized_keys")
    }

    /// The fingerprint of the host key, as ssh-keygen sees it.
    func fingerprint(_ kind: String = "ed25519") async throws -> String {
        let text = try await run("ssh-keygen", ["-l", "-f", directory + "/host_\(kind).pub"])
        return String(text.split(separator: " ")[1])
    }

    var log: String { (try? read(directory + "/log")) ?? "" }

    /// Ends the server and all of its sessions.
    func stop() async {
        for child in children(of: processID) { kill(child, SIGKILL) }
        await daemon.stop()
        removeDirectory(directory)
    }
}

/// The processes below `parent`, deepest last.
func children(of parent: pid_t) -> [pid_t] {
    let direct = directChildren(of: parent)
    return direct + direct.flatMap(children(of:))
}

func directChildren(of parent: pid_t) -> [pid_t] {
    let text = (try? read("/proc/\(parent)/task/\(parent)/children")) ?? ""
    return text.split(separator: " ").compactMap { pid_t($0) }
}

func makeKey(_ path: String, kind: String, passphrase: String = "", extra: [String] = []) async throws {
    try await run("ssh-keygen", ["-q", "-t", kind, "-f", path, "-N", passphrase, "-C", "test"] + extra)
}

/// Runs a program to its end, which has to be a good one.
@discardableResult func run(_ program: String, _ arguments: [String]) async throws -> String {
    let executable: Executable = program.hasPrefix("/") ? .path(FilePath(program)) : .name(program)
    let run = try await Subprocess.run(
        executable, arguments: Arguments(arguments), output: .string(limit: 65536),
        error: .string(limit: 4096))
    guard run.terminationStatus.isSuccess else { throw TestFailure("\(program): \(run.standardError)") }
    return run.standardOutput
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Waits for a condition, at most ten seconds.
func poll(_ what: String, _ condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(10)
    while !condition() {
        guard ContinuousClock.now < end else { throw TestFailure("gave up waiting until \(what)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}

func makeTemporaryDirectory() throws -> String {
    var template = Array("/tmp/haops-ssh-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw TestFailure("mkdtemp: \(errno)") }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
}

func removeDirectory(_ path: String) {
    guard let listing = unsafe opendir(path) else { return }
    while let entry = unsafe readdir(listing) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
            unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
        }
        guard name != ".", name != ".." else { continue }
        if unsafe unlink(path + "/" + name) != 0 { removeDirectory(path + "/" + name) }
    }
    unsafe closedir(listing)
    _ = unsafe rmdir(path)
}

func read(_ path: String) throws -> String {
    guard let file = unsafe fopen(path, "r") else { throw TestFailure("cannot read \(path): \(errno)") }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = unsafe fread(&chunk, 1, chunk.count, file)
        guard count > 0 else { break }
        bytes.append(contentsOf: chunk[..<count])
    }
    return String(decoding: bytes, as: UTF8.self)
}

func write(_ text: String, to path: String, mode: mode_t = 0o600) throws {
    guard let file = unsafe fopen(path, "w") else { throw TestFailure("cannot write \(path): \(errno)") }
    defer { unsafe fclose(file) }
    _ = unsafe fwrite(text, 1, text.utf8.count, file)
    _ = unsafe chmod(path, mode)
}

/// A port that nothing listens on now.
func freePort() throws -> Int {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    return try bindToFreePort(descriptor)
}

/// Binds a socket to the loopback, on a port that the kernel picks.
func bindToFreePort(_ descriptor: CInt) throws -> Int {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = unsafe withUnsafeMutablePointer(to: &address) { address in
        unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            unsafe bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
        }
    }
    guard bound else { throw TestFailure("no free port: \(errno)") }
    return Int(UInt16(bigEndian: address.sin_port))
}

func canConnect(port: Int) -> Bool {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    return connectToLoopback(descriptor, port: port)
}

@discardableResult func connectToLoopback(_ descriptor: CInt, port: Int) -> Bool {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return unsafe withUnsafePointer(to: &address) { address in
        unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}

/// A program that runs beside the test, and ends with it at the latest.
struct Daemon: Sendable {
    /// The program's own process.
    let processID: pid_t
    private let guardID: pid_t
    private let lifeline: CInt

    /// Starts `arguments` below a shell that kills it as soon as the pipe to this process breaks: also when the test
    /// itself is killed.
    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        // Socket pairs, because they close on exec from the start: other tests start programs at the same time.
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        var ends: [CInt] = [-1, -1]
        var report: [CInt] = [-1, -1]
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0,
            unsafe socketpair(AF_UNIX, kind, 0, &report) == 0
        else { throw TestFailure("socketpair: \(errno)") }
        let words = arguments.map { "'\($0)'" }.joined(separator: " ")
        let assignments = environment.map { "\($0.key)='\($0.value)' " }.joined()
        let script = """
            \(assignments)\(words) </dev/null >/dev/null 2>&1 3>&- &
            echo $! >&3; exec 3>&-
            read nothing; kill $! 2>/dev/null; wait
            """
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, report[1], 3)
        var argv: [UnsafeMutablePointer<CChar>?] = unsafe [strdup("sh"), strdup("-c"), strdup(script), nil]
        defer { unsafe argv.forEach { unsafe free($0) } }
        // Threads of the pool block signals, and a shell that inherits this would wait for its child for good.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var nothing = sigset_t()
        unsafe sigemptyset(&nothing)
        unsafe posix_spawnattr_setsigmask(&attributes, &nothing)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var started: pid_t = 0
        let code = unsafe posix_spawn(&started, "/bin/sh", &actions, &attributes, &argv, environ)
        close(ends[0])
        close(report[1])
        defer { close(report[0]) }
        guard code == 0 else { throw TestFailure("cannot start a shell: \(code)") }
        guardID = started
        lifeline = ends[1]
        var text = [UInt8](repeating: 0, count: 32)
        let count = unsafe Glibc.read(report[0], &text, text.count)
        let digits = String(decoding: text.prefix(max(0, count)).prefix { $0 != 10 }, as: UTF8.self)
        guard let processID = pid_t(digits) else { throw TestFailure("\(arguments[0]) did not start") }
        self.processID = processID
    }

    /// Ends the program and waits for it.
    func stop() async {
        close(lifeline)
        let waiting = guardID
        var status: CInt = 0
        try? await poll("the program ends") { unsafe waitpid(waiting, &status, WNOHANG) == waiting }
    }
}

func currentUser() -> String {
    guard let entry = unsafe getpwuid(getuid()) else { return "root" }
    return unsafe String(cString: entry.pointee.pw_name)
}
