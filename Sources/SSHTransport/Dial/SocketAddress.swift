internal import Glibc
internal import Reactor

/// The kinds of addresses that `AddressFamily` allows.
enum AddressFamily: Hashable, Sendable {
    case any, inet, inet6

    fileprivate var code: CInt {
        switch self {
        case .any: AF_UNSPEC
        case .inet: AF_INET
        case .inet6: AF_INET6
        }
    }

    /// The words after "resolve lb1.example.net".
    var purpose: String {
        switch self {
        case .any: ""
        case .inet: " to an IPv4 address"
        case .inet6: " to an IPv6 address"
        }
    }
}

/// An IPv4 or IPv6 address with a port, in the kernel's form.
struct SocketAddress: Hashable, Sendable {
    let family: CInt
    let bytes: [UInt8]

    /// The addresses of a literal, without asking any resolver; `nil` when `host` is a name.
    static func literal(_ host: String, port: Int, _ family: AddressFamily) -> [SocketAddress]? {
        switch lookUp(host, port: port, family, flags: AI_NUMERICHOST | AI_NUMERICSERV) {
        case .success(let addresses): addresses
        case .failure: nil
        }
    }

    /// Asks the system's resolver. Blocks: not for the cooperative pool.
    static func resolve(_ host: String, port: Int, _ family: AddressFamily) -> Result<
        [SocketAddress], ResolverError
    > {
        lookUp(host, port: port, family, flags: AI_NUMERICSERV | AI_ADDRCONFIG)
    }

    /// The address that a socket is connected to; `nil` for a local socket.
    static func peer(of descriptor: CInt) -> SocketAddress? {
        var peer = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = unsafe withUnsafeMutablePointer(to: &peer) { peer in
            unsafe peer.withMemoryRebound(to: sockaddr.self, capacity: 1) { peer in
                unsafe getpeername(descriptor, peer, &size)
            }
        }
        let family = CInt(peer.ss_family)
        guard code == 0, family == AF_INET || family == AF_INET6 else { return nil }
        return unsafe withUnsafeBytes(of: &peer) { bytes in
            unsafe SocketAddress(family: family, bytes: Array(bytes.prefix(Int(size))))
        }
    }

    struct ResolverError: Error, Sendable {
        let message: String
    }

    private static func lookUp(
        _ host: String, port: Int, _ family: AddressFamily, flags: CInt
    ) -> Result<[SocketAddress], ResolverError> {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = flags
        unsafe hints.ai_family = family.code
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else {
            let system = String(errno: errno)
            let text = unsafe code == EAI_SYSTEM ? system : String(cString: gai_strerror(code))
            return .failure(ResolverError(message: text))
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next?.pointee {
            unsafe next = entry.ai_next
            guard unsafe entry.ai_family == AF_INET || entry.ai_family == AF_INET6,
                let address = unsafe entry.ai_addr
            else { continue }
            let bytes = unsafe UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))
            let found = unsafe SocketAddress(family: entry.ai_family, bytes: Array(bytes))
            if !addresses.contains(found) { addresses.append(found) }
        }
        return .success(addresses)
    }

    /// "198.51.100.7" or "2001:db8::7", for messages.
    var text: String {
        unsafe bytes.withUnsafeBytes { raw in
            var buffer = [CChar](repeating: 0, count: 1025)
            let code = unsafe getnameinfo(
                raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count), &buffer,
                socklen_t(buffer.count), nil, 0, NI_NUMERICHOST)
            guard code == 0 else { return "?" }
            return String(c: buffer)
        }
    }
}

extension String {
    /// The system's text for an `errno`, as "Connection refused".
    init(errno code: CInt) {
        var buffer = [CChar](repeating: 0, count: 128)
        let failed = unsafe strerror_r(code, &buffer, buffer.count) != 0
        self = failed ? "errno \(code)" : String(c: buffer)
    }

    /// The text before the first zero.
    init(c characters: [CChar]) {
        self = String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
