import Addresses
import Facts
import Inventory
import Keepalived
import Remote

@testable import Checks

/// One made-up node for `ready`: adverts on eth0, the address on eth1, unless its lines say otherwise.
struct ReadyMachine {
    var number: Int
    var name: String { "lb\(number)" }
    var priority = 100
    var role: LiveState.Role = .backup
    var runs = true
    /// Lines of the instance.
    var settings: [String] = []
    /// Blocks before the instance: scripts, tracked processes.
    var blocks = ""
    /// More instances, each with its role.
    var more: [(text: String, state: LiveState.Instance)] = []
    var version = 2
    var interval = 1
    var isUnicast = false
    var vipLine = "203.0.113.50/24 dev eth1"
    var interface = "eth0"
    var livePriority: Int?
    var keepalived = KeepalivedVersion.assumed
    var failing: [String] = []
    /// The text of /etc/keepalived/chk.sh.
    var script = "#!/bin/sh\nkillall -0 haproxy\n"
    var filter: PacketFilter?
    var restart: RestartPolicy?
    var haproxy = true
    var hasProxy = true
    var listening = ["0.0.0.0"]
    var proxyText = ReadyMachine.proxyText
    var certificates: [String: String] = [:]
    /// The state of its backend; `nil` when haproxy does not say.
    var backend: String? = "UP"
    var isSilent = false

    static let proxyText = """
        frontend web
          bind 203.0.113.50:80
          default_backend app
        backend app
          server web1 203.0.113.21:80 check

        """

    private var text: String {
        """
        \(blocks)
        vrrp_instance VI_1 {
          state BACKUP
          interface \(interface)
          virtual_router_id 51
          priority \(priority)
          version \(version)
          advert_int \(interval)
          \(isUnicast ? "unicast_src_ip 198.51.100.1\(number)\nunicast_peer {\n\(peers)\n}" : "")
          virtual_ipaddress {
            \(vipLine)
          }
        \(settings.joined(separator: "\n"))
        }
        \(more.map(\.text).joined(separator: "\n"))
        """
    }

    private var peers: String {
        (1...3).filter { $0 != number }.map { "198.51.100.1\($0)" }.joined(separator: "\n")
    }

    var facts: HostFacts {
        var facts = HostFacts(host: HostID(name))
        func held(_ text: String) -> [Interface.Held] { CIDR(text).map { [Interface.Held(cidr: $0)] } ?? [] }
        let isMaster = runs && role == .master
        var service = held("203.0.113.1\(number)/24") + (isMaster ? held("203.0.113.50/24") : [])
        for other in more where other.state.role == .master {
            service += other.state.addresses.flatMap(held)
        }
        facts.set(
            InterfacesFact.self,
            to: [
                Interface(name: "eth0", addresses: held("198.51.100.1\(number)/24")),
                Interface(name: "eth1", addresses: service),
            ])
        facts.set(
            ConfigurationFilesFact.self,
            to: ConfigurationEvidence(files: [
                ConfigurationEvidence.usualMainFile: FileState(kind: .regular, contents: Array(text.utf8)),
                ConfigurationEvidence.haproxyFile: hasProxy
                    ? FileState(kind: .regular, contents: Array(proxyText.utf8)) : .absent,
            ]))
        facts.set(
            FilesFact.self,
            to: [
                ConfigurationEvidence.haproxyFile: hasProxy
                    ? FileState(kind: .regular, contents: Array(proxyText.utf8)) : .absent
            ])
        var daemon = KeepalivedDaemon(version: keepalived)
        if runs {
            daemon.pid = 7
            daemon.roleSource = .daemon
            let own = LiveState.Instance(
                name: "VI_1", role: role, interface: interface, routerID: 51, basePriority: priority,
                effectivePriority: livePriority ?? priority, addresses: ["203.0.113.50/24"],
                nopreempt: settings.contains("nopreempt"), version: version, advertInterval: interval * 100)
            daemon.state = LiveState(instances: [own] + more.map(\.state))
            daemon.checks = CheckStates(scripts: failing.map { .init(name: $0, isFailing: true) })
        }
        facts.set(KeepalivedFact.self, to: daemon)
        facts.set(
            NamedPathsFact.self,
            to: [
                "/etc/keepalived/chk.sh": NamedPath(
                    file: .init(path: "/etc/keepalived/chk.sh", mode: 0o755), text: script)
            ])
        let proxyRuns = haproxy && hasProxy
        facts.set(
            ServicesFact.self,
            to: [
                "haproxy": ServiceState(
                    isInstalled: hasProxy, isRunning: proxyRuns, isEnabled: hasProxy,
                    detail: proxyRuns ? "active (running)" : "inactive (dead)"),
                "keepalived": ServiceState(
                    isRunning: runs, detail: runs ? "active (running)" : "inactive (dead)"),
            ])
        let listeners = listening.compactMap { IPAddress($0) }.map {
            HAProxyState.Listener(address: $0, port: 80, process: "haproxy")
        }
        facts.set(
            HAProxyFact.self, to: HAProxyState(isRunning: proxyRuns, listening: proxyRuns ? listeners : []))
        if proxyRuns, let backend {
            facts.set(
                HAProxyHealthFact.self,
                to: HAProxyHealth(rows: [
                    .init(proxy: "app", server: "web1", status: backend),
                    .init(proxy: "app", server: "BACKEND", status: backend),
                ]))
        }
        if let filter { facts.set(FirewallFact.self, to: filter) }
        facts.set(CertificatesFact.self, to: certificates)
        facts.set(ServiceRestartFact.self, to: restart.map { ["keepalived": $0] } ?? [:])
        return facts
    }

    var node: DoctorNode {
        let answer: ProbeResult =
            isSilent
            ? .failure(.unreachable(host: HostID(name), cause: "refused", hint: nil)) : .success(facts)
        return DoctorNode(id: HostID(name), before: answer, after: answer)
    }

    // MARK: - Clusters

    static func pair(_ change: (inout ReadyMachine, inout ReadyMachine) -> Void = { _, _ in })
        -> [ReadyMachine]
    {
        var (one, two) = (ReadyMachine(number: 1, priority: 150, role: .master), ReadyMachine(number: 2))
        change(&one, &two)
        return [one, two]
    }

    /// Blocks and lines of a tracked script of the given text.
    static func check(weight: Int, interval: Int = 2, fall: Int = 2) -> (blocks: String, lines: [String]) {
        (
            """
            vrrp_script chk {
              script /etc/keepalived/chk.sh
              interval \(interval)
              fall \(fall)
              rise 2
              weight \(weight)
            }
            """, ["track_script {\nchk\n}"]
        )
    }
}

extension [ReadyMachine] {
    var observation: ClusterObservation {
        ClusterObservation(
            cluster: "web", vips: [], nodes: map(\.node), observersBefore: [], observersAfter: [], seconds: 0)
    }

    func readiness(accepting accepted: Set<FailureCase> = []) -> ClusterReadiness {
        let results: [ProbeResult] = map {
            $0.isSilent ? .failure(.cancelled(host: HostID($0.name), .run("x"))) : .success($0.facts)
        }
        return ClusterReadiness(observation, ports: ServedPorts(of: results), accepted: accepted)
    }

    func rows(_ instance: String = "VI_1") -> [ReadinessRow] {
        readiness().instances.first { $0.name == instance }?.rows ?? []
    }

    /// "lb2 fine 2.6 to 3.6 s": who owns the addresses, how it ends, how long it is silent.
    func ends(_ title: String, _ instance: String = "VI_1") -> String {
        guard let row = rows(instance).first(where: { $0.title == title }) else { return "no row \(title)" }
        return
            "\(row.owners.isEmpty ? "-" : row.owners.joined(separator: "+")) \(row.verdict.rawValue) \(row.silence?.words ?? "lasting")"
    }

    func row(_ title: String, _ instance: String = "VI_1") -> ReadinessRow? {
        rows(instance).first { $0.title == title }
    }
}
