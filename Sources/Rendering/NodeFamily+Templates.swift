import Inventory

extension NodeFamily {
    /// The template of ``keepalivedOptions``.
    var keepalivedOptionsTemplate: String {
        switch self {
        case .debian: "keepalived.default.mustache"
        case .redhat: "keepalived.sysconfig.mustache"
        }
    }
}
