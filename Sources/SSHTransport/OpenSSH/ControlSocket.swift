internal import Glibc

/// A client for a master connection's control socket (OpenSSH's `PROTOCOL.mux`).
enum ControlSocket {
    /// Tells the master to end, and waits up to half a second until it has ended.
    ///
    /// `ssh -O exit` is not used: a cancelled task cannot start a process, and it is then that no connection may
    /// be left open.
    static func terminate(_ path: String) {
        defer { _ = unsafe unlink(path) }
        guard let descriptor = connectLocally(to: path) else { return }
        defer { closeDescriptor(descriptor) }
        var limit = timeval(tv_sec: 0, tv_usec: 500_000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        let hello = 1
        let version = 4
        let terminate = 0x1000_0005
        var message: [UInt8] = []
        message.appendWire(number: 8)
        message.appendWire(number: hello)
        message.appendWire(number: version)
        message.appendWire(number: 8)
        message.appendWire(number: terminate)
        message.appendWire(number: 0)
        guard unsafe send(descriptor, message, message.count, CInt(MSG_NOSIGNAL)) == message.count else {
            return
        }
        var answer = [UInt8](repeating: 0, count: 256)
        // Reads the master's hello, its reply, and the end of the stream.
        while unsafe recv(descriptor, &answer, answer.count, 0) > 0 {}
    }
}

/// A connection to a local socket; `nil` when nobody listens. Blocking unless `flags` says otherwise.
func connectLocally(to path: String, flags: CInt = 0) -> CInt? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | flags
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else { return nil }
    let code = unsafe withUnsafePointer(to: &address) { address in
        unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    guard code == 0 else {
        closeDescriptor(descriptor)
        return nil
    }
    return descriptor
}
