internal import Glibc

/// The socket of a master connection, spoken to in the protocol of OpenSSH's `PROTOCOL.mux`.
enum ControlSocket {
    /// Tells the master to end, and sees it go; at most half a second.
    ///
    /// Not by way of `ssh -O exit`: a process cannot be started in a task that was cancelled, which is when it matters
    /// most that no connection is left behind.
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
        // Its hello, its consent, and then the end of the stream as it goes.
        while unsafe recv(descriptor, &answer, answer.count, 0) > 0 {}
    }
}

/// A blocking connection to a local socket; `nil` when nobody listens.
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
