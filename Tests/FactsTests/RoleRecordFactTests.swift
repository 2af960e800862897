import Facts
import Keepalived
import Testing

struct RoleRecordFactTests {
    private func parse(_ lines: String) throws -> RoleRecord {
        try RoleRecordFact().parse(SectionOutput("changed=1000\n" + lines))
    }

    private static let started = """
        1010.500000 lb1 Keepalived[21]: Starting VRRP child process, pid=22
        1010.600000 lb1 Keepalived_vrrp[22]: (VI_1) Entering BACKUP STATE (init)
        1013.700000 lb1 Keepalived_vrrp[22]: (VI_1) Entering MASTER STATE

        """

    @Test func `a process's roles and priorities are those of its last lines`() throws {
        let record = try parse(
            Self.started + """
                1020.000000 lb1 Keepalived_vrrp[22]: (VI_1) Changing effective priority from 150 to 90
                1021.000000 lb1 Keepalived_vrrp[22]: (VI_2) Entering FAULT STATE
                """)
        #expect(record.readAt == 1010 && record.fileChangedAt == 1000 && !record.hasGaps)
        #expect(
            record.instances == [
                "VI_1": .init(role: .master, changedAt: 1013, priority: 90),
                "VI_2": .init(role: .fault, changedAt: 1021),
            ])
    }

    @Test func `a new process has no past`() throws {
        let record = try parse(
            Self.started + "1030.000000 lb1 Keepalived[21]: Starting VRRP child process, pid=22\n")
        #expect(record == RoleRecord(readAt: 1030, fileChangedAt: 1000))
    }

    /// Only what lowers a priority is logged anew.
    @Test func `a reload keeps roles and counts priorities anew`() throws {
        let record = try parse(
            Self.started + """
                1020.000000 lb1 Keepalived_vrrp[22]: (VI_1) Changing effective priority from 150 to 90
                1040.250000 lb1 Keepalived_vrrp[22]: Reloading
                """)
        #expect(record.readAt == 1040)
        #expect(record.instances["VI_1"] == .init(role: .master, changedAt: 1013))
    }

    @Test func `a journal that lost lines says so`() throws {
        let lost = "1020.000000 lb1 systemd-journald[9]: Suppressed 12 messages from keepalived.service\n"
        #expect(try parse(Self.started + lost).hasGaps)
        #expect(
            try !parse(lost + Self.started).hasGaps, "what was lost before the process began does not matter")
    }

    @Test func `lines of another form say nothing`() throws {
        let record = try parse(
            "nonsense\n9e999 lb1 Keepalived_vrrp[22]: (VI_1) Entering MASTER STATE\n- - -\n")
        #expect(record == RoleRecord(fileChangedAt: 1000))
    }
}
