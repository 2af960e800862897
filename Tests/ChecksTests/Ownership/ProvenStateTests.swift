import Addresses
import Checks
import Facts
import Keepalived
import Remote
import Testing

/// When a daemon's state is known without a question to it.
struct ProvenStateTests {
    /// A balancer whose kernel, journal and file agree, in MASTER.
    private struct Machine {
        var text = """
            vrrp_script check {
              script /bin/true
              weight -60
            }
            vrrp_instance VI_1 {
              interface eth0
              virtual_router_id 51
              priority 150
              virtual_ipaddress {
                203.0.113.50/24 dev eth1
                203.0.113.51/24 dev eth1
              }
              track_script {
                check
              }
            }

            """
        var daemon: KeepalivedDaemon
        var record = RoleRecord(
            instances: ["VI_1": .init(role: .master, changedAt: 1013)], readAt: 1010, fileChangedAt: 1000)
        var sockets: AdvertSockets
        var held = ["203.0.113.50/24", "203.0.113.51/24"]
        var interface = "eth1"
        var modified = 1000

        init() throws {
            daemon = KeepalivedDaemon(
                version: KeepalivedVersion(2, 2, 7), pid: 21, hasChild: true, startedAt: 1009)
            sockets = AdvertSockets(
                processes: [.init(pid: 21, state: "S"), .init(pid: 22, parent: 21, state: "S")],
                sockets: [.init(address: try #require(IPAddress("224.0.0.18")))])
        }

        var state: LiveState? {
            get throws {
                var facts = HostFacts(host: "lb1")
                facts.set(KeepalivedFact.self, to: daemon)
                facts.set(RoleRecordFact.self, to: record)
                facts.set(AdvertSocketsFact.self, to: sockets)
                facts.set(
                    ConfigurationFilesFact.self,
                    to: ConfigurationEvidence(files: [
                        "/etc/keepalived/keepalived.conf": FileState(
                            kind: .regular, modified: modified, contents: Array(text.utf8))
                    ]))
                let addresses = try held.map { Interface.Held(cidr: try #require(CIDR($0))) }
                facts.set(
                    InterfacesFact.self, to: [Interface(name: interface, mac: nil, addresses: addresses)])
                return facts.provenState
            }
        }
    }

    @Test func `where all agree the state is the journal's, with what the file says of it`() throws {
        let state = try #require(try Machine().state)
        #expect(
            state.instances == [
                LiveState.Instance(
                    name: "VI_1", role: .master, interface: "eth0", routerID: 51, basePriority: 150,
                    effectivePriority: 150, addresses: ["203.0.113.50/24", "203.0.113.51/24"],
                    lastTransition: 1013, version: 2)
            ])
    }

    @Test func `a BACKUP with a lowered priority is proven too, also behind a load balancer`() throws {
        var machine = try Machine()
        machine.record.instances["VI_1"] = .init(role: .backup, changedAt: 1013, priority: 90)
        machine.held = []
        #expect(try machine.state?.instances.first?.effectivePriority == 90)
        #expect(try machine.state?.instances.first?.role == .backup)
        machine.held = ["203.0.113.50/32"]
        #expect(try machine.state == nil)
        machine.interface = "lo"
        #expect(try machine.state?.instances.first?.role == .backup)
    }

    @Test func `without the daemon's start a priority that nothing moves is proven`() throws {
        var machine = try Machine()
        machine.record.readAt = nil
        #expect(try machine.state == nil, "a check may have lowered it before")
        machine.record.instances["VI_1"]?.priority = 90
        #expect(try machine.state?.instances.first?.effectivePriority == 90)
        machine.record.instances["VI_1"]?.priority = nil
        machine.text = machine.text.replacing("track_script {\n    check\n  }\n", with: "")
        #expect(try machine.state?.instances.first?.effectivePriority == 150)
    }

    private struct Doubt: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var make: @Sendable (inout Machine) -> Void

        init(_ words: String, _ make: @escaping @Sendable (inout Machine) -> Void) {
            testDescription = words
            self.make = make
        }
    }

    private static let doubts = [
        Doubt("the daemon does not run") { $0.daemon.pid = nil },
        Doubt("its children are not known") { $0.daemon.hasChild = nil },
        Doubt("a release that logs otherwise") { $0.daemon.version = KeepalivedVersion(1, 3, 9) },
        Doubt("a release that is not known") { $0.daemon.version = nil },
        Doubt("the journal has no role") { $0.record.instances = [:] },
        Doubt("the journal lost lines") { $0.record.hasGaps = true },
        Doubt("the kernel has one address of two") { $0.held.removeLast() },
        Doubt("the kernel has none") { $0.held = [] },
        Doubt("the journal says BACKUP, and the kernel has the addresses") {
            $0.record.instances["VI_1"]?.role = .backup
        },
        Doubt("the file was replaced since") { $0.record.fileChangedAt = 1011 },
        Doubt("the file was written since") { $0.modified = 1011 },
        Doubt("whether the file was replaced is not known") { $0.record.fileChangedAt = nil },
        Doubt("the file has an instance more") {
            $0.text += $0.text.replacing("VI_1", with: "VI_2").replacing("51\n", with: "52\n")
        },
        Doubt("no file") { $0.text = "" },
        Doubt("a stopped process") { $0.sockets.processes[1].state = "T" },
        Doubt("a frozen process") { $0.sockets.processes[1].isFrozen = true },
        Doubt("a process that waits for a device") { $0.sockets.processes[1].state = "D" },
        Doubt("adverts that nobody reads") { $0.sockets.sockets[0].unread = 4000 },
        Doubt("the daemon has said it itself") { $0.daemon.state = LiveState(instances: []) },
    ]

    @Test(arguments: doubts)
    private func `where anything is in doubt the daemon is to be asked`(doubt: Doubt) throws {
        var machine = try Machine()
        doubt.make(&machine)
        #expect(try machine.state == nil)
    }
}
