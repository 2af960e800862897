/// Whether an operator's file may be shipped to a path.
package func mayShip(to path: String) -> Bool {
    path.hasPrefix("/") && path != "/" && ReservedPaths.objection(to: path) == nil
        && !path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().contains {
            $0.isEmpty || $0 == ".." || $0 == "."
        }
        && !path.hasSuffix(" ") && path.utf8.count <= 1024
        && !path.unicodeScalars.contains { $0.properties.generalCategory == .control }
}

/// Paths to which an inventory's files cannot be shipped, because haops or the kernel owns them.
enum ReservedPaths {
    /// Files that haops renders, each with the key of the inventory that changes it.
    private static let files: [String: String] = {
        var keys = [
            NodePaths.keepalivedConfig: "`keepalived`, or its `extra`",
            NodePaths.notifyScript: "`notify` of `keepalived`",
            NodePaths.keepalivedService: "`notify` of `keepalived`",
            NodePaths.haproxyConfig: "`haproxy`, or its `extra`",
            NodePaths.sysctl: "`sysctl`",
            NodePaths.Firewall.unit: "`firewall`",
            NodePaths.Firewall.initScript: "`firewall`",
        ]
        for family in NodeFamily.allCases { keys[family.keepalivedOptions] = "`options` of `keepalived`" }
        for path in NodePaths.Firewall.nftConfigs + NodePaths.Firewall.savedRules.map(\.path) {
            keys[path] = "`firewall`"
        }
        return keys
    }()
    /// Directories of haops' own state.
    private static let state = [
        NodePaths.stateDirectory, NodePaths.volatileDirectory, "/var" + NodePaths.volatileDirectory,
        NodePaths.Firewall.directory,
    ]
    /// Where nothing can be put.
    private static let kernel = ["/proc", "/sys", "/dev"]

    /// Why a file may not be shipped to a path, and what to do instead; `nil` when it may.
    static func objection(to path: String) -> (message: String, remedy: String)? {
        if let key = files[path] {
            return ("haops writes `\(path)` itself", "change it by \(key)")
        }
        if state.contains(where: { path == $0 || path.hasPrefix($0 + "/") || path.hasPrefix($0 + "-") }) {
            return ("\(quoted(path)) is where haops keeps its own state", "choose another place")
        }
        if kernel.contains(where: { path == $0 || path.hasPrefix($0 + "/") }) {
            return ("\(quoted(path)) is the kernel's", "choose a place on disk")
        }
        return nil
    }
}
