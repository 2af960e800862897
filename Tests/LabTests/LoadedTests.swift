import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// Daemons are asked what they run: a reload that was told is none that was done, and what was never judged is not
    /// loaded by the way.
    @Suite struct LoadedTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        private static let config = "/etc/haproxy/haproxy.cfg"

        /// Puts a changed haproxy.cfg on a node, lets haproxy try it, and puts the old one back in the end.
        private func whileHAProxyRefuses(
            _ expression: String, on node: String, prepare: String = "true", clean: String = "true",
            _ body: () async throws -> Void
        ) async throws {
            let refused = """
                cp -p \(Self.config) /root/good.cfg && \(prepare) && sed -i '\(expression)' \(Self.config) &&
                  systemctl reload haproxy
                """
            let answer = try await lab.console(node, refused)
            #expect(answer.status == .code(0), "\(answer.everything)")
            let back = "\(clean); cp -p /root/good.cfg \(Self.config) && systemctl reload haproxy"
            do {
                try await lab.eventually(
                    "journalctl -q --no-pager -u haproxy -n 12 | grep -q 'Loading failure'", on: node)
                try await body()
            } catch {
                _ = try? await lab.console(node, back)
                throw error
            }
            let restored = try await lab.console(node, back)
            #expect(restored.status == .code(0), "\(restored.everything)")
        }

        @Test func `a configuration that haproxy refuses is put back`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await pair.files(of: "lb2")
            let changed = try pair.changed(
                (
                    "    haproxy:\n",
                    "    haproxy:\n      extra: { global: \"stats socket /nonexistent-dir/x.sock\" }\n"
                ))
            let applied = try await changed.haops("apply", "--yes")
            #expect(applied.status == .code(1), "\(applied.everything)")
            #expect(applied.everything.contains("haproxy has not taken"), "\(applied.everything)")
            #expect(applied.everything.contains("/nonexistent-dir/x.sock"), "\(applied.everything)")
            #expect(try await pair.files(of: "lb2") == before)
            // The old file is what a restart would load, and what runs.
            try await lab.eventually("systemctl restart haproxy && systemctl is-active -q haproxy", on: "lb2")
            try await pair.expect(0, "plan", "--detailed-exitcode")
            try await pair.isWell()
        }

        @Test func `a port that somebody else has is no configuration that runs`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let listener = """
                systemd-run -q --unit=foreign perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0); \
                setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1); bind(S, sockaddr_in(81, INADDR_ANY)) or die; \
                listen(S, 5); sleep 600' && for i in 1 2 3 4 5 6 7 8 9; do ss -Hltn 'sport = 81' | grep -q . && break; sleep 0.1; done
                """
            try await whileHAProxyRefuses(
                "s/bind 203.0.113.50:80/bind 203.0.113.50:81/", on: "lb2", prepare: listener,
                clean: "systemctl stop foreign"
            ) {
                let doctor = try await pair.haops("doctor")
                #expect(
                    doctor.status == .code(5) && doctor.text.contains("haproxy-not-loaded"),
                    "\(doctor.everything)")
                let restarted = try await pair.haops("restart", "haproxy", "--yes", "--accept-problems")
                #expect(restarted.status == .code(3), "\(restarted.everything)")
                #expect(restarted.everything.contains("is taken by"), "\(restarted.everything)")
                try await lab.eventually("systemctl is-active -q haproxy", on: "lb2")
            }
            try await pair.isWell()
        }

        @Test func `what is written and refused is said by status and plan`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.changed(
                (
                    "    haproxy:\n",
                    "    haproxy:\n      extra: { global: \"stats socket /nonexistent-dir/x.sock\" }\n"
                ))
            try await whileHAProxyRefuses(
                "s|^    daemon|    daemon\\n    stats socket /nonexistent-dir/x.sock|", on: "lb2"
            ) {
                let status = try await changed.haops("status")
                #expect(status.text.contains("written, not loaded"), "\(status.everything)")
                let plan = try await changed.haops("plan", "--detailed-exitcode")
                #expect(
                    plan.status == .code(2) && plan.text.contains("/nonexistent-dir/x.sock"),
                    "\(plan.everything)")
            }
            try await pair.expect(0, "plan", "--detailed-exitcode")
        }

        @Test func `a reload is not forgotten with systemd's own`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            // Written anew as it was, so that only the reload makes it loaded.
            let script = """
                until [ "$(ps -C haproxy,keepalived -o etimes= | sort -n | head -n 1)" -gt 3 ]; do sleep 0.1; done
                for f in \(Self.config) /etc/keepalived/keepalived.conf; do touch $f; done
                systemctl reload haproxy keepalived && systemctl daemon-reload &&
                  systemctl show -p ExecReload keepalived | grep -q 'start_time=\\[n/a\\]'
                """
            let answer = try await lab.console("lb2", script)
            #expect(answer.status == .code(0), "\(answer.everything)")
            try await pair.expect(0, "plan", "--detailed-exitcode")
            let status = try await pair.haops("status")
            #expect(!status.text.contains("not loaded"), "\(status.everything)")
            let doctor = try await pair.haops("doctor")
            #expect(doctor.status == .code(0) && !doctor.text.contains("not-loaded"), "\(doctor.everything)")
        }

        @Test func `nobody is made to take the address of a machine`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let hostile = """
                cp -p /etc/keepalived/keepalived.conf /root/good.conf &&
                cat >>/etc/keepalived/keepalived.conf <<'EOF'
                vrrp_instance VI_X {
                  state BACKUP
                  interface eth0
                  virtual_router_id 77
                  priority 200
                  virtual_ipaddress {
                    198.51.100.11/24 dev eth0
                  }
                }
                EOF
                """
            let written = try await lab.console("lb2", hostile)
            #expect(written.status == .code(0), "\(written.everything)")
            do {
                let nodes = "198.51.100.11,198.51.100.12"
                for arguments in [
                    ["lint", "--nodes", nodes], ["fix", "--yes", "--nodes", nodes],
                    ["restart", "keepalived", "--yes"], ["restart", "keepalived", "--yes", "--nodes", nodes],
                ] {
                    let output = try await pair.haops(arguments[0], Array(arguments.dropFirst()))
                    let refused = arguments[0] == "lint" ? 5 : 3
                    #expect(output.status == .code(refused), "\(arguments): \(output.everything)")
                    #expect(output.everything.contains("198.51.100.11"), "\(arguments): \(output.everything)")
                    #expect(!output.everything.contains("/etc/network/interfaces"), "\(output.everything)")
                }
                let doctor = try await pair.haops("doctor")
                #expect(doctor.status == .code(5), "\(doctor.everything)")
                #expect(doctor.text.contains("vip-machine-address"), "\(doctor.everything)")
                try await lab.eventually("! ip -o address | grep -q 198.51.100.11/", on: "lb2")
            } catch {
                _ = try? await lab.console("lb2", "mv /root/good.conf /etc/keepalived/keepalived.conf")
                throw error
            }
            _ = try await lab.console("lb2", "mv /root/good.conf /etc/keepalived/keepalived.conf")
            try await pair.expect(0, "plan", "--detailed-exitcode")
        }
    }
}
