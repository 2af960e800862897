import HAProxy
import HaopsTestSupport
import Testing

/// A haproxy.cfg that is broken in every way; `fuzz/run haproxy` goes further.
struct BrokenFilesTests {
    private static let whole = """
        global
            stats socket "/run/haproxy/admin sock" mode 660
            chroot '/var/lib/haproxy'
            maxconn 20000
        .if defined(X)
        defaults a
            timeout client 30s
        frontend web from a
            bind 203.0.113.50:80,:::443 ssl crt /etc/\\ x.pem
            use_backend %[path,map(/etc/m)] if { path -m beg /a } || !b
            default_backend web # why
        .endif
        backend web
            server web[1-2] "${HOST:-192.0.2.1}":80 check inter 2s
        """

    @Test(arguments: [1, 2] as [UInt64])
    func `any bytes are read, and every byte is kept`(seed: UInt64) {
        var random = HostileTexts(seed: seed)
        HAProxyInput.read(Array(Self.whole.utf8))
        for _ in 0..<400 { HAProxyInput.read(random.broken(Array(Self.whole.utf8))) }
    }
}
