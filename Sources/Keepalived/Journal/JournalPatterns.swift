/// The messages of keepalived 1.2 to 2.4, from their sources; `%` is any text.
enum JournalPatterns {
    typealias Made = (kind: JournalEvent.Kind, subject: String?)
    typealias Make = @Sendable ([String]) -> Made?

    static let all: [(MessagePattern, Make)] =
        state + adverts + rejections + tracked + addresses + daemon

    private static func fixed(_ kind: JournalEvent.Kind) -> Make { { _ in (kind, nil) } }

    private static func entry(_ text: String, _ make: @escaping Make) -> (MessagePattern, Make) {
        (MessagePattern(text), make)
    }

    private static let state: [(MessagePattern, Make)] = [
        entry("Entering MASTER STATE", fixed(.becameMaster)),
        entry("Entering BACKUP STATE", fixed(.becameBackup(initial: false))),
        entry("Entering BACKUP STATE (init)", fixed(.becameBackup(initial: true))),
        entry("Now in BACKUP state", fixed(.becameBackup(initial: false))),
        entry("Entering FAULT STATE", fixed(.becameFault(cause: nil))),
        entry("Entering FAULT STATE (init)", fixed(.becameFault(cause: nil))),
        entry("Now in FAULT state", fixed(.becameFault(cause: nil))),
        entry("entering FAULT state", fixed(.becameFault(cause: nil))),
        entry("entering FAULT state (%)") { (.becameFault(cause: $0[0]), nil) },
        // 2.2 does not close the parenthesis: "(tracked process X".
        entry("entering FAULT state (%") { (.becameFault(cause: $0[0]), nil) },
        entry("entering FAULT state due to %") { (.becameFault(cause: $0[0]), nil) },
        entry("Transition to MASTER STATE", fixed(.advertTimeout)),
        entry("Receive advertisement timeout", fixed(.advertTimeout)),
        entry("Syncing instances to % state") { (.groupSync(state: $0[0]), nil) },
    ]

    private static let adverts: [(MessagePattern, Make)] = [
        entry("Received higher prio advert", fixed(.higherAdvert(from: nil, theirs: nil, ours: nil))),
        entry("Received higher prio advert %") {
            (.higherAdvert(from: nil, theirs: Int($0[0]), ours: nil), nil)
        },
        entry("Received advert with higher priority %, ours %") {
            (.higherAdvert(from: nil, theirs: Int($0[0]), ours: Int($0[1])), nil)
        },
        entry("Master received advert from % with higher priority %, ours %") {
            (.higherAdvert(from: $0[0], theirs: Int($0[1]), ours: Int($0[2])), nil)
        },
        entry("Master received advert from % with same priority % but higher IP address than ours") {
            guard let priority = Int($0[1]) else { return nil }
            return (.sameAdvertFromHigherAddress(from: $0[0], priority: priority), nil)
        },
        entry("Received lower prio advert%", fixed(.lowerAdvert(from: nil, theirs: nil, ours: nil))),
        entry("Received advert with lower priority %, ours %") {
            (.lowerAdvert(from: nil, theirs: Int($0[0]), ours: leadingNumber($0[1])), nil)
        },
        entry("Received advert from % with lower priority %, ours %") {
            (.lowerAdvert(from: $0[0], theirs: Int($0[1]), ours: leadingNumber($0[2])), nil)
        },
        entry("forcing a new MASTER election", fixed(.lowerAdvertDiscarded(from: nil, theirs: nil))),
        entry("received lower priority (%) advert from % - discarding") {
            (.lowerAdvertDiscarded(from: $0[1], theirs: Int($0[0])), nil)
        },
        entry("Backup received priority 0 advertisement", fixed(.priorityZeroReceived)),
        entry("Master received priority 0 message", fixed(.priorityZeroReceived)),
        entry("Master received priority 0 or lower priority advert", fixed(.priorityZeroReceived)),
        entry("sent 0 priority", fixed(.priorityZeroSent)),
    ]

    private static let rejections: [(MessagePattern, Make)] = [
        entry("receive an invalid passwd!", fixed(.wrongPassword(from: nil))),
        entry("received an invalid passwd!", fixed(.wrongPassword(from: nil))),
        entry("received an invalid passwd from %!") { (.wrongPassword(from: $0[0]), nil) },
        entry("receive a % auth, expecting %!") {
            (.wrongAuthentication(received: $0[0], expected: $0[1]), nil)
        },
        entry("received a % auth, expecting %!") {
            (.wrongAuthentication(received: $0[0], expected: $0[1]), nil)
        },
        entry("received a % auth from %, expecting %!") {
            (.wrongAuthentication(received: $0[0], expected: $0[2]), nil)
        },
        entry(
            "No AH header but auth type is AH", fixed(.wrongAuthentication(received: "none", expected: "AH"))),
        entry(
            "Received AH header but auth type not AH",
            fixed(.wrongAuthentication(received: "AH", expected: "other"))),
        entry("advertissement interval mismatch mine=% rcved=%") {
            (.wrongInterval(mine: $0[0], theirs: $0[1]), nil)
        },
        entry("advertisement interval mismatch mine=% sec rcved=% sec") {
            (.wrongInterval(mine: $0[0], theirs: $0[1]), nil)
        },
        entry("advertisement interval mismatch mine=% sec rcv'd=% sec") {
            (.wrongInterval(mine: $0[0], theirs: $0[1]), nil)
        },
        entry("advertisement interval mismatch with % mine=% sec rcv'd=% sec") {
            (.wrongInterval(mine: $0[1], theirs: $0[2]), nil)
        },
        entry(
            "receive an invalid ip number count associated with VRID!",
            fixed(.wrongAddressCount(received: nil, expected: nil))),
        entry("received an invalid ip number count %, expected %!") {
            (.wrongAddressCount(received: Int($0[0]), expected: Int($0[1])), nil)
        },
        entry("received an unexpected ip number count %, expected %!") {
            (.wrongAddressCount(received: Int($0[0]), expected: Int($0[1])), nil)
        },
        entry("expected % VIPs but received %") {
            (.wrongAddressCount(received: leadingNumber($0[1]), expected: Int($0[0])), nil)
        },
        entry("one or more VIP associated with VRID mismatch%", fixed(.addressNotInAdvert(nil, from: nil))),
        entry("ip address associated with VRID % not present in MASTER advert: %") {
            (.addressNotInAdvert($0[1], from: nil), nil)
        },
        entry("ip address associated with VRID%", fixed(.addressNotInAdvert(nil, from: nil))),
        entry("ip address % not present in advert from IP: %") {
            (.addressNotInAdvert($0[0], from: $0[1]), nil)
        },
        entry("% not present in advert from %") { (.addressNotInAdvert($0[0], from: $0[1]), nil) },
        entry("bogus VRRP packet received on % !!!") { (.packetIgnored, $0[0]) },
        entry("ignoring received advertisment...", fixed(.packetIgnored)),
        entry("Dropping received VRRP packet...", fixed(.packetIgnored)),
        entry("invalid version. % and expect %") {
            (.wrongVersion(received: Int($0[0]), expected: Int($0[1])), nil)
        },
        entry("wrong version. Received % and expect %") {
            (.wrongVersion(received: Int($0[0]), expected: Int($0[1])), nil)
        },
        entry("wrong VRRP version from %", fixed(.wrongVersion(received: nil, expected: nil))),
        entry("Expected %icast packet but received %") { (.wrongCast(expectedUnicast: $0[0] == "un"), nil) },
        entry("discarding %icast packet on %icast instance") {
            (.wrongCast(expectedUnicast: $0[1] == "un"), nil)
        },
        entry("invalid ttl. % and expect %") { (.wrongTTL(received: Int($0[0])), nil) },
        entry("invalid TTL/HL. Received % and expect %") { (.wrongTTL(received: Int($0[0])), nil) },
        entry("TTL/HL % not in range %") { (.wrongTTL(received: Int($0[0])), nil) },
        entry("Invalid VRRPv2 checksum", fixed(.wrongChecksum)),
        entry("Invalid VRRPv3 checksum%", fixed(.wrongChecksum)),
        entry("Invalid vrrp checksum", fixed(.wrongChecksum)),
        entry("unicast source address % not a unicast peer") { (.notAPeer($0[0]), nil) },
        entry("Unknown VRID(%) received on interface(%). ignoring...") {
            guard let id = Int($0[0]) else { return nil }
            return (.unknownRouterID(id, interface: $0[1], from: nil), nil)
        },
        entry("Unknown VRID(%) received on interface(%) from %. ignoring...") {
            guard let id = Int($0[0]) else { return nil }
            return (.unknownRouterID(id, interface: $0[1], from: $0[2]), nil)
        },
        entry("Unknown VRID(%) received on interface(%)%") {
            guard let id = Int($0[0]) else { return nil }
            return (.unknownRouterID(id, interface: $0[1], from: nil), nil)
        },
        entry("received VRID mismatch%", fixed(.packetIgnored)),
        entry("CONFIGURATION ERROR: % configured as address owner%", fixed(.bothOwners)),
        entry(
            "WARNING - equal priority advert received from remote host with our IP address.",
            fixed(.equalPriorityFromOwnAddress)),
        entry("Cant sen% advert to % (%)") { (.cannotSend(to: $0[1], reason: $0[2]), nil) },
        entry("send advert error % (%)") { (.cannotSend(to: nil, reason: $0[1]), nil) },
    ]

    private static let tracked: [(MessagePattern, Make)] = [
        entry("VRRP_Script succeeded", fixed(.scriptSucceeded)),
        entry("VRRP_Script considered successful on reload", fixed(.scriptSucceeded)),
        entry("VRRP_Script considered unsuccessful on reload", fixed(.scriptFailed(how: nil))),
        entry("VRRP_Script failed", fixed(.scriptFailed(how: nil))),
        entry("VRRP_Script failed (%)") { (.scriptFailed(how: $0[0]), nil) },
        entry("VRRP_Script timed out%", fixed(.scriptTimedOut)),
        entry("VRRP_Script timed_out%", fixed(.scriptTimedOut)),
        entry("Script `%` now returning %") {
            guard let status = Int($0[1]) else { return nil }
            return (.scriptReturns(status), $0[0])
        },
        entry("Disabling track script % due to insecure") { (.scriptDisabled(reason: "insecure"), $0[0]) },
        entry("Disabling track script % since not found%") { (.scriptDisabled(reason: "not found"), $0[0]) },
        entry("Disabling track script % since %") { (.scriptDisabled(reason: $0[1]), $0[0]) },
        entry("WARNING - script '%' is not executable for uid:gid % - disabling.") {
            (.scriptDisabled(reason: "not executable for uid:gid \($0[1])"), $0[0])
        },
        entry("Error exec-ing command '%', error %") {
            (.programNotStarted(reason: "error \($0[1])"), $0[0])
        },
        entry("Failed to % process event listen - errno %") {
            (.processesUnseen(reason: "errno \($0[1])"), nil)
        },
        entry("Failed to % process monitoring socket - errno %") {
            (.processesUnseen(reason: "errno \($0[1])"), nil)
        },
        entry("track_process not available - %") { (.processesUnseen(reason: $0[0]), nil) },
        entry("Track script % is %, expect idle - skipping run") { (.scriptBusy, $0[0]) },
        entry("Changing effective priority from % to %") {
            guard let from = Int($0[0]), let to = Int($0[1]) else { return nil }
            return (.priorityChanged(from: from, to: to), nil)
        },
        entry("Netlink reports % down") { (.interfaceDown, $0[0]) },
        entry("Netlink reports % up") { (.interfaceUp, $0[0]) },
        entry("Kernel is reporting: interface % DOWN") { (.interfaceDown, $0[0]) },
        entry("Kernel is reporting: interface % UP") { (.interfaceUp, $0[0]) },
        entry("Deassigned address % from interface %") { (.addressVanished($0[0]), $0[1]) },
    ]

    private static let addresses: [(MessagePattern, Make)] = [
        entry("setting protocol VIPs.", fixed(.setAddresses)),
        entry("setting VIPs.", fixed(.setAddresses)),
        entry("removing protocol VIPs.", fixed(.removedAddresses)),
        entry("removing VIPs.", fixed(.removedAddresses)),
        entry("Sending gratuitous ARPs on % for %") { (.announced(address: $0[1], interface: $0[0]), nil) },
        entry("Sending/queueing gratuitous ARPs on % for %") {
            (.announced(address: $0[1], interface: $0[0]), nil)
        },
        entry("Sending/queueing Unsolicited Neighbour Adverts on % for %") {
            (.announced(address: $0[1], interface: $0[0]), nil)
        },
    ]

    private static let daemon: [(MessagePattern, Make)] = [
        entry("Starting Keepalived %") { (.started(version: KeepalivedVersion($0[0])), nil) },
        entry("Reloading ...", fixed(.reloading)),
        entry("Reload complete", fixed(.reloaded)),
        entry("Stopping", fixed(.stopping)),
        entry("Stopping Keepalived %", fixed(.stopping)),
        entry("Stopped Keepalived %", fixed(.stopped)),
        entry("VRRP child process(%) died: %", fixed(.childDied)),
        entry("% exited with permanent error %. Terminating") { (.permanentError($0[1]), nil) },
        entry("A thread timer expired % seconds ago") { (.timerLate($0[0]), nil) },
    ]

    /// The number at the start of a text such as `100, forcing new election`.
    private static func leadingNumber(_ text: String) -> Int? {
        Int(text.prefix { $0.isNumber })
    }
}
