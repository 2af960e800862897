import HaopsTestSupport
import Inventory
import Rendering
import Testing

/// The scripts that haops ships, run by the node's own shell against the real haproxy.
@Suite(.enabled(if: RealDaemons.found != nil, "\(RealDaemons.reason)"))
struct ShippedScriptTests {
    @Test func `the check passes while haproxy serves, and at no other time`() async throws {
        // A worker with a client left drains: it lives on, and listens no more.
        let said = try await run(
            """
            check() { /etc/keepalived/check_haproxy.sh 2>&1; echo "$1: $?"; }
            await() { n=0; until eval "$1"; do n=$((n + 1)); [ $n -lt 1000 ] || { echo "never: $1"; exit; }; sleep 0.02; done; }
            echo 1 >/proc/sys/net/ipv4/ip_nonlocal_bind
            mkdir /run/haproxy
            check "not started"
            haproxy -W -D -p /run/haproxy.pid -f /etc/haproxy/haproxy.cfg >/dev/null 2>&1
            await '/etc/keepalived/check_haproxy.sh 2>/dev/null'
            check "serving"
            cp /run/haproxy.pid /run/saved; echo $$ >/run/haproxy.pid
            check "serving, with a pid file of something else"
            cp /run/saved /run/haproxy.pid
            mv /run/haproxy.pid /run/elsewhere
            check "serving, without a pid file"
            mv /run/elsewhere /run/haproxy.pid
            ip addr add 203.0.113.50/24 dev eth1
            bash -c 'exec 3<>/dev/tcp/203.0.113.50/80; printf "GET / HTTP/1.1\\r\\n" >&3; exec sleep 60' & client=$!
            # Accepted: before that the kernel's table shows no inode.
            await 'awk "\\$2 ~ /:0050\\$/ && \\$4 == \\"01\\" && \\$10 != 0" /proc/net/tcp | grep -q .'
            kill -USR1 $(cat /run/haproxy.pid)
            await '! grep -q ":0050 00000000:0000 0A" /proc/net/tcp'
            check "draining"
            kill $client
            await '! kill -0 $(cat /run/haproxy.pid) 2>/dev/null'
            check "stopped"
            echo $$ >/run/haproxy.pid
            check "another program has its number"
            """)
        #expect(
            said == """
                haproxy does not run
                not started: 1
                serving: 0
                serving, with a pid file of something else: 0
                serving, without a pid file: 0
                haproxy listens no longer on port (hexadecimal): 0050 
                draining: 1
                haproxy does not run
                stopped: 1
                haproxy does not run
                another program has its number: 1

                """)
    }

    @Test func `the check reads the kernel's listening sockets, and none of the connections after them`()
        async throws
    {
        // Tables whose writer never ends them: who reads on, waits until the time is over.
        let said = try await run(
            """
            mkdir -p /run/fake/net /run/fake/7
            echo haproxy >/run/fake/7/comm
            sed -e 's,/proc/,/run/fake/,g' -e 's/^missing=.*/missing=" 0050 01BB "/' \\
                /etc/keepalived/check_haproxy.sh >/run/check
            mkfifo /run/fake/net/tcp /run/fake/net/tcp6
            table() {
                {
                    echo "  sl  local_address rem_address   st tx_queue rx_queue"
                    shift
                    for socket in "$@"; do echo "   0: 00000000:${socket% *} 00000000:0000 ${socket#* } 0:0 0:0 0 0"; done
                    sleep 60
                } >"/run/fake/net/$1" &
            }
            check() {
                timeout 20 sh /run/check 2>&1
                echo "$1: $?"
                rm /run/fake/net/*
                mkfifo /run/fake/net/tcp /run/fake/net/tcp6
            }
            table tcp "0016 0A" "01BB 0A" "0050 0A" "0050 01"
            check "all found, and more to come"
            table tcp "0016 0A" "0016 03" "0050 0A" "0050 03" "01BB 0A"
            check "half-open connections between them, as before Linux 4.4"
            table tcp "0016 0A" "01BB 0A" "0050 01"
            table tcp6 "0016 0A" "0050 0A"
            check "found in the second table"
            table tcp "0016 0A" "0050 06" "0050 0A" "01BB 0A"
            table tcp6 "0016 0A" "0050 01" "0050 0A" "01BB 0A"
            check "connections only"
            """)
        #expect(
            said == """
                all found, and more to come: 0
                half-open connections between them, as before Linux 4.4: 0
                found in the second table: 0
                haproxy listens no longer on port (hexadecimal): 0050 01BB 
                connections only: 1

                """)
    }

    @Test func `the notify script writes the state, and nothing for what it does not understand`()
        async throws
    {
        let said = try await run(
            """
            notify() { /etc/keepalived/haops-notify.sh "$@" || echo "failed: $*"; }
            notify INSTANCE VI_1 BACKUP 100
            notify INSTANCE VI_1 MASTER 150
            notify INSTANCE VI_old FAULT
            notify INSTANCE VI_odd STOP '1;id'
            notify GROUP G MASTER 1
            notify INSTANCE '../x' MASTER 1
            notify INSTANCE 'a b' MASTER 1
            notify INSTANCE '' MASTER 1
            notify INSTANCE VI_2 'MASTER; id' 1
            notify
            ls -A /run
            now=$(date +%s)
            while read -r state priority since; do
                echo "$state $priority $((now - since < 60))"
            done <<EOF
            $(cat /run/haops-state.VI_1 /run/haops-state.VI_odd /run/haops-state.VI_old)
            EOF
            stat -c %a /run/haops-state.VI_1
            """)
        #expect(
            said == """
                haops-state.VI_1
                haops-state.VI_odd
                haops-state.VI_old
                MASTER 150 1
                STOP 0 1
                FAULT 0 1
                644

                """)
    }

    private func run(_ script: String) async throws -> String {
        let daemons = try #require(RealDaemons.found)
        let node = try #require(try Topology.lab.rendered().first)
        return try await daemons.run(
            script,
            files: node.files.map { RealDaemons.File(path: $0.path, contents: $0.contents, mode: $0.mode) },
            interfaces: Topology.lab.cards[node.node.id] ?? [:]
        ).said
    }
}
