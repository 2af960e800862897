import HaopsTestSupport
import Inventory
import Rendering
import Testing

/// keepalived is started on what was rendered, and asked what it has understood.
@Suite(.enabled(if: RealDaemons.found != nil, "\(RealDaemons.reason)"))
struct ReadBackTests {
    private static let start = """
        await() { n=0; until eval "$1"; do n=$((n + 1)); [ $n -lt 1000 ] || { echo "never: $1"; exit 1; }; sleep 0.02; done; }
        unset TMPDIR  # keepalived would write its dump there
        keepalived --dont-fork --log-console --vrrp >/run/log 2>&1 &
        await '[ -s /run/haops-handover.VI_1 ]'

        """

    @Test(arguments: [
        "plain123", "a#b!c", " lead", "trail ", "a{b}c", "{", "}", "$HOME", "pa$$w0rd", "'q'", "@lb1 x",
        "~SEQ(x", "é",
        "!", "#", "include", "a;b|c&d", "<>*?[]^", "1",
    ])
    func `a password arrives as it was meant`(password: String) async throws {
        let files = try render(Topology.lab.cluster) { _ in Secret(password) }[0].files
        let verdict = try await run(
            Self.start + """
                kill -s "$(keepalived --signum=JSON)" "$(cat /run/keepalived.pid)"
                await 'grep -q auth_data /tmp/keepalived.json 2>/dev/null'
                grep -o '"auth_data": *"[^"]*"' /tmp/keepalived.json
                """, files)
        let shown = try #require(verdict.said.split(separator: "\"").last { $0 != "\n" })
        #expect(shown == password)
    }

    @Test func `a check is run with the arguments that a shell would give it`() async throws {
        var cluster = Topology.minimal.cluster
        cluster.keepalived?.scripts = [
            TrackScript(
                name: "touch", run: #"/usr/bin/touch "/run/a b" '/run/c"d' /run/e\ f "/run/g#h!" "/run/{i}""#,
                interval: 1,
                weight: -10)
        ]
        cluster.keepalived?.instances[0].trackScripts = ["touch"]
        let files = try render(cluster) { _ in nil }[0].files
        let verdict = try await run(
            Self.start + "await '[ -e \"/run/{i}\" ]'\ncd /run; printf '%s\\n' [acegh{]*", files)
        #expect(
            verdict.said.split(separator: "\n").filter { !$0.hasPrefix("haops-") } == [
                "a b", "c\"d", "e f", "g#h!", "{i}",
            ])
    }

    /// The number is added to the priority, whichever way the file is written, and taken off again when it goes.
    @Test func `the handover file moves the priority, written in place or renamed`() async throws {
        let files = try Topology.minimal.rendered()[1].files
        let verdict = try await run(
            Self.start + """
                file=/run/haops-handover.VI_1
                stat -c %a $file; cat $file
                echo 51 >$file; await 'grep -q "from 100 to 151" /run/log'
                echo 60 >$file.new; mv $file.new $file; await 'grep -q "from 151 to 160" /run/log'
                echo 9999 >$file; await 'grep -q "from 160 to 254" /run/log'
                kill -HUP $(cat /run/keepalived.pid); await 'grep -q "Reload complete" /run/log'
                rm $file; await 'grep -q "from 254 to 100" /run/log'
                echo -254 >$file; await 'grep -q "Entering FAULT STATE" /run/log'
                echo 0 >$file; await 'grep -q "leaving FAULT state" /run/log'
                echo done
                """, files, arguments: "--log-detail")
        #expect(verdict.said == "600\n0\ndone\n")
    }

    private func run(
        _ script: String, _ files: [RenderedFile], arguments: String = ""
    ) async throws -> RealDaemons.Verdict {
        let daemons = try #require(RealDaemons.found)
        let node = Topology.lab.cluster.nodes[0].id
        return try await daemons.run(
            script.replacing("--vrrp", with: "--vrrp \(arguments)"),
            files: files.map { RealDaemons.File(path: $0.path, contents: $0.contents, mode: $0.mode) },
            interfaces: Topology.lab.cards[node] ?? [:])
    }
}
