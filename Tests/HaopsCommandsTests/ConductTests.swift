import ArgumentParser
import HaopsTestSupport
import Inventory
import Remote
import Synchronization
import Testing

@testable import HaopsCommands
@testable import Rollout

extension WholeVerbTests {
    /// Plans of several clusters, from the question to the report.
    @Suite struct ConductTests {
        private func plan(_ name: String, obstacles: [String] = [], silent: Bool = false) -> ClusterPlan {
            let id = HostID("\(name)-lb1")
            let node = Node(id: id, target: SSHTarget(id: id, host: id.name))
            var nodePlan = NodePlan(node: node, haproxy: silent ? .none : .restart)
            nodePlan.obstacles = obstacles
            return ClusterPlan(
                cluster: Cluster(name: name, nodes: [node]), purpose: "restart haproxy", nodes: [nodePlan],
                unreachable: silent ? [id: .unreachable(host: id, cause: "no route", hint: nil)] : [:],
                goal: .restart(["haproxy"], only: nil))
        }

        /// Nobody is there to be asked, and no machine answers.
        private func conducted(
            _ plans: [ClusterPlan], _ waves: Waves = Waves(), _ consent: String...
        ) async throws -> (exit: HaopsExit, out: String) {
            let said = Mutex("")
            let style = Style(isColored: false)
            var console = Console(
                out: style, err: style, isQuiet: true, isVerbose: false, isInteractive: false)
            console.sink = { text, descriptor in if descriptor == 1 { said.withLock { $0 += text } } }
            let work = ClusterWork(
                fleet: Fleet(source: "-", clusters: plans.map(\.cluster)),
                connection: try ConnectionFlags.parse([]), transport: ScriptedTransport([:]), console: console
            )
            let exit = try await work.conduct(
                plans, command: "restart", consent: try ConsentFlags.parse(consent), waves: waves,
                output: try OutputOptions.parse([]))
            return (exit, said.withLock { $0 })
        }

        @Test func `what one cluster refuses keeps the others from being begun, and nobody is asked`()
            async throws
        {
            let end = try await conducted([plan("c1"), plan("c2", obstacles: ["no room"])])
            #expect(end.exit == .refused)
            #expect(end.out.contains("cluster c1: not begun\n"), "\(end.out)")
            #expect(end.out.contains("cluster c2: refused, nothing was changed\n"), "\(end.out)")
            #expect(end.out.contains("the same command again takes up what is not done"), "\(end.out)")
        }

        @Test func `more failures that are allowed need a yes for the others`() async throws {
            let plans = [plan("c1"), plan("c2", obstacles: ["no room"])]
            await #expect(throws: Failure.self) { try await conducted(plans, Waves(maxFailures: 1)) }
            let end = try await conducted(plans, Waves(maxFailures: 1), "--yes")
            // It was begun: its machine does not answer.
            #expect(!end.out.contains("not begun"), "\(end.out)")
        }

        @Test func `a silent node keeps all clusters from being begun, unless one may fail`() async throws {
            let plans = [plan("c1"), plan("c2", silent: true)]
            let strict = try await conducted(plans, Waves(), "--yes")
            #expect(
                strict.exit == .unreachable && strict.out.contains("cluster c1: not begun\n"), "\(strict.out)"
            )
            let tolerant = try await conducted(plans, Waves(maxFailures: 1), "--yes")
            #expect(!tolerant.out.contains("not begun"), "\(tolerant.out)")
            let dry = try await conducted(plans, Waves(maxFailures: 1), "--dry-run")
            #expect(dry.exit == .unreachable, "\(dry.out)")
        }

        @Test func `a plan names a node that did not answer once, and several in one line`() async throws {
            let alone = PlanReport(plans: [plan("c1", silent: true)], isDetailed: false)
                .report(command: "plan", style: Style(isColored: false)).text
            #expect(alone.contains("  unknown c1-lb1: cannot connect: no route\n"), "\(alone)")
            #expect(alone.count(of: "no route") == 1, "\(alone)")
            let plans = (1...40).map { plan("c\($0)", silent: true) }
            let many = PlanReport(plans: plans, isDetailed: false)
                .report(command: "plan", style: Style(isColored: false)).text
            #expect(many.contains("  unknown c[1-40]-lb1: cannot connect: no route\n"), "\(many)")
            #expect(many.count(of: "no route") == 1, "\(many)")
            let dry = try await conducted(plans, Waves(), "--dry-run")
            #expect(dry.exit == .unreachable && dry.out.count(of: "no route") == 1, "\(dry.out)")
        }
    }
}
