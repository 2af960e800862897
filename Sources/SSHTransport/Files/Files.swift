internal import Glibc

/// Why a file was not read whole, or not written.
enum FileError: Error, Hashable, Sendable {
    /// A system call failed with this `errno`.
    case system(CInt)
    case tooLarge(limit: Int)

    var message: String {
        switch self {
        case .system(let code): String(errno: code)
        case .tooLarge(let limit): "it has more than \(limit >> 20) MiB"
        }
    }

    /// There is no such file, as opposed to one that cannot be read.
    var isMissing: Bool { self == .system(ENOENT) || self == .system(ENOTDIR) }
}

/// How much is read of a file at most; a larger one is an error, never cut short.
enum FileLimit {
    /// What says whom to trust: known_hosts of a large site has some ten thousand lines, a few MiB.
    static let trust = 64 << 20
    static let settings = 16 << 20
    static let key = 1 << 20
}

/// Reads a whole file. Blocks: not for the cooperative pool.
func readFile(_ path: String, atMost limit: Int) -> Result<[UInt8], FileError> {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return .failure(.system(errno)) }
    defer { _ = close(descriptor) }
    return readAll(descriptor, atMost: limit)
}

/// Why a file that another program is to read cannot be read; `nil` when it can, or is missing.
func obstacle(to path: String) -> FileError? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
        let error = FileError.system(errno)
        return error.isMissing ? nil : error
    }
    defer { _ = close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return .system(errno) }
    return status.st_mode & S_IFMT == S_IFDIR ? .system(EISDIR) : nil
}

private func readAll(_ descriptor: CInt, atMost limit: Int) -> Result<[UInt8], FileError> {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = unsafe read(descriptor, &chunk, chunk.count)
        if count < 0, errno == EINTR { continue }
        if count < 0 { return .failure(.system(errno)) }
        if count == 0 { return .success(bytes) }
        guard bytes.count + count <= limit else { return .failure(.tooLarge(limit: limit)) }
        bytes.append(contentsOf: chunk[..<count])
    }
}

/// Appends `line` to a file of trust under an exclusive lock if `isWanted` still holds for what the file has by then. A
/// missing file is made with mode 600, its directory with mode 700. Blocks: not for the cooperative pool.
///
/// - Returns: the number of the line that was written; `nil` when it was not wanted any more.
func appendLocked(_ line: String, to path: String, if isWanted: ([UInt8]) -> Bool) -> Result<Int?, FileError>
{
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
        _ = unsafe mkdir(String(path[..<slash]), 0o700)
    }
    let descriptor: CInt
    switch openLocked(path) {
    case .failure(let error): return .failure(error)
    case .success(let opened): descriptor = opened
    }
    // Closing gives the lock back.
    defer { _ = close(descriptor) }
    let present: [UInt8]
    switch readAll(descriptor, atMost: FileLimit.trust) {
    case .failure(let error): return .failure(error)
    case .success(let bytes): present = bytes
    }
    guard isWanted(present) else { return .success(nil) }
    // A last line without its newline must not swallow ours.
    let missing = present.last.map { $0 != UInt8(ascii: "\n") } ?? false
    let bytes = Array(((missing ? "\n" : "") + line).utf8)
    // One write with O_APPEND: nothing of others comes in between.
    let count = unsafe write(descriptor, bytes, bytes.count)
    guard count == bytes.count else {
        let code = count < 0 ? errno : ENOSPC
        // A full disk: half a line would be a line that says something else.
        if count > 0 { _ = ftruncate(descriptor, off_t(present.count)) }
        return .failure(.system(code))
    }
    return .success(present.count { $0 == UInt8(ascii: "\n") } + (missing ? 2 : 1))
}

/// Opens a file to be appended to, and waits for its lock.
private func openLocked(_ path: String) -> Result<CInt, FileError> {
    while true {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return .failure(.system(errno)) }
        while flock(descriptor, LOCK_EX) != 0 {
            let code = errno
            if code == EINTR { continue }
            _ = close(descriptor)
            return .failure(.system(code))
        }
        // `ssh-keygen -R` puts a new file in the old one's place: a line in the old one would be lost.
        var (held, named) = (stat(), stat())
        let isCurrent = unsafe fstat(descriptor, &held) == 0 && stat(path, &named) == 0
        if isCurrent, held.st_ino == named.st_ino, held.st_dev == named.st_dev {
            return .success(descriptor)
        }
        _ = close(descriptor)
    }
}

/// The path with a leading `~` replaced by the user's home directory.
func expandTilde(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/") else { return path }
    return homeDirectory + path.dropFirst()
}

/// `$HOME`, or what the password database says.
var homeDirectory: String {
    if let home = unsafe getenv("HOME"), unsafe home.pointee != 0 { return unsafe String(cString: home) }
    return unsafe passwordEntry { entry in unsafe entry.pw_dir } ?? "/"
}

/// The login name of this process's user.
var loginName: String { unsafe passwordEntry { entry in unsafe entry.pw_name } ?? "root" }

private func passwordEntry(_ field: (passwd) -> UnsafeMutablePointer<CChar>?) -> String? {
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16384)
    guard unsafe getpwuid_r(getuid(), &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil,
        let text = unsafe field(entry)
    else { return nil }
    return unsafe String(cString: text)
}

/// `close`, where the name is taken.
func closeDescriptor(_ descriptor: CInt) { _ = close(descriptor) }
