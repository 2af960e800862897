/// How long a BACKUP waits without an advert before it takes the addresses.
///
/// RFC 3768 section 6.1 and RFC 5798 section 6.1, as vrrp.h `VRRP_MS_DOWN_TIMER` computes them.
package struct MasterDownTime: Hashable, Sendable {
    /// 2 or 3.
    package var version: Int
    /// The priority of the waiting node; 1 to 255.
    package var priority: Int
    /// The interval of the MASTER, which a version 3 BACKUP adopts from the adverts.
    package var advertInterval: Duration
    package var adverts: Int

    package init(version: Int, priority: Int, advertInterval: Duration, adverts: Int = 3) {
        self.version = version
        self.priority = priority
        self.advertInterval = advertInterval
        self.adverts = adverts
    }

    package init(of instance: Instance, priority: Int? = nil) {
        self.init(
            version: instance.version.value, priority: priority ?? instance.priority.value,
            advertInterval: instance.advertInterval.value, adverts: instance.downTimerAdverts.value)
    }

    /// The part that depends on the priority. After an advert of priority 0 it is the whole waiting time.
    package var skew: Duration {
        let missing = 256 - max(1, min(255, priority))
        return (version == 3 ? advertInterval : .seconds(1)) * missing / 256
    }

    package var value: Duration { advertInterval * adverts + skew }
}
