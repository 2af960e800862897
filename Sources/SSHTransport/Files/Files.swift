internal import Glibc

/// Why a file was not read completely, or not written.
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

    /// Whether the file does not exist, as opposed to one that cannot be read.
    var isMissing: Bool { self == .system(ENOENT) || self == .system(ENOTDIR) }
}

/// The most bytes that are read of a file; a larger file is an error and never truncated.
enum FileLimit {
    /// For known_hosts and similar files: those of a large site have some ten thousand lines, a few MiB.
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

/// Why a file for another program cannot be read; `nil` when it can be read or does not exist.
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

/// Appends `line` to a known_hosts file under an exclusive lock, if `isWanted` is true for the contents at that
/// time. A missing file is created with mode 600, its directory with mode 700. Blocks: not for the cooperative
/// pool.
///
/// - Returns: the number of the written line; `nil` when `isWanted` was false.
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
    // Closing releases the lock.
    defer { _ = close(descriptor) }
    let present: [UInt8]
    switch readAll(descriptor, atMost: FileLimit.trust) {
    case .failure(let error): return .failure(error)
    case .success(let bytes): present = bytes
    }
    guard isWanted(present) else { return .success(nil) }
    // A last line without a newline must not be joined with the new one.
    let missing = present.last.map { $0 != UInt8(ascii: "\n") } ?? false
    let bytes = Array(((missing ? "\n" : "") + line).utf8)
    // A single write with O_APPEND: other writers cannot interleave.
    let count = unsafe write(descriptor, bytes, bytes.count)
    guard count == bytes.count else {
        let code = count < 0 ? errno : ENOSPC
        // The disk is full. Half a line is removed, because it would have another meaning.
        if count > 0 { _ = ftruncate(descriptor, off_t(present.count)) }
        return .failure(.system(code))
    }
    return .success(present.count { $0 == UInt8(ascii: "\n") } + (missing ? 2 : 1))
}

/// Opens a file for appending, and waits for its lock.
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
        // `ssh-keygen -R` replaces the file: a line appended to the old one would be lost.
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

/// `close(2)`, for scopes with another `close`.
func closeDescriptor(_ descriptor: CInt) { _ = close(descriptor) }
