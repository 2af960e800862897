import Keepalived

extension TimelineEvent {
    /// What happened, in a few words. They may quote the log: not yet safe for a terminal.
    package var words: String {
        switch kind {
        case .keepalived(let event): event.words
        case .haproxy(let event): event.words
        case .service(let service, let event): event.words(of: service)
        case .link(let name, let isUp): "\(name): link \(isUp ? "up" : "down")"
        case .machine(.booted): "the machine booted"
        case .machine(.goesDown): "the machine goes down"
        case .machine(.outOfMemory(let program)): "out of memory: the kernel killed \(program)"
        case .run(let what, let step, let who, _): "haops \(what) by \(who): \(step)"
        }
    }

    /// Whether the event changes who owns an address, or may: such a row stands out.
    package var isTransition: Bool {
        guard case .keepalived(let event) = kind else { return false }
        switch event.kind {
        case .becameMaster, .becameBackup, .becameFault: return true
        default: return false
        }
    }

    /// Whether it matters only to who looks for details: an address is set as often as an instance becomes MASTER.
    package var isDetail: Bool {
        switch kind {
        case .keepalived(let event):
            switch event.kind {
            case .setAddresses, .removedAddresses, .announced, .priorityZeroSent, .scriptReturns: true
            default: false
            }
        // keepalived says itself that it starts, loads its files and stops.
        case .service(.keepalived, .started), .service(.keepalived, .stopped),
            .service(.keepalived, .reloading), .service(_, .starting), .haproxy(.started),
            .haproxy(.stopping):
            true
        default: false
        }
    }
}

extension TimelineEvent.Service {
    var words: String {
        switch self {
        case .keepalived, .haproxy: rawValue
        case .network: "the network service"
        }
    }
}

extension TimelineEvent.ServiceEvent {
    func words(of service: TimelineEvent.Service) -> String {
        let name = service.words
        switch self {
        case .starting: return "systemd starts \(name)"
        case .started: return "systemd: \(name) is started"
        case .reloading: return "systemd reloads \(name)"
        case .stopping: return "systemd stops \(name)"
        case .stopped: return "systemd: \(name) is stopped"
        case .killed(let signal): return "\(name) was killed (SIG\(signal))"
        case .exited(let status): return "\(name) ended by itself (status \(status))"
        case .failed(let result): return "systemd: \(name) failed" + (result.map { " (\($0))" } ?? "")
        case .restartScheduled: return "systemd will start \(name) again"
        }
    }
}

extension TimelineEvent.HAProxyEvent {
    fileprivate var words: String {
        switch self {
        case .serverDown(let name, let reason):
            "haproxy: server \(name) is down" + (reason.map { " (\($0))" } ?? "")
        case .serverUp(let name): "haproxy: server \(name) is up"
        case .noServer(let backend): "haproxy: \(backend) has no server left"
        case .started: "haproxy serves"
        case .stopping: "haproxy stops"
        case .reloaded: "haproxy reloads"
        case .workerDied(let how): "haproxy: its worker died (\(how))"
        case .cannotBind(let what): "haproxy cannot bind" + (what.isEmpty ? "" : " \(what)")
        }
    }
}

extension JournalEvent {
    fileprivate var words: String {
        let name = subject.isEmpty ? "" : "\(subject): "
        switch kind {
        case .becameMaster: return "\(name)MASTER"
        case .becameBackup: return "\(name)BACKUP"
        case .becameFault(let cause): return "\(name)FAULT" + (cause.map { " (\($0))" } ?? "")
        case .advertTimeout: return "\(name)no more adverts"
        case .groupSync(let state): return "group \(subject): all go to \(state)"
        case .higherAdvert(let from, let theirs, let ours):
            return name + "a higher priority is advertised" + Self.priorities(from, theirs, ours)
        case .sameAdvertFromHigherAddress(let from, let priority):
            return "\(name)the same priority \(priority) is advertised from a higher address, \(from)"
        case .lowerAdvert(let from, let theirs, let ours):
            return name + "a lower priority is advertised" + Self.priorities(from, theirs, ours)
        case .lowerAdvertDiscarded(let from, let theirs):
            return name + "a lower priority is advertised, a new election begins"
                + Self.priorities(from, theirs, nil)
        case .priorityZeroReceived: return "\(name)the owner gives it up (priority 0)"
        case .priorityZeroSent: return "\(name)gives it up (priority 0)"
        case .setAddresses: return "\(name)addresses set"
        case .removedAddresses: return "\(name)addresses removed"
        case .announced(let address, let interface): return "announces \(address) on \(interface)"
        default: return trackedWords ?? daemonWords ?? rejectedWords(name)
        }
    }

    private static func priorities(_ from: String?, _ theirs: Int?, _ ours: Int?) -> String {
        var words = theirs.map { ": \($0)" } ?? ""
        if let from { words += " from \(from)" }
        if let ours { words += ", its own is \(ours)" }
        return words
    }

    private var trackedWords: String? {
        switch kind {
        case .scriptSucceeded: "script \(subject) succeeds"
        case .scriptFailed(let how): "script \(subject) fails" + (how.map { " (\($0))" } ?? "")
        case .scriptTimedOut: "script \(subject) timed out"
        case .scriptReturns(let status): "script \(subject) now returns \(status)"
        case .scriptDisabled(let reason): "script \(subject) is disabled (\(reason))"
        case .scriptBusy: "script \(subject) still runs when it is due again"
        case .programNotStarted(let reason): "\(subject) could not be started (\(reason))"
        case .processesUnseen(let reason): "tracked processes are not seen (\(reason))"
        case .priorityChanged(let from, let to): "\(subject): priority \(from) → \(to)"
        case .interfaceDown: "\(subject) is down"
        case .interfaceUp: "\(subject) is up"
        case .addressVanished(let address): "\(address) was removed from \(subject) by somebody else"
        default: nil
        }
    }

    private var daemonWords: String? {
        switch kind {
        case .started(let version): "keepalived \(version.map { "\($0) " } ?? "")starts"
        case .reloading: "keepalived reloads"
        case .reloaded: "keepalived has reloaded"
        case .stopping: "keepalived stops"
        case .stopped: "keepalived has stopped"
        case .childDied: "keepalived: its VRRP process died"
        case .permanentError(let error): "keepalived gives up (\(error))"
        case .timerLate(let seconds): "keepalived did not run for \(seconds) s"
        default: nil
        }
    }

    private func rejectedWords(_ name: String) -> String {
        switch kind {
        case .wrongPassword(let from): name + "advert refused: wrong password" + Self.source(from)
        case .wrongAuthentication(let received, let expected):
            "\(name)advert refused: authentication \(received), expected \(expected)"
        case .wrongInterval(let mine, let theirs):
            "\(name)advert refused: interval \(theirs), its own is \(mine)"
        case .wrongAddressCount(let received, let expected):
            name + "advert refused: number of addresses"
                + (received.flatMap { got in expected.map { " \(got), expected \($0)" } } ?? "")
        case .addressNotInAdvert(let address, let from):
            name + "advert without \(address ?? "one of its addresses")" + Self.source(from)
        case .packetIgnored: "\(name)a packet was refused"
        case .wrongVersion(let received, let expected):
            name + "advert refused: VRRP version"
                + (received.flatMap { got in expected.map { " \(got), expected \($0)" } } ?? "")
        case .wrongCast(let expectedUnicast):
            "\(name)advert refused: expected \(expectedUnicast ? "unicast" : "multicast")"
        case .wrongTTL: "\(name)advert refused: it came through a router (TTL)"
        case .wrongChecksum: "\(name)advert refused: wrong checksum"
        case .notAPeer(let address): "\(name)advert refused: \(address) is not a peer"
        case .unknownRouterID(let id, let interface, let from):
            "an advert of router \(id), which is not its own, on \(interface)" + Self.source(from)
        case .bothOwners: "\(name)another node has priority 255 too"
        case .equalPriorityFromOwnAddress: "\(name)another node has its priority and its source address"
        case .cannotSend(let to, let reason):
            "\(name)cannot send adverts" + (to.map { " to \($0)" } ?? "") + " (\(reason))"
        default: name
        }
    }

    private static func source(_ from: String?) -> String { from.map { ", from \($0)" } ?? "" }
}
