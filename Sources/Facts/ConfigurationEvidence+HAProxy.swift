package import HAProxy

extension ConfigurationEvidence {
    /// Where every distribution's package looks for haproxy's configuration.
    package static let haproxyFile = "/etc/haproxy/haproxy.cfg"

    /// The machine's haproxy.cfg; `nil` when there is none.
    package var haproxy: HAProxyFile? {
        guard let file = files[Self.haproxyFile], file.kind == .regular else { return nil }
        return HAProxyFile(path: Self.haproxyFile, bytes: file.contents)
    }
}
