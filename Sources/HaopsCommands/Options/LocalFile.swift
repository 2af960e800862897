import Glibc

/// Files of the operator's own machine, whole.
enum LocalFile {
    /// `nil` when it cannot be read; ``lastError`` says why.
    static func read(_ path: String) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        let chunk = 64 << 10
        while true {
            let old = bytes.count
            bytes.append(contentsOf: repeatElement(0, count: chunk))
            let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress?.advanced(by: old), chunk) }
            bytes.removeLast(chunk - max(0, count))
            if count == 0 { return bytes }
            if count < 0, errno != EINTR { return nil }
        }
    }

    /// The directory that a file's relative paths start from.
    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// What the last failed call on this thread says of itself.
    static var lastError: String { unsafe String(cString: strerror(errno)) }
}
