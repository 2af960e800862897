import Testing

/// Everything that is asked of a real sshd. One after the other: each test runs servers and clients of its own, and
/// logins that wait for each other's processors would measure the machine and not the code.
@Suite(
    .serialized,
    .enabled(if: SSHServer.isInstalled, "needs /usr/sbin/sshd (package openssh-server)"))
enum RealServerTests {}
