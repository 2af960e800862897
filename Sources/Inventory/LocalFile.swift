import Glibc

/// A small file or pipe of this machine, read completely.
package struct LocalFile {
    package var bytes: [UInt8]
    /// Whether users other than its owner and group may read it.
    var isReadableByAll: Bool

    /// Throws a ``LocalFileError`` with the system's reason, or when the file is larger than `limit` bytes.
    ///
    /// - `allowsPipes`: whether to accept pipes, which can be read only once and may block.
    package init(path: String, limit: Int, allowsPipes: Bool = true) throws(LocalFileError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw LocalFileError(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw LocalFileError(errno) }
        // A pipe, for example `<(…)` of the shell, is accepted like a file; a directory or a device is not.
        let type = status.st_mode & S_IFMT
        guard type == S_IFREG || type == S_IFIFO && allowsPipes else {
            throw LocalFileError(reason: type == S_IFDIR ? "it is a directory" : "it is not a file")
        }
        // Opened with O_NONBLOCK so that a device cannot block; reading a pipe may block.
        if type == S_IFIFO { _ = fcntl(descriptor, F_SETFL, 0) }
        isReadableByAll = type == S_IFREG && status.st_mode & S_IROTH != 0
        bytes = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw LocalFileError(errno) }
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw LocalFileError(reason: "it is larger than \(limit) bytes")
            }
        }
    }
}

/// Why a file of this machine cannot be read or written.
package struct LocalFileError: Error {
    package var reason: String

    init(reason: String) { self.reason = reason }

    /// The system's text for an `errno`, in lower case.
    package init(_ code: Int32) {
        reason = unsafe strerror(code).map { unsafe String(cString: $0).lowercased() } ?? "error \(code)"
    }
}

/// A path with `~/` in front replaced by the user's home.
package func expandingHome(_ path: String) -> String {
    guard path.hasPrefix("~/"), let home = environmentVariable("HOME") else { return path }
    return home + path.dropFirst(1)
}

/// A variable of this process's environment.
func environmentVariable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
}

/// Reads the inventory at `path`; relative paths in it start at its directory.
///
/// Throws an ``InventoryError`` with all problems, or with the reason why the file cannot be read.
package func readFleet(at path: String) throws(InventoryError) -> Fleet {
    let file: LocalFile
    do {
        file = try LocalFile(path: path, limit: YAMLLimits.standard.bytes)
    } catch {
        throw InventoryError(diagnostics: [
            Diagnostic(
                .error, at: SourceLocation(file: path, line: 1, column: 1),
                "cannot read the inventory: \(error.reason)",
                remedy: "name one with `-i FILE` or in `HAOPS_INVENTORY`, or write one with `haops init`")
        ])
    }
    let directory = path.lastIndex(of: "/").map { path[..<$0].isEmpty ? "/" : String(path[..<$0]) }
    return try readFleet(yaml: file.bytes, file: path, directory: directory ?? "")
}
