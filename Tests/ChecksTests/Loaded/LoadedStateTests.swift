import Facts
import Keepalived
import Remote
import Testing

@testable import Checks

/// Whether a daemon runs what is written, by what it says itself, and by ages where it says nothing.
@Suite struct LoadedStateTests {
    // MARK: - haproxy

    private let path = "/etc/haproxy/haproxy.cfg"

    private func load(
        started: Int? = 1000, modified: Int, changed: Int? = nil, failed: Int? = 0, log: [(Int, String)] = []
    ) -> HAProxyLoad {
        HAProxyLoad(
            files: [HAProxyLoad.File(path: path, modified: modified, changed: changed)], startedAt: started,
            failedReloads: failed, log: log.map { HAProxyLoad.LogLine(at: $0.0, message: $0.1) })
    }

    private func refusal(at time: Int) -> [(Int, String)] {
        [
            (1000, "[NOTICE]   (60) : New worker (62) forked"), (1000, "[NOTICE]   (60) : Loading success."),
            (1500, "[ALERT]    (62) : backend 'web' has no server available!"),
            (time, "[NOTICE]   (60) : Reloading HAProxy"),
            (
                time,
                "[ALERT]    (60) : Binding [\(path):5] for frontend GLOBAL: cannot bind UNIX socket (No such file)"
            ),
            (
                time,
                "[ALERT]    (60) : [/usr/sbin/haproxy.main()] Some protocols failed to start their listeners! Exiting."
            ),
            (time, "[WARNING]  (60) : Loading failure!"),
        ]
    }

    @Test func `a worker that is younger than the file has read it`() {
        #expect(LoadedState.haproxy(load(modified: 900)) == .yes)
        #expect(LoadedState.haproxy(load(modified: 1001)) == .yes, "within what clocks tell")
    }

    @Test func `a file that is younger than every worker is not loaded, whatever systemd says of the reload`()
    {
        #expect(LoadedState.haproxy(load(modified: 2000)).isLoaded == false)
    }

    @Test func `what haproxy refused is quoted, and nothing of what it says of its servers`() {
        let state = LoadedState.haproxy(load(modified: 2000, failed: 1, log: refusal(at: 2001)))
        #expect(
            state.reasons == [
                "Binding [\(path):5] for frontend GLOBAL: cannot bind UNIX socket (No such file)"
            ])
    }

    @Test func `words of the configuration that an alert may repeat are not quoted`() {
        var log = refusal(at: 2001)
        log[4].1 = "[ALERT]    (60) : config : parsing [\(path):5] : user : unknown word 'S3cret'"
        let state = LoadedState.haproxy(load(modified: 2000, failed: 1, log: log))
        #expect(state.isLoaded == false && !state.reasons.joined().contains("S3cret"), "\(state)")
    }

    @Test func `a refusal within the second of the start counts`() {
        #expect(
            LoadedState.haproxy(load(modified: 1001, failed: 1, log: refusal(at: 1001))).isLoaded == false)
        #expect(LoadedState.haproxy(load(modified: 1001, failed: 1)).isLoaded == false, "without a journal")
    }

    @Test func `a copy that kept the age of its original is told from the file that was put back`() {
        let log = refusal(at: 2001)
        #expect(
            LoadedState.haproxy(load(modified: 900, changed: 2000, failed: 1, log: log)).isLoaded == false,
            "it stood there when haproxy refused")
        #expect(
            LoadedState.haproxy(load(modified: 900, changed: 2050, failed: 1, log: log)) == .yes,
            "it was put back afterwards")
    }

    @Test func `a port that was taken from a file that runs makes it no other file`() {
        #expect(
            LoadedState.haproxy(load(modified: 900, changed: 900, failed: 1, log: refusal(at: 2001))) == .yes)
    }

    @Test func `after a reload that worked an earlier refusal is forgotten`() {
        let log = refusal(at: 2001) + [(2100, "[NOTICE]   (60) : New worker (99) forked")]
        #expect(LoadedState.haproxy(load(started: 2100, modified: 2099, failed: nil, log: log)) == .yes)
    }

    @Test func `nothing is said of a haproxy that does not run`() {
        #expect(LoadedState.haproxy(load(started: nil, modified: 2000)) == .unknown)
        #expect(LoadedState.haproxy(on: HostFacts(host: HostID("lb1"))) == .unknown)
    }

    // MARK: - keepalived

    private func keepalived(
        file priority: Int, live: Int?, modified: Int = 50, loads: LoadTimes = LoadTimes(["keepalived": 100])
    ) -> LoadedState {
        let text = """
            vrrp_instance VI_1 {
                interface eth0
                virtual_router_id 51
                priority \(priority)
                virtual_ipaddress {
                    203.0.113.50/24
                }
            }
            """
        let path = ConfigurationEvidence.usualMainFile
        var facts = HostFacts(host: HostID("lb2"))
        let state = FileState(kind: .regular, modified: modified, contents: Array(text.utf8))
        facts.set(ConfigurationFilesFact.self, to: ConfigurationEvidence(files: [path: state]))
        facts.set(LoadTimesFact.self, to: loads)
        var daemon = KeepalivedDaemon(pid: 7, hasChild: true)
        if let live {
            daemon.roleSource = .daemon
            daemon.state = LiveState(instances: [
                LiveState.Instance(
                    name: "VI_1", role: .backup, interface: "eth0", routerID: 51, basePriority: live,
                    addresses: ["203.0.113.50/24"])
            ])
        }
        facts.set(KeepalivedFact.self, to: daemon)
        return .keepalived(on: facts)
    }

    @Test func `keepalived's own words count before all ages`() {
        #expect(keepalived(file: 120, live: 100).isLoaded == false, "although the file is older")
        #expect(keepalived(file: 100, live: 100) == .yes)
    }

    @Test func `a file that is younger than every reload is not loaded, even where the dump agrees`() {
        // A password or a script may have changed, which no dump tells.
        #expect(keepalived(file: 100, live: 100, modified: 200).isLoaded == false)
    }

    @Test func `where a reload may have gone unseen the dump decides`() {
        let forgetful = LoadTimes(["keepalived": 100], completeSince: [:])
        #expect(keepalived(file: 100, live: 100, modified: 200, loads: forgetful) == .yes)
        #expect(keepalived(file: 120, live: 100, modified: 200, loads: forgetful).isLoaded == false)
        let later = LoadTimes(["keepalived": 100], completeSince: ["keepalived": 150])
        #expect(keepalived(file: 100, live: 100, modified: 200, loads: later).isLoaded == false)
        #expect(keepalived(file: 100, live: 100, modified: 140, loads: later) == .yes)
    }

    @Test func `where nothing can tell nothing is said`() {
        let forgetful = LoadTimes(["keepalived": 100], completeSince: [:])
        #expect(keepalived(file: 100, live: nil, modified: 200, loads: forgetful) == .unknown)
        #expect(keepalived(file: 100, live: nil, modified: 200).isLoaded == false)
        #expect(keepalived(file: 100, live: nil) == .yes)
    }
}
