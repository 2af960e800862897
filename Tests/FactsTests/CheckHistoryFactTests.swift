import Keepalived
import Testing

@testable import Facts

@Suite struct CheckHistoryFactTests {
    private func parse(_ text: String) throws -> CheckHistory {
        try CheckHistoryFact().parse(SectionOutput(text))
    }

    private func line(_ at: Int, _ message: String) -> String {
        "\(1_796_006_000 + at).100000 lb1 Keepalived_vrrp[267]: \(message)\n"
    }

    @Test func `a check's results are counted since the daemon's start`() throws {
        let history = try parse(
            "now=1796006100\n"
                + line(1, "VRRP_Script(chk) failed (exited with status 9)")
                + line(2, "Starting Keepalived v2.2.7 (01/16,2022)")
                + line(4, "Script `chk` now returning 1")
                + line(4, "VRRP_Script(chk) failed (exited with status 1)")
                + line(6, "VRRP_Script(other) failed (exited with status 1)")
                + line(8, "VRRP_Script(chk) succeeded") + line(14, "VRRP_Script(chk) timed_out")
                + line(18, "VRRP_Script(chk) succeeded") + line(24, "VRRP_Script(chk) timed_out"))
        let results = history.results(of: "chk")
        #expect(results.failures.map(\.isTimeout) == [false, true, true])
        #expect(results.failures.first?.status == 1)
        #expect(results.recoveries.count == 2 && results.isFailing == true && results.timeouts == 2)
        #expect(results.period == 10)
        #expect(history.starts.count == 1)
        #expect(history.results(of: "none") == CheckResults())
    }

    @Test func `starts of haproxy are read, and those of an hour ago are not counted for keepalived`() throws
    {
        let history = try parse(
            "now=1796010000\n" + line(1, "Starting Keepalived v2.2.7 (01/16,2022)")
                + line(3000, "Starting Keepalived v2.2.7 (01/16,2022)") + "haproxy=1796009000.5\nhaproxy=x\n")
        #expect(history.starts.count == 1)
        #expect(history.proxyStarts == [1_796_009_000.5])
    }

    @Test func `without a clock nothing is known`() {
        #expect(throws: FactError.self) { try parse("") }
    }

    @Test func `a full file system has no block or no inode left`() throws {
        let space = try DiskSpaceFact().parse(
            SectionOutput(
                """
                blocks=overlay 262144 262144 0 100% /
                blocks=tmpfs 1000 10 990 1% /run
                blocks=tmpfs 1000 10 990 1% /run
                blocks=/dev/sdb1 1000 10 990 1% /var/lib with blank
                inodes=overlay 3085510 87 3085423 1% /
                inodes=tmpfs 100 100 0 100% /run
                inodes=/dev/sdb1 0 0 0 - /var/lib with blank
                blocks=broken

                """))
        #expect(space.full.map(\.mount) == ["/", "/run"])
        #expect(space.fileSystems.count == 3)
    }
}
