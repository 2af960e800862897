import Facts
import Keepalived
import Testing

@Suite struct KeepalivedFactTests {
    private static let process = """
        version=v2.2.7 (01/16,2022)
        now=1795251300
        pid=18
        child=22
        ticks=120050
        hz=100
        boot=1795240000

        """

    private static let json = #"""
        dump=keepalived.json
        [{"data":{"iname":"VI_1","ifp_ifname":"eth0","master_priority":0,"last_transition":1795251249.451859,"vrid":51,"base_priority":150,"effective_priority":160,"vipset":true,"adver_int":1,"nopreempt":false,"state":2,"version":2,"vips":["203.0.113.50/24 dev eth1 scope global label eth1:0 set"],"auth_type":1,"auth_data":"s3cret"},"stats":{"advert_rcvd":4,"advert_sent":1,"become_master":1,"auth_failure":7,"pri_zero_rcvd":2}}]

        dump-end=keepalived.json
        """#

    private func parse(_ text: String) throws -> KeepalivedDaemon {
        try KeepalivedFact().parse(SectionOutput(text))
    }

    @Test func `a daemon's own JSON is the best witness`() throws {
        let daemon = try parse(Self.process + Self.json)
        #expect(daemon.roleSource == .daemon)
        #expect(daemon.version == KeepalivedVersion(2, 2, 7))
        #expect(daemon.isRunning && daemon.hasChild == true)
        #expect(daemon.startedAt == 1_795_241_200)
        let instance = try #require(daemon.state?.instances.first)
        #expect(instance.role == .master)
        #expect((instance.basePriority, instance.effectivePriority) == (150, 160))
        #expect(instance.addresses == ["203.0.113.50/24"])
        #expect(instance.counters?.refused == ["auth_failure": 7])
    }

    @Test func `a text dump and its statistics are one state`() throws {
        let daemon = try parse(
            Self.process + """
                dump=keepalived.data
                ------< VRRP Topology >------
                 VRRP Instance = VI_1
                   State = BACKUP
                   Password = s3cret

                dump-end=keepalived.data
                dump=keepalived.stats
                VRRP Instance: VI_1
                  Advertisements:
                    Received: 7
                    Sent: 0

                dump-end=keepalived.stats

                """)
        #expect(daemon.roleSource == .daemon)
        let instance = try #require(daemon.state?.instances.first)
        #expect(instance.role == .backup)
        #expect(instance.counters?.advertsReceived == 7)
        #expect(!String(reflecting: daemon).contains("s3cret"))
    }

    @Test func `a parent without children speaks no VRRP, whatever its journal says`() throws {
        func process(_ children: String) -> String {
            """
            version=v2.2.7
            now=1795251300
            pid=18
            \(children)
            notified=VI_1 MASTER 150 1795251240

            """
        }
        let left = try parse(process("children=known"))
        #expect(left.pid == 18 && !left.isRunning)
        #expect(left.state == nil)
        #expect(try parse(process("children=known\nchild=22")).isRunning)
        // Kernels without CONFIG_PROC_CHILDREN do not tell.
        #expect(try parse(process("")).isRunning)
    }

    @Test func `the password in a dump stays in the dump`() throws {
        let daemon = try parse(Self.process + Self.json)
        #expect(!String(reflecting: daemon).contains("s3cret"))
    }

    @Test func `without a dump the notify file speaks, with its age`() throws {
        let daemon = try parse(Self.process + "notified=VI_1 BACKUP 100 1795251240\n")
        #expect(daemon.roleSource == .stateFile(age: 60))
        #expect(daemon.state?.instances.first?.role == .backup)
    }

    @Test func `without a dump and a notify file the journal speaks, since the last start`() throws {
        let daemon = try parse(
            Self.process + """
                journal=1795251000.5 lb1 Keepalived_vrrp[9]: (VI_0) Entering MASTER STATE
                journal=1795251200.1 lb1 Keepalived[18]: Starting Keepalived v2.2.7 (01/16,2022)
                journal=1795251201.0 lb1 Keepalived_vrrp[22]: (VI_1) Entering BACKUP STATE (init)
                journal=1795251205.0 lb1 Keepalived_vrrp[22]: (VI_1) Entering MASTER STATE
                """)
        #expect(daemon.roleSource == .journal(age: 95))
        #expect(daemon.state?.instances.map(\.name) == ["VI_1"])
        #expect(daemon.state?.instances.first?.role == .master)
    }

    @Test func `a notify file says nothing for a daemon that is dead`() throws {
        let daemon = try parse("version=v2.2.7\nnow=1795251300\nnotified=VI_1 MASTER 150 1795251240\n")
        #expect(!daemon.isRunning)
        #expect(daemon.state == nil)
        #expect(daemon.roleSource == .none)
    }

    @Test func `a lift is known with its reason, a lift of nothing is none`() throws {
        let daemon = try parse("lift=VI_1 51 switchover by ops@admin\nlift=VI_2 0\nlift=VI_3 x\n")
        #expect(
            daemon.overrides == [
                KeepalivedDaemon.PriorityOverride(
                    instance: "VI_1", value: 51, reason: "switchover by ops@admin")
            ])
        #expect(!daemon.isInstalled)
    }
}
