package import Addresses
import Facts
package import Remote
import Survey

/// From some moment on an observer sends to this machine what is for an address.
package struct NeighbourChange: Hashable, Sendable {
    package var observer: HostID
    package var address: IPAddress
    package var mac: MACAddress
    /// Whose link-layer address it is, where that is known.
    package var node: HostID?
    /// By the clock here, microseconds since 1970; `nil` for what was so before.
    package var time: Int?

    /// "lb2", or a link-layer address that no node has.
    package var receiver: String { node?.name ?? mac.description }
}

/// How often a machine announced an address, as one machine heard it.
package struct Announcements: Hashable, Sendable {
    package var listener: HostID
    package var address: IPAddress
    package var mac: MACAddress
    /// Whose link-layer address it is, where that is known.
    package var node: HostID?
    package var count: Int
    /// By the clock here; microseconds since 1970.
    package var first: Int
    package var last: Int

    /// "lb2", or a link-layer address that no node has.
    package var sender: String { node?.name ?? mac.description }
}

/// Works out of what witnesses have told who had the addresses, who was sent what is for them, and who announced them. Pure.
struct NeighbourHistory {
    /// In the order of their times.
    var events: [WitnessEvent]
    /// The nodes of the cluster; other hosts are observers.
    var nodes: Set<HostID>
    /// Whose link-layer address it is.
    var owners: [MACAddress: HostID]

    /// To whom each observer sent, in the order of time: what was so before, and every change.
    func changes(of addresses: [IPAddress]) -> [NeighbourChange] {
        struct Entry: Hashable {
            var observer: HostID
            var address: IPAddress
        }
        var known: [Entry: MACAddress] = [:]
        return events.compactMap { event in
            guard case .neighbour(let address, let mac) = event.kind, !nodes.contains(event.host),
                addresses.contains(address)
            else { return nil }
            let entry = Entry(observer: event.host, address: address)
            guard known.updateValue(mac, forKey: entry) != mac else { return nil }
            return NeighbourChange(
                observer: event.host, address: address, mac: mac, node: owners[mac],
                time: event.time == 0 ? nil : event.time)
        }
    }

    /// Who announced the addresses within a time, by listener.
    func announcements(of addresses: [IPAddress], within time: Range<Int>) -> [Announcements] {
        struct Key: Hashable {
            var listener: HostID
            var announcement: Announcement
        }
        var order: [Key] = []
        var found: [Key: (count: Int, first: Int, last: Int)] = [:]
        for event in events where time.contains(event.time) {
            guard case .announcement(let announcement) = event.kind,
                addresses.contains(announcement.address)
            else { continue }
            let key = Key(listener: event.host, announcement: announcement)
            if found[key] == nil { order.append(key) }
            let before = found[key] ?? (0, event.time, event.time)
            found[key] = (before.count + 1, before.first, event.time)
        }
        var all: [Announcements] = []
        for key in order {
            guard let (count, first, last) = found[key] else { continue }
            let one = Announcements(
                listener: key.listener, address: key.announcement.address, mac: key.announcement.mac,
                node: owners[key.announcement.mac], count: count, first: first, last: last)
            // Where a packet passes several interfaces of the listener, a bridge's for example, it is captured on each of them.
            if let same = all.firstIndex(where: {
                ($0.listener, $0.address, $0.mac) == (one.listener, one.address, one.mac)
            }) {
                if all[same].count < count { all[same] = one }
            } else {
                all.append(one)
            }
        }
        return all
    }

    /// When a node had one of these addresses, as its kernel tells; `nil` where that did not begin or end while it was
    /// listened to.
    ///
    /// - `isOwner`: whether the node had them to begin with.
    func holdings(of addresses: [IPAddress], on node: HostID, isOwner: Bool) -> [(from: Int?, to: Int?)] {
        var held = Set(isOwner ? addresses : [])
        var holdings: [(from: Int?, to: Int?)] = isOwner ? [(nil, nil)] : []
        for event in events where event.host == node {
            guard case .address(let known, _, let isAdded) = event.kind,
                addresses.contains(known.cidr.address)
            else { continue }
            let address = known.cidr.address
            let had = !held.isEmpty
            if isAdded { held.insert(address) } else { held.remove(address) }
            if !had, !held.isEmpty { holdings.append((event.time, nil)) }
            if had, held.isEmpty { holdings[holdings.count - 1].to = event.time }
        }
        return holdings
    }
}
