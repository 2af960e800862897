package import HAProxy
import Inventory

extension ConfigurationEvidence {
    /// The path of haproxy's configuration in every distribution's package.
    package static let haproxyFile = NodePaths.haproxyConfig

    /// The machine's haproxy.cfg; `nil` when there is none.
    package var haproxy: HAProxyConfiguration? {
        guard let file = files[Self.haproxyFile], file.kind == .regular else { return nil }
        return HAProxyConfiguration(path: Self.haproxyFile, bytes: file.contents)
    }
}
