import HaopsTestSupport
import Inventory
import Rendering
import Testing

/// Scripts behind `notify`, run by haops' own script in the node's own shell.
@Suite(.enabled(if: RealDaemons.found != nil, "\(RealDaemons.reason)"))
struct NotifyHooksTests {
    @Test
    func `scripts are run in their order, after the state file is written, with keepalived's arguments`()
        async throws
    {
        let said = try await run(
            NotifySettings(
                hooks: [.master: ["/opt/b", "/opt/a a"], .backup: ["/opt/b"], .stop: ["/opt/missing"]],
                directory: "/opt/on-master.d"),
            """
            write '/opt/b'; write '/opt/a a'; write /opt/on-master.d/20; write /opt/on-master.d/10.sh
            write /opt/on-master.d/05.sh~; write /opt/on-master.d/.hidden; mkdir /opt/on-master.d/30
            echo >/opt/on-master.d/40-not-executable
            notify INSTANCE VI_1 MASTER 150; cat /run/trace; : >/run/trace
            notify INSTANCE VI_1 BACKUP 100; notify INSTANCE VI_1 FAULT 100; notify GROUP VI_1 MASTER 1; cat /run/trace
            notify INSTANCE VI_1 STOP 100; await '[ -s /run/logged ]'
            cat /run/logged /run/told; ls -A /run/haops-notify.VI_1
            """)
        #expect(
            said == """
                /opt/b MASTER INSTANCE VI_1 MASTER 150
                /opt/a a MASTER INSTANCE VI_1 MASTER 150
                /opt/on-master.d/10.sh MASTER INSTANCE VI_1 MASTER 150
                /opt/on-master.d/20 MASTER INSTANCE VI_1 MASTER 150
                /opt/b BACKUP INSTANCE VI_1 BACKUP 100
                VI_1 STOP: /opt/missing: there is no such file
                VI_1 MASTER: done
                VI_1 BACKUP: done
                .last
                .lock

                """)
    }

    @Test func `a failure, a script that takes too long and one that others may change stand in the log`()
        async throws
    {
        let said = try await run(
            NotifySettings(
                writesState: false,
                hooks: [
                    .master: [
                        "/opt/fails", "/opt/sleeps", "/opt/plain", "/opt/open", "/opt/below/x",
                        "/opt/foreign",
                        "/opt/last",
                    ]
                ],
                directory: "/opt/none", timeout: 1),
            """
            write /opt/last; write /opt/open; chmod 777 /opt/open; write /opt/below/x; chmod 777 /opt/below
            write /opt/foreign; chown 1 /opt/foreign
            echo '#!/bin/sh' >/opt/fails; echo 'exit 7' >>/opt/fails
            echo '#!/bin/sh' >/opt/sleeps; echo "trap '' TERM; sleep 30; sleep 30" >>/opt/sleeps
            echo >/opt/plain
            chmod 755 /opt/fails /opt/sleeps
            notify INSTANCE VI_1 MASTER 150; cat /run/logged /run/trace /run/haops-state.VI_1
            """)
        #expect(
            said == """
                VI_1 MASTER: /opt/fails: exit 7
                VI_1 MASTER: /opt/sleeps: ended, as it took longer than 1 s
                VI_1 MASTER: /opt/plain: cannot be executed
                VI_1 MASTER: /opt/open: not run, as others than root can change it or a directory above it
                VI_1 MASTER: /opt/below/x: not run, as others than root can change it or a directory above it
                VI_1 MASTER: /opt/foreign: not run, as others than root can change it or a directory above it
                VI_1 MASTER: /opt/none/: there is no such directory
                /opt/last MASTER INSTANCE VI_1 MASTER 150
                MASTER

                """)
    }

    /// The first script waits until the second transition has been told: what is not kept apart would overlap.
    @Test func `transitions that overlap are served one after the other, in their order`() async throws {
        let said = try await run(
            NotifySettings(hooks: [.master: ["/opt/slow"], .backup: ["/opt/quick"]]),
            """
            cat >/opt/slow <<'END'
            #!/bin/sh
            echo "slow begins" >>/run/trace
            # What it leaves behind holds nobody up.
            sleep 60 &
            while [ ! -e /run/go ]; do sleep 0.02; done
            echo "slow ends $4" >>/run/trace
            END
            printf '#!/bin/sh\\necho "quick $4" >>/run/trace\\n' >/opt/quick
            chmod 755 /opt/slow /opt/quick
            waiting() { ls /run/haops-notify.VI_1 | wc -l; }
            notify INSTANCE VI_1 MASTER 1 & await 'grep -q begins /run/trace'
            notify INSTANCE VI_1 BACKUP 2 & await '[ "$(waiting)" -eq 1 ]'
            notify INSTANCE VI_1 MASTER 3 & await '[ "$(waiting)" -eq 2 ]'
            notify INSTANCE VI_1 BACKUP 4 & await '[ "$(waiting)" -eq 3 ]'
            # Another instance does not wait for this one.
            notify INSTANCE VI_2 BACKUP 9
            : >/run/go
            wait
            cat /run/trace; [ ! -e /run/logged ] || cat /run/logged
            """)
        #expect(
            said == """
                slow begins
                quick 9
                slow ends 1
                quick 2
                slow begins
                slow ends 3
                quick 4

                """)
    }

    @Test func `without flock and timeout scripts are run all the same, and the log says what is missing`()
        async throws
    {
        let said = try await run(
            NotifySettings(hooks: [.master: ["/opt/a"]]),
            """
            write /opt/a
            rm -f /usr/bin/flock /usr/bin/timeout
            notify INSTANCE VI_1 MASTER 150; cat /run/trace /run/logged
            """)
        #expect(
            said == """
                /opt/a MASTER INSTANCE VI_1 MASTER 150
                VI_1 MASTER: there is no timeout here: scripts run without a limit
                VI_1 MASTER: there is no flock here: transitions that overlap are not kept apart

                """)
    }

    /// As keepalived ends what it has started, a second after it has begun to stop: with the whole process group.
    @Test func `a script of a stop outlives the processes that keepalived ends where there is no systemd`()
        async throws
    {
        let said = try await run(
            NotifySettings(hooks: [.stop: ["/opt/slow"]]),
            """
            cat >/opt/slow <<'END'
            #!/bin/sh
            echo begins >>/run/trace
            while [ ! -e /run/go ]; do sleep 0.02; done
            echo "ends $3" >>/run/trace
            END
            chmod 755 /opt/slow
            setsid sh -c 'echo $$ >/run/group; /etc/keepalived/haops-notify.sh INSTANCE VI_1 STOP 100; sleep 60' &
            await 'grep -q begins /run/trace'
            kill -KILL "-$(cat /run/group)"
            : >/run/go
            await 'grep -q ends /run/trace'
            cat /run/trace
            """)
        #expect(said == "begins\nends STOP\n")
    }

    @Test func `a transition whose process was ended is passed over, and said to be`() async throws {
        let said = try await run(
            NotifySettings(hooks: [.master: ["/opt/a"], .stop: ["/opt/a"]]),
            """
            write /opt/a
            mkdir -p /run/haops-notify.VI_1
            echo "STOP 100" >/run/haops-notify.VI_1/00000000000000000001-0004194303
            notify INSTANCE VI_1 MASTER 150; cat /run/trace /run/logged
            """)
        #expect(
            said == """
                /opt/a MASTER INSTANCE VI_1 MASTER 150
                VI_1 STOP: its scripts are not run: it was ended before their turn

                """)
    }

    private func run(_ notify: NotifySettings, _ script: String) async throws -> String {
        var topology = Topology.minimal
        topology.cluster.keepalived?.notify = notify
        let files = try topology.rendered()[0].files.filter { $0.role == .notifyScript }
        let start = """
            # The journal's stand-in: there is no journald here.
            printf '#!/bin/sh\\nlevel=$4; shift 5\\n[ $level = daemon.info ] && to=told || to=logged; echo "$*" >>/run/$to\\n' >/usr/sbin/logger; chmod 755 /usr/sbin/logger
            notify() { /etc/keepalived/haops-notify.sh "$@" || echo "failed: $*"; }
            await() { n=0; until eval "$1"; do n=$((n + 1)); [ $n -lt 500 ] || { echo "never: $1"; exit; }; sleep 0.02; done; }
            write() {
                mkdir -p "$(dirname "$1")"
                printf '#!/bin/sh\\nread -r state rest </run/haops-state.VI_1\\necho "%s $state $*" >>/run/trace\\n' "$1" >"$1"
                chmod 755 "$1"
            }
            [ \(notify.writesState) = true ] || echo MASTER >/run/haops-state.VI_1
            : >/run/trace

            """
        return try await #require(RealDaemons.found).run(
            start + script,
            files: files.map { RealDaemons.File(path: $0.path, contents: $0.contents, mode: $0.mode) },
            interfaces: [:]
        ).said
    }
}
