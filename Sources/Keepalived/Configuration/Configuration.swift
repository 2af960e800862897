package import Addresses

/// `global_defs`: the settings for VRRP; the rest is kept as written.
package struct GlobalDefinitions: Sendable {
    package var routerID: Setting<String>?
    package var vrrpVersion = Setting(2)
    package var strict = Setting(false)
    package var multicastGroup4 = Setting<IPAddress>(.v4(0xE000_0012))
    package var multicastGroup6 = Setting<IPAddress>(.v6(high: 0xFF02_0000_0000_0000, low: 0x12))
    package var garp = Instance.GratuitousARP()
    package var downTimerAdverts = Setting(3)
    package var skipsAdvertAddressCheck = Setting(false)
    package var checksUnicastSource = Setting(false)
    package var scriptUser: Setting<ScriptUser>?
    package var scriptSecurity = Setting(false)
    package var dynamicInterfaces = Setting(false)
    package var defaultInterface = Setting("eth0")
    package var logsUnknownRouterIDs = Setting(false)
    package var smtpServer: Setting<String>?
    /// `startup_script` and `shutdown_script`, and the scripts that read a notify FIFO.
    package var scripts: [Instance.Notify] = []
    /// The process-wide keywords outside the block: `net_namespace`, `instance`, `use_pid_dir`, …
    package var processWide: [Statement] = []
    /// All other statements, as written.
    package var others: [Statement] = []
}

/// `vrrp_sync_group`.
package struct SyncGroup: Sendable {
    package var name: String
    package var location: ConfigurationLocation
    package var members: [Word] = []
    package var trackInterfaces: [TrackedReference] = []
    package var trackScripts: [TrackedReference] = []
    package var trackFiles: [TrackedReference] = []
    package var trackProcesses: [TrackedReference] = []
    package var trackBFDs: [TrackedReference] = []
    /// `sync_group_tracking_weight` or the older `global_tracking`: members may have weighted tracking.
    package var usesTrackingWeight = false
    package var notify: [Instance.Notify] = []
    package var others: [Statement] = []
}

/// A whole configuration as one keepalived version on one node understands it.
package struct Configuration: Sendable {
    package var version: KeepalivedVersion
    package var global = GlobalDefinitions()
    package var scripts: [TrackScript] = []
    package var trackFiles: [TrackFile] = []
    package var trackProcesses: [TrackProcess] = []
    package var instances: [Instance] = []
    package var syncGroups: [SyncGroup] = []
    package var staticAddresses: [VirtualAddress] = []
    package var staticRoutes: [Statement] = []
    package var staticRules: [Statement] = []
    /// `virtual_server` and everything else that is not VRRP, as written.
    package var others: [Statement] = []
    /// The values that keepalived refuses, changes or ignores, in the order of the text.
    package var problems: [ConfigurationProblem] = []
    /// The problems of the text itself: braces, includes, unknown keywords.
    package var diagnostics: [Diagnostic] = []
    /// Every file that was read, in the order of opening.
    package var files: [String] = []
    package var effective: EffectiveConfiguration

    package func instance(named name: String) -> Instance? { instances.first { $0.name == name } }
    package func script(named name: String) -> TrackScript? { scripts.first { $0.name == name } }

    /// The group that an instance belongs to.
    package func syncGroup(of instance: Instance) -> SyncGroup? {
        syncGroups.first { $0.members.contains { $0.text == instance.name } }
    }
}

extension ConfigurationReader {
    /// Reads the file at `path` with its includes, and interprets all statements.
    package func read(path: String) -> Configuration {
        let effective = effective(path: path)
        var builder = ConfigurationBuilder(version: version, effective: effective)
        return builder.build()
    }
}
