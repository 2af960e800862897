import Testing

@testable import Facts

/// What haproxy says of itself over its sockets, by what releases of it printed: 2.6.12 where nothing else is said.
@Suite struct HAProxyHealthFactTests {
    private func health(_ text: String) throws -> HAProxyHealth {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return try HAProxyHealthFact().parse(
            SectionOutput(lines.map { "stat=\($0)" }.joined(separator: "\n")))
    }

    private static let recorded = """
        Name: HAProxy
        Version: 2.6.12-1+deb12u4
        Nbproc: 1
        Process_num: 1
        Pid: 1603
        Uptime: 0d 0h02m06s
        Uptime_sec: 126
        Maxconn: 100
        Hard_maxconn: 100
        CurrConns: 7
        node: vm
        Stopping: 0

        # pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,rtime,ttime,agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,check_fall,check_health,agent_rise,agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,conn_rate_max,conn_tot,intercepted,dcon,dses,
        web,FRONTEND,,,0,0,100,0,0,0,0,0,0,,,,,OPEN,,,,,,,,,1,2,0,,,,0,0,0,0,,,,0,0,0,0,0,0,,0,0,0,,,0,0,0,0,,,,,,,,,,,,,,,,,,,,,http,,0,0,0,0,0,0,
        web,web1,0,0,0,0,2,0,0,0,,0,,0,0,0,0,UP,50,1,0,0,0,126,0,,1,3,1,,0,,2,0,,0,L4OK,,0,0,0,0,0,0,0,,,,0,0,0,,,,,-1,,,0,0,0,0,,,,Layer4 check passed,,2,3,4,,,,127.0.0.1:21081,,http,,,,,,,,
        web,web2,0,0,0,0,,0,0,0,,0,,0,0,0,0,DOWN,1,1,0,1,1,126,126,,1,3,2,,0,,2,0,,0,L4CON,,0,0,0,0,0,0,0,,,,0,0,0,,,,,-1,Connection refused,,0,0,0,0,,,,Layer4 connection problem,,2,3,0,,,,127.0.0.1:21082,,http,,,,,,,,
        web,web3,0,0,0,0,,0,0,0,,0,,0,0,0,0,MAINT,1,0,1,0,0,126,126,,1,3,3,,0,,2,0,,0,,,,0,0,0,0,0,0,,,,0,0,0,,,,,-1,,,0,0,0,0,,,,,,,,,,,,127.0.0.1:21083,,http,,,,,,,,
        web,web4,0,0,0,0,,0,0,0,,0,,0,0,0,0,no check,1,1,0,,,126,,,1,3,4,,0,,2,0,,0,,,,0,0,0,0,0,0,,,,0,0,0,,,,,-1,,,0,0,0,0,,,,,,,,,,,,127.0.0.1:21081,,http,,,,,,,,
        web,BACKEND,0,0,0,0,10,0,0,0,0,0,,0,0,0,0,UP,51,2,0,,0,126,0,,1,3,0,,0,,1,0,,0,,,,0,0,0,0,0,0,,,,0,0,0,0,0,0,0,-1,,,0,0,0,0,,,,,,,,,,,,,,http,roundrobin,,,,,,,
        tcpb,a,0,0,0,0,,0,0,0,,0,,0,0,0,0,UP,1,1,0,0,0,126,0,,1,4,1,,0,,2,0,,0,L4OK,,0,,,,,,,,,,,0,0,,,,,-1,,Connection refused,0,0,0,0,L4CON,,0,Layer4 check passed,Layer4 connection problem,2,3,4,1,1,1,127.0.0.1:21081,,tcp,,,,,,,,

        0x55ff0dad9fe0: [01/Dec/2026:17:55:36] id=duo disabled=0 flags=0x6811 resync_timeout=3s task_calls=7
          0x55ff0dadd0f0: id=lb2(remote,active) addr=127.0.0.1:21025 last_status=ESTA last_hdshk=1s
                reconnect=3s heartbeat=1s confirm=0 tx_hbt=0 rx_hbt=0 no_hbt=0 new_conn=2 proto_err=0 coll=1
                flags=0x20000200 appctx:0x55ff0dcc1da0 st0=7 st1=0 task_calls=5 state=EST
                remote_table:0x55ff0dc0f7d0 id=web local_id=1 remote_id=1
                shared tables:
                  0x55ff0dc0f7d0 local_id=1 remote_id=1 flags=0x0 remote_data=0x80001
                      table:0x55ff0dae1cc0 id=web update=0 localupdate=0 commitupdate=0 refcnt=1
          0x55ff0dad9999: id=lb3(remote,inactive) addr=127.0.0.1:21026 last_status=CONN last_hdshk=4s
          0x55ff0dada150: id=lb1(local,inactive) addr=127.0.0.1:21024 last_status=NONE last_hdshk=<NEVER>

        # table: web, type: ip, size:100, used:93

        """

    @Test func `servers are read with their sessions, checks, agents and weights`() throws {
        let rows = try health(Self.recorded).rows
        #expect(
            rows.map { "\($0.proxy)/\($0.server) \($0.status)" } == [
                "web/FRONTEND OPEN", "web/web1 UP", "web/web2 DOWN", "web/web3 MAINT", "web/web4 no check",
                "web/BACKEND UP", "tcpb/a UP",
            ])
        #expect(rows.map(\.kind) == [.frontend, .server, .server, .server, .server, .backend, .server])
        #expect(rows.map(\.state) == [.unknown, .up, .down, .maintenance, .unchecked, .up, .up])
        let web1 = rows[1]
        #expect(web1.sessionsLimit == 2 && web1.sessions == 0 && web1.weight == 50 && web1.isBackup == false)
        #expect(web1.changedSeconds == 126 && web1.check == "L4OK" && web1.checkMilliseconds == 0)
        let web2 = rows[2]
        #expect(
            web2.check == "L4CON" && web2.checkMessage == "Connection refused" && web2.sessionsLimit == nil)
        #expect(web2.agent == nil && rows[3].isBackup == true)
        #expect(rows[6].agent == "L4CON" && rows[6].agentMessage == "Connection refused")
        #expect(rows[0].sessionsLimit == 100 && rows[0].weight == nil)
    }

    @Test func `limits, remote peers and stick tables are read`() throws {
        let process = try #require(try health(Self.recorded).processes.first)
        #expect(process.pid == 1603 && process.version == "2.6.12-1+deb12u4" && process.uptimeSeconds == 126)
        #expect(process.connections == 7 && process.connectionsLimit == 100)
        #expect(
            process.peers == [
                .init(
                    section: "duo", name: "lb2", address: "127.0.0.1:21025", isConnected: true, status: "ESTA"
                ),
                .init(
                    section: "duo", name: "lb3", address: "127.0.0.1:21026", isConnected: false,
                    status: "CONN"),
            ])
        #expect(process.tables == [.init(name: "web", size: 100, used: 93)])
    }

    @Test(arguments: [
        ("  0x1: id=b(remote) addr=10.0.0.2:1024 status=ESTA reconnect=4s confirm=0", true),
        ("  0x1: id=b(remote) addr=10.0.0.2:1024 status=CONN reconnect=4s confirm=0", false),
        ("  0x1: id=b(remote,active) addr=10.0.0.2:1024 last_status=ESTA last_hdshk=1s", true),
        (
            "  0x1: id=b(remote,inactive) addr=10.0.0.2:1024 app_state=STOPPED learn_state=NOTASGN last_status=ESTA last_hdshk=1s",
            false
        ),
        (
            "  0x1: id=b(remote,active) addr=10.0.0.2:1024 app_state=RUNNING learn_state=FINISHED last_status=ESTA last_hdshk=1s",
            true
        ),
    ])
    func `peers of 2.0, 2.6 and 3.1 are connected or not`(line: String, isConnected: Bool) throws {
        let text = "Name: HAProxy\nPid: 3\n\n0x9: [15/Apr/2019:11:28:01] id=duo state=0 flags=0x3\n\(line)\n"
        #expect(try health(text).processes.first?.peers.map(\.isConnected) == [isConnected])
    }

    @Test func `a release that does not know a question is read as far as it answers`() throws {
        let read = try health(
            """
            Name: HAProxy
            Version: 1.8.19
            Nbproc: 1
            Pid: 9
            Uptime_sec: 3
            Maxconn: 2000
            CurrConns: 1

            # pxname,svname,qcur,status,lastchg,check_status,check_code,check_duration,last_chk,
            web,web1,0,UP,3,* L7OK,200,1,"a ""quoted"", long, word",
            web,BACKEND,0,UP,3,,,,,

            Unknown command. Please enter one of the following commands only :
              help           : this message
              show table [id]: report table usage stats or dump this table's contents

            # table: t, type: ip, size:204800, used:171454

            """)
        #expect(read.rows.map(\.check) == ["L7OK/200", ""])
        #expect(read.rows[0].checkMessage == "a \"quoted\", long, word" && read.rows[0].weight == nil)
        #expect(read.processes.map(\.tables) == [[.init(name: "t", size: 204_800, used: 171_454)]])
        #expect(read.processes[0].peers.isEmpty && read.processes[0].connectionsLimit == 2000)
    }

    @Test func `several processes are one haproxy, whose worst word counts`() throws {
        func process(_ pid: Int, _ status: String, stopping: Int = 0) -> String {
            """
            Name: HAProxy
            Nbproc: 2
            Pid: \(pid)
            Stopping: \(stopping)

            # pxname,svname,scur,status,type,
            web,web1,3,\(status),2,

            """
        }
        let read = try health(
            process(7, "UP") + process(8, "DOWN 1/2") + process(8, "DOWN") + process(9, "MAINT", stopping: 1))
        #expect(read.processes.map(\.pid) == [7, 8], "two sockets of one process, and one that drains")
        #expect(read.rows.map(\.status) == ["DOWN 1/2"] && read.rows[0].sessions == 6)
    }

    @Test func `old workers are those that the master lists, or that a command line replaces`() throws {
        let processes =
            "process=1504 1 900\nprocess=1603 1504 900\nprocess=1700 1504 300\nprocess=16001 1504 40\n"
        let listed = try HAProxyHealthFact().parse(
            SectionOutput(
                processes + """
                    proc=#<PID>          <type>          <reloads>       <uptime>        <version>
                    proc=1504            master          1 [failed: 0]   0d00h15m00s     2.6.12-1+deb12u4
                    proc=# workers
                    proc=16001           worker          0               0d00h00m40s     2.6.12-1+deb12u4
                    proc=# old workers
                    proc=1603            worker          2               0d00h15m00s     2.6.12-1+deb12u4
                    proc=1700            worker          1               0d00h05m00s     2.6.12-1+deb12u4
                    proc=4711            worker          1               0d00h05m00s     2.6.12-1+deb12u4
                    proc=# programs
                    proc=16001           worker          1
                    old=1603 3
                    """))
        #expect(
            listed.oldWorkers == [
                HAProxyOldWorker(pid: 1603, drainingSeconds: 300, connections: 3),
                HAProxyOldWorker(pid: 1700, drainingSeconds: 40),
            ])
        let replaced = try HAProxyHealthFact().parse(
            SectionOutput(processes + "ends=1700 1603 \nends=16001 1603 1700\n"))
        #expect(replaced.oldWorkers.map(\.pid) == [1603, 1700])
        #expect(replaced.oldWorkers.map(\.connections) == [nil, nil])
        #expect(try HAProxyHealthFact().parse(SectionOutput(processes)).oldWorkers == [])
    }

    @Test func `what is cut, forged or no number is unknown`() throws {
        let read = try health(
            """
            # pxname,svname,qcur,scur,weight,status,
            web,web1,99999999999999999999,-4,1e3,UP,
            web,web2,1,2,3
            """)
        #expect(read.rows.map(\.server) == ["web1"], "half a row is none")
        #expect(read.rows[0].queue == nil && read.rows[0].sessions == nil && read.rows[0].weight == nil)
        #expect(read.processes.isEmpty)
        let numbers = "Name: HAProxy\nPid: 1\nMaxconn: -1\nCurrConns: \(UInt64.max)\n"
        #expect(try health(numbers).processes.first?.connections == nil)
        #expect(try health("# table: t, type: ip, size:x, used:1\n0x1: [ id=\n  0x: id=)( addr").rows.isEmpty)
        let cut = try HAProxyHealthFact().parse(SectionOutput("cut=\nagain=1,2\nprocess=1 2\nends=\nold=1\n"))
        #expect(cut.isCut && cut.later.isEmpty && cut.oldWorkers.isEmpty)
    }

    @Test func `a second look is kept beside the first`() throws {
        let read = try HAProxyHealthFact().parse(
            SectionOutput(
                "stat=# pxname,svname,wretr,\nstat=web,web1,3,\nagain=# pxname,svname,wretr,\nagain=web,web1,5,\n"
            ))
        #expect(read.rows.map(\.retries) == [3] && read.later.map(\.retries) == [5])
    }
}
