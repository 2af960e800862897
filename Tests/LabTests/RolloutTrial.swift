import FoundationEssentials
import Inventory
import Remote
import Rendering
import Rollout
import SSHTransport
import Testing

struct NoPrompt: SecretPrompt {
    func secret(_ question: String) async -> String? { nil }
}

struct PrintingObserver: RolloutObserver {
    let start = ContinuousClock.now
    func observe(_ event: RolloutEvent) async {
        print("\((ContinuousClock.now - start).brief)", event.node?.name ?? "-", event.stage, event.phase)
    }
}

let labInventory = """
    haops: 1
    ssh: { user: root }
    clusters:
      web:
        nodes:
          lb1: { address: 198.51.100.11, priority: 150 }
          lb2: { address: 198.51.100.12, priority: 100 }
        observers: { client: { address: 198.51.100.5 } }
        keepalived:
          interface: eth0
          version: 2
          advert_interval: 1
          scripts:
            check_haproxy: { run: /etc/keepalived/check_haproxy.sh, interval: 2, fall: 2, rise: 2, weight: -60 }
          instances:
            VI_1:
              router_id: 51
              addresses:
                - { vip: 203.0.113.50/24, interface: eth1, label: "eth1:0" }
              track_scripts: [check_haproxy]
        haproxy:
          frontends: { web: { bind: ["203.0.113.50:80"], mode: http, backend: web } }
          backends:
            web: { mode: http, balance: roundrobin, check: { http: /health },
                   servers: { web1: 203.0.113.21:80, web2: 203.0.113.22:80 } }
        sysctl: { net.ipv4.ip_nonlocal_bind: 1 }
        firewall: { backend: auto, allow: [vrrp, icmp] }
        packages: [keepalived, haproxy]
    """

func labOptions() -> ConnectionOptions {
    let state = ProcessInfo.processInfo.environment["LAB_STATE"] ?? "/run/haops-lab/roll"
    return ConnectionOptions(sshConfig: state + "/ssh_config", knownHosts: state + "/known_hosts")
}

struct RolloutTrial {
    @Test func trial() async throws {
        let words = (ProcessInfo.processInfo.environment["TRIAL"] ?? "apply").split(separator: " ")
        let fleet = try readFleet(yaml: Array(labInventory.utf8), file: "trial.yaml", directory: "/")
        let cluster = fleet.clusters[0]
        let rendered = try render(cluster) { _ in nil }
        try await withTransport(.libssh2, options: labOptions(), prompt: NoPrompt()) { transport in
            let rollout = Rollout(
                transport: transport, operator: Operator(name: "trial@lab", processID: 1),
                observer: PrintingObserver())
            switch words[0] {
            default:
                let plan = await rollout.plan(cluster, rendered: rendered)
                for node in plan.nodes {
                    print(
                        node.node.id, "keepalived:", node.keepalived, "haproxy:", node.haproxy, node.enable,
                        node.obstacles, node.sysctls)
                    for file in node.files { print(" ", file.kind, file.path, file.effect) }
                }
                for step in plan.steps { print("step", step.node?.name ?? "-", step.what) }
                print(plan.moves, plan.problems)
                let report = await rollout.apply(plan) { await rollout.plan(cluster, rendered: rendered) }
                print(report.outcome, report.fates, report.notes)
            }
        }
    }
}
