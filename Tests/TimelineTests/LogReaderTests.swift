import Events
import Testing

@testable import Timeline

/// Logs in every form that people have.
struct LogReaderTests {
    private func read(_ text: String, zone: Int = 0) -> LogText {
        LogReader(reference: Sentences.reference, zone: zone).text(of: Array(text.utf8))
    }

    @Test(arguments: [
        (
            "1796072574.913037 lb1 Keepalived_vrrp[864]: (VI_1) Entering MASTER STATE",
            "2026-11-30T21:02:54.913Z"
        ),
        (
            "Nov 30 21:02:54 lb1 Keepalived_vrrp[864]: (VI_1) Entering MASTER STATE",
            "2026-11-30T21:02:54.000Z"
        ),
        ("Nov  3 21:02:54.91 lb1 Keepalived_vrrp: (VI_1) Entering MASTER STATE", "2026-11-03T21:02:54.910Z"),
        (
            "<30>Nov 30 21:02:54 lb1 Keepalived_vrrp[8]: (VI_1) Entering MASTER STATE",
            "2026-11-30T21:02:54.000Z"
        ),
        (
            "2026-11-30T22:02:54.913037+01:00 lb1 Keepalived_vrrp[864]: (VI_1) Entering MASTER STATE",
            "2026-11-30T21:02:54.913Z"
        ),
        (
            "2026-11-30T21:02:54+0000 lb1 Keepalived_vrrp[8]: (VI_1) Entering MASTER STATE",
            "2026-11-30T21:02:54.000Z"
        ),
        (
            "Mon 2026-11-30 21:02:54 UTC lb1 Keepalived_vrrp[8]: (VI_1) Entering MASTER STATE",
            "2026-11-30T21:02:54.000Z"
        ),
        ("Mon Nov 30 21:02:54 2026: (VI_1) Entering MASTER STATE", "2026-11-30T21:02:54.000Z"),
        (
            "Nov 30 2019 21:02:54 lb1 Keepalived_vrrp[8]: (VI_1) Entering MASTER STATE",
            "2019-11-30T21:02:54.000Z"
        ),
    ])
    func `a time is read in every form`(line: String, time: String) {
        let text = read(line)
        #expect(text.lines.map(\.time.iso8601) == [time])
        #expect(text.lines.map(\.message) == ["(VI_1) Entering MASTER STATE"])
        #expect(text.unread == 0)
    }

    @Test func `a time without a zone is of the node's zone`() {
        let text = read("Nov 30 21:02:54 lb1 kernel: eth1: Link is Down", zone: 3600)
        #expect(text.lines.map(\.time.iso8601) == ["2026-11-30T20:02:54.000Z"])
        #expect(text.lacksZone && text.lacksYear)
    }

    @Test func `a log without years that goes over a new year`() {
        let text = read(
            """
            Dec 31 23:59:59 lb1 a: one
            Jan  1 00:00:01 lb1 a: two
            Feb 29 12:00:00 lb1 a: in a leap year
            Mar  1 00:00:00 lb1 a: three
            """)
        #expect(
            text.lines.map { String($0.time.date) } == [
                "2023-12-31", "2024-01-01", "2024-02-29", "2026-03-01",
            ])
    }

    @Test func `what has no time is counted, and continued lines are not`() {
        let text = read(
            "no time here\nNov 30 21:02:54 lb1 a: b\n  goes on\n-- Boot 123 --\nNov 31 00:00:00 x y: z\n")
        #expect(text.lines.map(\.message) == ["b"])
        #expect(text.unread == 3)
    }

    @Test func `syslog's own folding is undone`() {
        let text = read("Nov 30 21:02:54 lb1 Keepalived_vrrp[1]: message repeated 4 times: [ Sending ARP]")
        #expect(text.lines.map(\.message) == ["Sending ARP"] && text.lines.map(\.count) == [4])
    }

    @Test func `nothing in a log ends the program`() {
        var generator = Seeded(state: 42)
        let seeds = [
            "Nov 30 21:02:54 lb1 Keepalived_vrrp[1]: (VI_1) Entering MASTER STATE", "1796072574.9 a b: c",
        ]
        for _ in 0..<2000 {
            var bytes = Array(seeds.randomElement(using: &generator)?.utf8 ?? "".utf8)
            for _ in 0..<Int.random(in: 0..<6, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(
                    in: 0...255, using: &generator)
            }
            LogInput.read(bytes)
        }
    }

    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }
}

/// What lines of other programs mean.
struct LogMeaningTests {
    private func words(_ process: String, _ message: String) -> String? {
        let line = LogLine(
            time: UTCTime(millisecondsSince1970: 0), precision: 1, process: process, message: message)
        return LogMeaning(node: "a").event(of: line)?.words
    }

    @Test(arguments: [
        (
            "systemd", "Started keepalived.service - Keepalive Daemon (LVS and VRRP).",
            "systemd: keepalived is started"
        ),
        ("systemd", "Stopping LVS and VRRP High Availability Monitor...", "systemd stops keepalived"),
        (
            "systemd", "keepalived.service: main process exited, code=killed, status=9/KILL",
            "keepalived was killed (SIGKILL)"
        ),
        (
            "systemd", "haproxy.service: Main process exited, code=exited, status=1/FAILURE",
            "haproxy ended by itself (status 1/FAILURE)"
        ),
        ("systemd", "Unit keepalived.service entered failed state.", "systemd: keepalived failed"),
        (
            "systemd", "haproxy.service: Scheduled restart job, restart counter is at 1.",
            "systemd will start haproxy again"
        ),
        (
            "systemd", "Stopping systemd-networkd.service - Network Configuration...",
            "systemd stops the network service"
        ),
        ("systemd-logind", "System is rebooting.", "the machine goes down"),
        ("kernel", "Linux version 6.1.0 (x)", "the machine booted"),
        ("kernel", "igb 0000:01:00.0 eth1: igb: eth1 NIC Link is Down", "eth1: link down"),
        ("kernel", "[ 12.3] IPv6: ADDRCONF(NETDEV_CHANGE): eth1: link becomes ready", "eth1: link up"),
        ("systemd-networkd", "eth0: Lost carrier", "eth0: link down"),
        ("NetworkManager", "<info>  [1.2] device (eth0): carrier: link connected", "eth0: link up"),
        (
            "kernel", "Out of memory: Killed process 862 (keepalived) total-vm:1kB",
            "out of memory: the kernel killed keepalived"
        ),
        (
            "haproxy",
            "[WARNING]  (70) : Server web/web2 is DOWN, reason: Layer4 timeout, check duration: 2001ms.",
            "haproxy: server web/web2 is down (Layer4 timeout)"
        ),
        (
            "haproxy", "Server web/web2 is UP, reason: Layer7 check passed, code: 200",
            "haproxy: server web/web2 is up"
        ),
        ("haproxy", "backend web has no server available!", "haproxy: web has no server left"),
        (
            "haproxy", "[ALERT] (9) : Current worker #1 (70) exited with code 139 (Segmentation fault)",
            "haproxy: its worker died (exit code 139 (Segmentation fault))"
        ),
    ])
    func `messages of other programs`(process: String, message: String, expected: String) {
        #expect(words(process, message) == expected)
    }

    @Test(arguments: [
        ("sshd", "(VI_1) Entering MASTER STATE"), ("systemd", "Started Session 12 of user root."),
        ("haproxy", "10.0.1.2:33317 [06/Feb/2026:12:14:14.655] web web/web1 10/0/30/69/109 200 2750"),
        ("kernel", "audit: type=1400 x"), ("systemd", "Started ssh.service - keepalived.example"),
    ])
    func `what others say is no event`(process: String, message: String) {
        #expect(words(process, message) == nil)
    }

    @Test func `the clock of a node is compared by the fastest answer`() throws {
        let offset = try #require(ClockOffset([(1000, 2100, 1200), (2000, 3007, 2010), (3000, 3000, 2900)]))
        #expect(offset.ahead == 1002 && offset.bound == 5 && offset.isMeasured)
        #expect(ClockOffset([]) == nil)
        let event = LogMeaning(node: "a", clock: offset).event(
            of: LogLine(
                time: UTCTime(millisecondsSince1970: 5000), precision: 1, process: "kernel",
                message: "eth1: Link is Down"))
        #expect(event?.time.millisecondsSince1970 == 3998 && event?.precision == 6)
    }
}
