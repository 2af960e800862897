import Remote
import Testing

@testable import Inventory

/// What has keepalived start scripts as it stops, in all the places where an inventory can say so.
@Suite struct StopScriptsTests {
    private func settings(
        _ notify: NotifySettings = NotifySettings(), extra: String? = nil, blocks: String? = nil
    ) -> KeepalivedSettings {
        let instance = VRRPInstance(
            name: "VI_1", routerID: 51, addresses: [], preferred: HostID("lb1"), priorities: [:], extra: extra
        )
        var settings = KeepalivedSettings(interface: "eth0", notify: notify, instances: [instance])
        settings.extraBlocks = blocks
        return settings
    }

    @Test func `scripts of other states are none of a stop`() {
        #expect(!settings().startsScriptsAsItStops)
        #expect(!settings(NotifySettings(hooks: [.master: ["/a"], .stop: []])).startsScriptsAsItStops)
        #expect(!settings(extra: "notify_master /a\n# notify_stop /a").startsScriptsAsItStops)
    }

    @Test func `a stop hook, and raw lines of an instance or a group, are`() {
        #expect(settings(NotifySettings(hooks: [.stop: ["/a"]])).startsScriptsAsItStops)
        #expect(settings(extra: "debug 1\n\tnotify_stop \"/a b\"").startsScriptsAsItStops)
        #expect(
            settings(blocks: "vrrp_sync_group G {\n  group {\n    VI_1\n  }\n  notify /a\n}")
                .startsScriptsAsItStops)
    }
}
