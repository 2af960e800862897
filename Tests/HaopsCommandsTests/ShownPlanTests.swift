import ArgumentParser
import HaopsTestSupport
import Inventory
import Remote
import Synchronization
import Testing

@testable import HaopsCommands
@testable import Rollout

/// Verbs as a whole, one after the other: a process has one interrupt.
@Suite(.serialized) enum WholeVerbTests {}

extension WholeVerbTests {
    /// Nothing is done that was not shown.
    @Suite struct ShownPlanTests {
        private func printed(
            _ format: String, _ arguments: String...
        ) throws -> (out: String, err: String) {
            let output = try OutputOptions.parse(["-o", format])
            let consent = try ConsentFlags.parse(arguments)
            let texts = Mutex(["", "", ""])
            let style = Style(isColored: false)
            let console = Console(
                out: style, err: style, isQuiet: true, isVerbose: false, isInteractive: false
            ) {
                text, descriptor in texts.withLock { $0[Int(descriptor)] += text }
            }
            let plan = ClusterPlan(
                cluster: Cluster(name: "web", nodes: []), purpose: "restart haproxy", nodes: [],
                goal: .restart(["haproxy"], only: nil))
            console.show(consent, output) {
                PlanReport(plans: [plan], isDetailed: false).report(command: "restart", style: $0)
            }
            return texts.withLock { ($0[1], $0[2]) }
        }

        @Test(arguments: ["json", "yaml", "tsv"])
        func `whoever agrees sees the plan, also where a program reads the answer`(format: String) throws {
            let (out, err) = try printed(format, "--yes")
            #expect(out.isEmpty)
            #expect(err.hasPrefix("cluster web: restart haproxy\n"))
        }

        @Test func `on a table's paper and in a dry run the plan is the answer`() throws {
            #expect(try printed("table", "--yes").out.hasPrefix("cluster web: restart haproxy\n"))
            let dry = try printed("json", "--dry-run")
            #expect(dry.out.hasPrefix("{\n  \"schema_version\": 1") && dry.err.isEmpty)
        }

        @Test func `restart shows its plan beside the document, and so do switchover and fix`() async throws {
            for verb in ["restart", "switchover", "fix"] {
                let output = Mutex("")
                let machine = ScriptedTransport.Machine.says([
                    "configuration-files": ScriptedTransport.Machine.files([
                        "/etc/keepalived/keepalived.conf":
                            "vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n virtual_ipaddress {\n 203.0.113.50/24\n }\n}\n"
                    ]), "system": "hostname=lb1\nnow=1",
                ])
                let transport = ScriptedTransport(["lb1": machine, "lb2": machine])
                let wiring = Wiring { _, _, _, body in try await body(transport) }
                let style = Style(isColored: false)
                let console = Console(
                    out: style, err: style, isQuiet: true, isVerbose: false, isInteractive: false
                ) { text, descriptor in if descriptor == 2 { output.withLock { $0 += text } } }
                let arguments = ["--nodes", "lb1,lb2", "-o", "json", "--yes"]
                try await Wiring.$current.withValue(wiring) {
                    switch verb {
                    case "restart": _ = try await Restart.parse(arguments).perform(console)
                    case "switchover":
                        _ = try await Switchover.parse(arguments + ["--to", "lb2"]).perform(console)
                    default: _ = try await Fix.parse(arguments).perform(console)
                    }
                }
                #expect(output.withLock { $0 }.contains("cluster nodes"), "\(verb)")
            }
        }
    }
}
