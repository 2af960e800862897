import Testing

@testable import Rollout

@Suite struct DaemonArgumentsTests {
    private func arguments(_ text: String) -> DaemonArguments { DaemonArguments(Array(text.utf8)) }

    @Test func `comments, quotes and blanks change nothing`() {
        #expect(arguments("# mine\nDAEMON_ARGS=\"--vrrp -D\"\n") == arguments("DAEMON_ARGS='--vrrp  -D'"))
    }

    @Test func `no file is no arguments`() {
        #expect(arguments("") == arguments("# theirs\nDAEMON_ARGS=\"\"\n"))
    }

    @Test func `other arguments, other variables and lines for a shell are a difference`() {
        for text in [
            "DAEMON_ARGS=\"--vrrp\"", "DAEMON_ARGS=\"-D\"\nTMPDIR=/run", "DAEMON_ARGS=\"-D\"\nulimit -n 5",
        ] {
            #expect(arguments("DAEMON_ARGS=\"-D\"") != arguments(text))
        }
    }
}
