import Facts
import Testing

@testable import Checks

/// What a script does to keepalived and haproxy.
@Suite struct ServiceCommandTests {
    private func found(_ text: String) -> [String] {
        ServiceCommand.all(in: text).map { "\($0.action) \($0.daemon.rawValue)" }
    }

    @Test(arguments: [
        ("systemctl stop keepalived", "stops keepalived"),
        ("/usr/bin/systemctl --no-block stop keepalived.service", "stops keepalived"),
        ("[ -z \"$x\" ] && service keepalived stop", "stops keepalived"),
        ("if ! pidof haproxy; then /etc/init.d/keepalived stop; fi", "stops keepalived"),
        ("killall keepalived", "stops keepalived"), ("pkill -9 -x keepalived", "stops keepalived"),
        ("kill -9 $(pidof keepalived)", "stops keepalived"), ("kill `cat /run/haproxy.pid`", "stops haproxy"),
        ("sudo -n systemctl restart haproxy", "restarts haproxy"),
        ("timeout 5 systemctl start haproxy", "starts haproxy"),
        ("sh -c \"systemctl stop haproxy\"", "stops haproxy"),
        ("systemctl disable --now haproxy", "stops haproxy"),
        ("case $3 in BACKUP) systemctl stop haproxy ;; esac", "stops haproxy"),
    ])
    func `a command that changes a service is found`(text: String, what: String) {
        #expect(found(text) == [what])
    }

    @Test(arguments: [
        "killall -0 haproxy", "pkill -0 keepalived", "kill -0 $(pidof haproxy)",
        "kill -HUP $(cat /run/keepalived.pid)",
        "pkill --signal HUP haproxy", "systemctl is-active haproxy", "systemctl reload haproxy",
        "# systemctl stop keepalived", "systemctl stop nginx", "systemctl disable haproxy",
        "logger 'systemctl stop keepalived'", "pidof haproxy", "kill $$", "systemctl", "service", "kill",
    ])
    func `a command that only asks is not`(text: String) { #expect(found(text) == []) }
}
