import Keepalived
import Testing

@Suite struct CheckStatesTests {
    private let dump = """
        ------< VRRP Topology >------
         VRRP Instance = VI_1
           State = MASTER
           Status = BAD
        ------< VRRP Scripts >------
         VRRP Script = hangs
           Command = '/etc/keepalived/b.sh = x'
           Status = BAD
           State = idle
         VRRP Script = fine
           Status = GOOD
         VRRP Script = new
           Init state = init
           Status = INIT
        ------< VRRP Track processes >------
         VRRP Track process = px
           Process = haproxy
           Current processes = 0
           Have quorum = false
        ------< Interfaces >------
         Name = lo
           Status = BAD

        """

    @Test func `scripts and processes are as the daemon says`() throws {
        let states = try #require(CheckStates(dump: dump.utf8))
        #expect(states.scripts.map(\.name) == ["hangs", "fine", "new"])
        #expect(states.scripts.map(\.isFailing) == [true, false, nil])
        #expect(states[script: "fine"]?.isFailing == false)
        #expect(states.processes == [.init(name: "px", running: 0, hasQuorum: false)])
    }

    @Test func `a dump that has only begun is none`() {
        #expect(CheckStates(dump: "------< VRRP Scr".utf8) == nil)
        #expect(CheckStates(dump: "".utf8) == nil)
    }

    @Test(arguments: [
        ("WARNING - script '/a b.sh' is not executable for uid:gid 999:997 - disabling.", "/a b.sh"),
        ("Error exec-ing command '/e.sh', error 2: No such file or directory", "/e.sh"),
    ])
    func `the program of a line is its subject`(message: String, program: String) throws {
        let event = try #require(JournalEvent(message: "Keepalived_vrrp[267]: " + message))
        #expect(event.subject == program)
    }

    @Test(arguments: [
        "Failed to set/clear process event listen - errno 111 - Connection refused",
        "Failed to bind to process monitoring socket - errno 1 - Operation not permitted",
        "track_process not available - is CONFIG_PROC_EVENTS enabled in kernel config?",
    ])
    func `track_process that cannot see says so`(message: String) throws {
        let event = try #require(JournalEvent(message: message))
        guard case .processesUnseen = event.kind else {
            Issue.record("\(event)")
            return
        }
    }
}
