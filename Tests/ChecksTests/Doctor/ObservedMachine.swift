import Addresses
import Facts
import Keepalived
import Remote

@testable import Checks

/// One made-up node with one instance, as doctor sees it in two samples.
struct ObservedMachine {
    var name: String
    var holds = false
    var role: LiveState.Role? = .backup
    var priority = 100
    var settings: [String] = []
    var livePriority: Int?
    var liveInterface = "eth0"
    var refused: [String: Int] = [:]
    var adverts: Set<Capture.Advert> = []
    /// Whether there is a tcpdump although it heard nothing.
    var listens = false
    var counts = true
    var address: String?
    var addresses = ["203.0.113.50/24"]
    var interval = 1
    var version = KeepalivedVersion.assumed
    /// What every other address answers to it.
    var reach: Reach?
    var filter: PacketFilter?
    var preamble = ""
    /// As the node itself tells of them.
    var scripts = ""
    /// What the log has of the scripts behind `notify`.
    var notified: [NotifyFailure] = []
    /// What runs of haops have left undone.
    var pending = PendingWork()
    /// In both samples.
    var sockets: AdvertSockets?
    var reversePath: (before: ReversePath, after: ReversePath)?
    /// In the first sample; without one there is only the second.
    var earlierFilter: PacketFilter?
    var hasCarrier = true
    /// Entries of keepalived's log.
    var log: [String] = []
    /// Adverts that it has sent when it is asked again.
    var sends = 0
    /// Its clock; entries of the log are written at 1.
    var now: Int?

    private var configuration: String {
        """
        \(preamble)
        vrrp_instance VI_1 {
        interface eth0
        virtual_router_id 51
        priority \(priority)
        advert_int \(interval)
        virtual_ipaddress {
        \(addresses.joined(separator: "\n"))
        }
        \(settings.joined(separator: "\n"))
        }
        """
    }

    private func facts(received: Int, isLater: Bool) -> HostFacts {
        var facts = HostFacts(host: HostID(name))
        let own = address ?? (name == "lb1" ? "198.51.100.11/24" : "198.51.100.12/24")
        let held = ([own] + (holds ? addresses : [])).map { Interface.Held(cidr: .parsed($0)) }
        facts.set(
            InterfacesFact.self, to: [Interface(name: "eth0", hasCarrier: hasCarrier, addresses: held)])
        facts.set(
            ConfigurationFilesFact.self,
            to: ConfigurationEvidence(files: [
                ConfigurationEvidence.usualMainFile: FileState(
                    kind: .regular, contents: Array(configuration.utf8))
            ]))
        var daemon = KeepalivedDaemon(version: version)
        if let role {
            daemon.pid = 7
            daemon.roleSource = .daemon
            daemon.state = LiveState(instances: [
                LiveState.Instance(
                    name: "VI_1", role: role, interface: liveInterface, routerID: 51,
                    basePriority: livePriority ?? priority, effectivePriority: livePriority ?? priority,
                    addresses: addresses, nopreempt: settings.contains("nopreempt"),
                    version: settings.contains("version 3") ? 3 : 2, advertInterval: interval * 100,
                    counters: counts
                        ? .init(
                            advertsReceived: received, advertsSent: isLater ? sends : 0,
                            refused: isLater ? refused : [:]) : nil)
            ])
        }
        facts.set(KeepalivedFact.self, to: daemon)
        facts.set(
            ListenFact.self, to: Capture(isPossible: listens || !adverts.isEmpty, adverts: adverts))
        if let reach {
            let others: [IPAddress] = [.v4(0xC633_640B), .v4(0xC633_640C)]
            facts.set(ReachFact.self, to: Dictionary(uniqueKeysWithValues: others.map { ($0, reach) }))
        }
        if let filter = isLater ? filter : earlierFilter ?? filter {
            facts.set(FirewallFact.self, to: filter)
        }
        if let now { facts.set(SystemFact.self, to: SystemInfo(hostname: name, now: now)) }
        if let sockets { facts.set(AdvertSocketsFact.self, to: sockets) }
        if let reversePath {
            facts.set(ReversePathFact.self, to: isLater ? reversePath.after : reversePath.before)
        }
        facts.set(
            JournalFact.self,
            to: log.compactMap { line in
                JournalEvent(message: line).map { JournalEntry(at: 1, event: $0, message: line) }
            })
        if let states = try? ScriptsFact([]).parse(SectionOutput(scripts)) {
            facts.set(ScriptsFact.self, to: states)
        }
        facts.set(NotifyLogFact.self, to: notified)
        facts.set(PendingFact.self, to: pending)
        return facts
    }

    var node: DoctorNode {
        DoctorNode(
            id: HostID(name), before: .success(facts(received: 0, isLater: false)),
            after: .success(facts(received: 0, isLater: true)))
    }

    static let owner = Self(name: "lb1", holds: true, role: .master, priority: 150)
    static let other = Self(name: "lb2")
    static let rival = Self(name: "lb2", holds: true, role: .master)

    /// Two masters between whom no wire is left.
    static func cut(_ change: (inout Self) -> Void) -> [Self] {
        [owner, rival].map { machine in
            var machine = machine
            machine.priority = 100
            machine.reach = .silent
            change(&machine)
            return machine
        }
    }
}

extension [ObservedMachine] {
    /// What doctor finds in a cluster of them.
    var findings: [Finding] {
        RootCauses.findings(
            in: ClusterObservation(
                cluster: "web", vips: [], nodes: map(\.node), observersBefore: [], observersAfter: [],
                seconds: 4))
    }

    var errors: [String] { findings.filter { $0.severity == .error }.map(\.id) }
}

extension Capture.Advert {
    static func multicast(
        from source: IPAddress, on interface: String = "eth0", isOutgoing: Bool? = nil,
        addresses: [IPAddress] = [], priority: Int = 100
    ) -> Self {
        Self(
            interface: interface, isOutgoing: isOutgoing, source: source, destination: .v4(0xE000_0012),
            version: 2, routerID: 51, priority: priority, addresses: addresses)
    }
}

extension CIDR {
    fileprivate static func parsed(_ text: String) -> CIDR {
        guard let cidr = CIDR(text) else { preconditionFailure("\(text) is no address") }
        return cidr
    }
}
