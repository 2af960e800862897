import Testing

@testable import Keepalived

@Suite struct JournalEventTests {
    private func kinds(_ name: String, _ subject: String) throws -> [JournalEvent.Kind] {
        try fixtureText(name).split(separator: "\n").compactMap { JournalEvent(message: $0) }
            .filter { $0.subject == subject }.map(\.kind)
    }

    @Test func `the story of a failing check, a dead link and four disagreements`() throws {
        let story = try kinds("journal-2.2.7-a.log", "VI_1").filter {
            if case .announced = $0 { false } else { true }
        }
        #expect(
            story == [
                .removedAddresses, .becameBackup(initial: true), .advertTimeout, .becameMaster, .setAddresses,
                .priorityChanged(from: 150, to: 90),
                .higherAdvert(from: "203.0.113.12", theirs: 100, ours: 90), .becameBackup(initial: false),
                .priorityChanged(from: 90, to: 150), .lowerAdvertDiscarded(from: "203.0.113.12", theirs: 100),
                .becameFault(cause: nil), .priorityZeroSent, .wrongPassword(from: nil),
                .wrongAddressCount(received: 2, expected: 1), .wrongInterval(mine: "2", theirs: "1"),
                .wrongVersion(received: 2, expected: 3),
            ])
        #expect(
            try kinds("journal-2.2.7-a.log", "check") == [
                .scriptSucceeded, .scriptReturns(1), .scriptFailed(how: "exited with status 1"),
                .scriptReturns(0),
                .scriptSucceeded,
            ])
        #expect(try kinds("journal-2.2.7-a.log", "eth0").contains(.interfaceDown))
        #expect(
            try kinds("journal-2.2.7-b.log", "").contains(.started(version: KeepalivedVersion(2, 2, 7))))
    }

    /// One line per family of releases, with the prefixes that syslog and the journal put before it.
    @Test(arguments: [
        ("VRRP_Instance(VI_1) Transition to MASTER STATE", JournalEvent.Kind.advertTimeout, "VI_1"),
        (
            "Jun 5 21:39:33 ubuntu1 Keepalived_vrrp[18539]: VRRP_Instance(VI_1) Entering MASTER STATE",
            .becameMaster, "VI_1"
        ),
        (
            "Sep 11 10:55:45 centOS-hostB Keepalived_vrrp: VRRP_Instance(VI_1) Received higher prio advert",
            .higherAdvert(from: nil, theirs: nil, ours: nil), "VI_1"
        ),
        (
            "VRRP_Instance(VI_1) Received higher prio advert 150",
            .higherAdvert(from: nil, theirs: 150, ours: nil), "VI_1"
        ),
        (
            "VRRP_Instance(VI_1) Received advert with lower priority 90, ours 150, forcing new election",
            .lowerAdvert(from: nil, theirs: 90, ours: 150), "VI_1"
        ),
        ("(VI_1): received an invalid passwd!", .wrongPassword(from: nil), "VI_1"),
        (
            "(VI_1) received an invalid passwd from 203.0.113.12!", .wrongPassword(from: "203.0.113.12"),
            "VI_1"
        ),
        ("receive an invalid passwd!", .wrongPassword(from: nil), ""),
        ("advertissement interval mismatch mine=1 rcved=2", .wrongInterval(mine: "1", theirs: "2"), ""),
        ("bogus VRRP packet received on eth0 !!!", .packetIgnored, "eth0"),
        ("VRRP_Instance(VI_1) ignoring received advertisment...", .packetIgnored, "VI_1"),
        (
            "(VI_1) Master received advert from 203.0.113.12 with same priority 100 but higher IP address than ours",
            .sameAdvertFromHigherAddress(from: "203.0.113.12", priority: 100), "VI_1"
        ),
        (
            "(VI_1): entering FAULT state (interface eth1 down)", .becameFault(cause: "interface eth1 down"),
            "VI_1"
        ),
        ("(VI_1): entering FAULT state due to script check", .becameFault(cause: "script check"), "VI_1"),
        (
            "(VI_1) entering FAULT state (tracked process haproxy",
            .becameFault(cause: "tracked process haproxy"),
            "VI_1"
        ),
        (
            "(VI_1) Expected multicast packet but received unicast packet",
            .wrongCast(expectedUnicast: false),
            "VI_1"
        ),
        (
            "Unknown VRID(51) received on interface(eth0). ignoring...",
            .unknownRouterID(51, interface: "eth0", from: nil), ""
        ),
        (
            "VRRP_Instance(VI_1) Cant send advert to 224.0.0.18 (Operation not permitted)",
            .cannotSend(to: "224.0.0.18", reason: "Operation not permitted"), "VI_1"
        ),
        ("VRRP_Group(G1) Syncing instances to MASTER state", .groupSync(state: "MASTER"), "G1"),
        (
            "Disabling track script check since not found/accessible", .scriptDisabled(reason: "not found"),
            "check"
        ),
        (
            "(VI_1) CONFIGURATION ERROR: local instance and a remote instance are both configured as address owner, please fix - reducing local priority",
            .bothOwners, "VI_1"
        ),
        ("pid 12 exited with permanent error CONFIG. Terminating", .permanentError("CONFIG"), ""),
        ("(VI_1) expected 1 VIPs but received 2", .wrongAddressCount(received: 2, expected: 1), "VI_1"),
    ])
    func `every family of releases is understood`(message: String, kind: JournalEvent.Kind, subject: String) {
        let event = JournalEvent(message: message)
        #expect(event?.kind == kind)
        #expect(event?.subject == subject)
    }

    @Test(arguments: [
        "", "(", "(VI_1", "(VI_1)", "Registering Kernel netlink reflector", "Keepalived_vrrp[1]:", "% %",
    ])
    func `other lines are no events`(message: String) {
        #expect(JournalEvent(message: message) == nil)
    }
}
