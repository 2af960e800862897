internal import Glibc

/// A system call on a file that failed.
struct FileError: Error, Hashable, Sendable {
    let code: CInt
    var message: String { String(errno: code) }
}

/// Reads a whole file of at most 16 MiB. Blocks: not for the cooperative pool.
func readFile(_ path: String) -> Result<[UInt8], FileError> {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return .failure(FileError(code: errno)) }
    defer { _ = close(descriptor) }
    return readAll(descriptor)
}

private func readAll(_ descriptor: CInt) -> Result<[UInt8], FileError> {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while bytes.count < 16 << 20 {
        let count = unsafe read(descriptor, &chunk, chunk.count)
        if count < 0, errno == EINTR { continue }
        if count < 0 { return .failure(FileError(code: errno)) }
        if count == 0 { break }
        bytes.append(contentsOf: chunk[..<count])
    }
    return .success(bytes)
}

/// Appends `line` under an exclusive lock if `isWanted` still holds for what the file has by then; the file is
/// made with mode 600 when missing. Blocks: not for the cooperative pool.
///
/// - Returns: whether the line was written.
func appendLocked(_ line: String, to path: String, if isWanted: (String) -> Bool) -> Result<Bool, FileError> {
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
        _ = unsafe mkdir(String(path[..<slash]), 0o700)
    }
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return .failure(FileError(code: errno)) }
    // Closing gives the lock back.
    defer { _ = close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
        guard errno == EINTR else { return .failure(FileError(code: errno)) }
    }
    let present: [UInt8]
    switch readAll(descriptor) {
    case .failure(let error): return .failure(error)
    case .success(let bytes): present = bytes
    }
    guard isWanted(String(decoding: present, as: UTF8.self)) else { return .success(false) }
    // A last line without its newline must not swallow ours.
    let missing = present.last.map { $0 != UInt8(ascii: "\n") } ?? false
    let bytes = Array(((missing ? "\n" : "") + line).utf8)
    // One write with O_APPEND: whole or not at all.
    let count = unsafe write(descriptor, bytes, bytes.count)
    return count == bytes.count ? .success(true) : .failure(FileError(code: count < 0 ? errno : ENOSPC))
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
