import HaopsTestSupport
import Remote
import Testing

@testable import Facts

@Suite struct ProcessesFactTests {
    private let printed = """
        process=keepalived 100 1 S own
        cgroup=/system.slice/keepalived.service
        main=100
        word=/usr/sbin/keepalived
        word=--dont-fork

        process=keepalived 101 100 S own
        cgroup=/system.slice/keepalived.service
        word=/usr/sbin/keepalived

        process=keepalived 200 1 S other
        cgroup=/system.slice/ssh.service
        main=77
        word=keepalived
        word=-P
        word=-f
        word=/var/lib/ha/r1.conf
        word=--pid=/run/r1.pid

        process=haproxy 300 1 T unknown
        group=/user.slice/user-0.slice/session-3.scope
        word=haproxy
        word=-D
        word=-f/root/a.cfg
        word=-p
        word=/run/a.pid
        word=--
        word=/root/b.cfg

        """

    @Test func `a process has its place, its files and its unit`() throws {
        let all = try ProcessesFact().parse(SectionOutput(printed))
        #expect(all.map(\.pid) == [100, 101, 200, 300])
        #expect(all.map(\.unit) == ["keepalived.service", nil, nil, nil])
        #expect(all[2].service == "ssh.service" && all[2].isInOtherNetwork == true)
        #expect(all[2].configurationFiles == ["/var/lib/ha/r1.conf"] && all[2].pidFile == "/run/r1.pid")
        #expect(
            all[3].configurationFiles == ["/root/a.cfg", "/root/b.cfg"] && all[3].pidFile == "/run/a.pid")
        #expect(all[3].state == "T" && all[3].isInOtherNetwork == nil && all[3].service == nil)
        #expect(all[0].configurationFiles == [] && all[0].pidFile == nil)
    }

    @Test func `a tree has one root`() throws {
        let all = try ProcessesFact().parse(SectionOutput(printed))
        #expect(all.roots(of: .keepalived).map(\.pid) == [100, 200])
        #expect(all.root(of: 101)?.pid == 100)
        #expect(all.root(of: 9) == nil)
    }

    @Test func `parents in a circle end`() {
        let circle = [
            DaemonProcess(daemon: .haproxy, pid: 5, parent: 6),
            DaemonProcess(daemon: .haproxy, pid: 6, parent: 5),
        ]
        #expect(circle.root(of: 5) != nil)
        #expect(circle.roots(of: .haproxy).isEmpty)
    }

    @Test func `broken lines are passed over`() throws {
        let broken = "process=keepalived x 1 S own\nword=a\nmain=\nprocess=nginx 1 1 S own\ncgroup=/\n=\n"
        #expect(try ProcessesFact().parse(SectionOutput(broken)) == [])
    }

    @Test func `listeners have the ids of their processes`() throws {
        let state = try HAProxyFact().parse(
            SectionOutput(
                "all=\nLISTEN 0 4096 203.0.113.50:80 0.0.0.0:* users:((\"haproxy\",pid=7,fd=5),(\"haproxy\",pid=6,fd=5))\n"
            ))
        #expect(state.listening.first?.pids == [7, 6])
    }

    /// A keepalived that another router has in a network namespace is told from the machine's own by its file.
    @Test func `the shell finds this process's words`() async throws {
        let target = SSHTarget(id: HostID("here"), host: "here")
        let answer = try await LocalTransport().facts(of: target, Probe([ProcessesFact()])).get()
        #expect(throws: Never.self) { try answer.value(of: ProcessesFact.self) }
    }
}
