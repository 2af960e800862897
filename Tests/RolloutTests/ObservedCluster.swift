import Addresses
import Inventory
import Keepalived
import Remote
import Testing

@testable import Checks
@testable import Facts
@testable import Rollout

/// A made-up cluster of nodes with one instance, as doctor would have seen it.
struct ObservedCluster {
    struct Machine {
        var name: String
        var holds: String?
        /// What its daemon says; `nil` when none runs.
        var role: LiveState.Role?
        var priority = 100
        /// What the running daemon goes by, where it is not what the file says.
        var livePriority: Int?
        var routerID = 51
        var liveRouterID: Int?
        /// Addresses that the daemon knows.
        var addresses = ["203.0.113.50/24"]
        /// Of `iptables-save -t filter`.
        var rules: [String] = []
        var policy = "ACCEPT"
        /// A parent process is all there is of keepalived.
        var lacksChild = false
        /// Its daemon runs and says nothing of itself.
        var isMute = false
        /// It answers, and cannot say what addresses it has.
        var isBlind = false
        var isEnabled = true
        var haproxyRuns = true
        var sysctls: [String: String] = [:]
        var sysctlFile: String?
        var haproxyLog: [String] = []
        var bootLines: [NetworkConfiguration.Line] = []
        /// What stands behind the instance in its keepalived.conf.
        var more = ""
        /// Adverts that it accepted between the looks.
        var hears = 0
        /// Whether its daemon says what it counts.
        var counts = true

        init(_ name: String, holds: String? = nil, _ role: LiveState.Role?, priority: Int = 100) {
            self.name = name
            self.holds = holds
            self.role = role
            self.priority = priority
        }

        private var configuration: String {
            """
            vrrp_instance VI_1 {
            interface eth0
            virtual_router_id \(routerID)
            priority \(priority)
            virtual_ipaddress {
            203.0.113.50/24
            }
            }
            \(more)
            """
        }

        private var filter: PacketFilter {
            var filter = PacketFilter()
            let lines = ["*filter", ":INPUT \(policy) [0:0]", ":OUTPUT ACCEPT [0:0]"] + rules + ["COMMIT"]
            filter.add(iptablesSave: lines.map { $0[...] }, command: "iptables", isIPv6: false)
            return filter
        }

        private func facts(isLater: Bool) throws -> HostFacts {
            var facts = HostFacts(host: HostID(name))
            let own = name == "lb1" ? "198.51.100.11/24" : "198.51.100.12/24"
            let interfaces = [
                Interface(
                    name: "eth0",
                    addresses: try [own, holds].compactMap { $0 }.map {
                        Interface.Held(cidr: try #require(CIDR($0)))
                    })
            ]
            if !isBlind { facts.set(InterfacesFact.self, to: interfaces) }
            let files: [String: FileState] = [
                ConfigurationEvidence.usualMainFile: FileState(
                    kind: .regular, contents: Array(configuration.utf8)),
                "/etc/haproxy/haproxy.cfg": FileState(
                    kind: .regular, contents: Array("listen web\n bind 203.0.113.50:80\n".utf8)),
                "/etc/sysctl.d/90-haops.conf": sysctlFile.map {
                    FileState(kind: .regular, contents: Array($0.utf8))
                } ?? .absent,
            ]
            facts.set(FilesFact.self, to: files)
            facts.set(ConfigurationFilesFact.self, to: ConfigurationEvidence(files: files))
            var daemon = KeepalivedDaemon(version: .assumed)
            if let role {
                daemon.pid = 7
                daemon.hasChild = true
                daemon.roleSource = .daemon
                daemon.state = LiveState(instances: [
                    LiveState.Instance(
                        name: "VI_1", role: role, interface: "eth0", routerID: liveRouterID ?? routerID,
                        basePriority: livePriority ?? priority, effectivePriority: livePriority ?? priority,
                        addresses: addresses, version: 2, advertInterval: 100,
                        counters: counts
                            ? .init(
                                advertsReceived: isLater ? hears : 0,
                                advertsSent: isLater && role == .master ? 9 : 0) : nil)
                ])
            }
            if lacksChild { (daemon.pid, daemon.hasChild) = (7, false) }
            if isMute { (daemon.state, daemon.roleSource) = (nil, .none) }
            facts.set(KeepalivedFact.self, to: daemon)
            facts.set(ListenFact.self, to: Capture())
            facts.set(FirewallFact.self, to: filter)
            facts.set(SysctlFact.self, to: sysctls)
            facts.set(HAProxyHealthFact.self, to: HAProxyHealth(log: haproxyLog))
            facts.set(NetworkConfigurationFact.self, to: NetworkConfiguration(lines: bootLines))
            facts.set(
                ServicesFact.self,
                to: [
                    "keepalived": ServiceState(
                        isRunning: role != nil, isEnabled: isEnabled, detail: "as it is"),
                    "haproxy": ServiceState(isRunning: haproxyRuns, isEnabled: true, detail: "as it is"),
                ])
            return facts
        }

        var node: DoctorNode {
            get throws {
                DoctorNode(
                    id: HostID(name), before: .success(try facts(isLater: false)),
                    after: .success(try facts(isLater: true)))
            }
        }
    }

    var cluster: Cluster
    var observation: ClusterObservation
    var findings: [Finding]
    var plan: FixPlan

    /// - `observers`: machines outside, and whose link-layer address each of them has for the VIP.
    init(_ machines: [Machine], firewall: FirewallSettings? = nil) throws {
        cluster = try TestCluster.make(machines.map { HostID($0.name) })
        cluster.firewall = firewall
        observation = ClusterObservation(
            cluster: cluster.name, vips: [], nodes: try machines.map { try $0.node }, observersBefore: [],
            observersAfter: [], seconds: 4)
        findings = RootCauses.findings(in: observation)
        plan = FixPlanner(cluster: cluster, observation: observation, findings: findings).plan()
        plan.remediations = Remediations.remediations(
            in: RemediationContext(
                cluster: cluster, observation: observation, findings: findings, actions: plan.actions))
        plan.returns = FixForecast(plan, observation).returns()
    }

    /// What becomes of the finding with this identifier.
    func remediation(of id: String) throws -> Remediation {
        try #require(
            plan.remediations.first { $0.finding.id == id }, "found: \(findings.map(\.id))")
    }

    /// What a node is to be.
    func desired(_ node: String) throws -> DesiredNode {
        try #require(Remediations.desired(by: plan.remediations)[HostID(node)])
    }
}
