import HaopsTestSupport
import Testing

/// A known_hosts and a ssh_config that are broken in every way; `fuzz/run known-hosts` and `fuzz/run ssh-config` go further.
struct BrokenTrustFilesTests {
    private static let knownHosts = """
        # comment
        lb1,198.51.100.11 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEWCE+3G2zDVC7DCLu3Jvzn0Emx4CRR0FKXLmxqmTHTm x
        [lb1]:2222 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==
        |1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa AAAA1234
        @revoked * ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEWCE+3G2zDVC7DCLu3Jvzn0Emx4CRR0FKXLmxqmTHTm
        @cert-authority *.example.net,!lb9 ssh-rsa AAAA
        *,!lb2 ecdsa-sha2-nistp256 AAAA\t

        """
    private static let configuration = """
        Include "conf d/*" ~/x %d/y
        Host lb? !lb2 "a b"
            HostKeyAlias=lb1
            StrictHostKeyChecking accept-new
        Match final host lb1 exec "true"
            GSSAPIDelegateCredentials yes
        HashKnownHosts yes
        UserKnownHostsFile 'a' "b
        """

    @Test(arguments: [1, 2] as [UInt64])
    func `no bytes make a machine known, and none crash the scan`(seed: UInt64) {
        var random = HostileTexts(seed: seed)
        for (whole, read) in [
            (Self.knownHosts, TrustInput.readKnownHosts), (Self.configuration, TrustInput.scan),
        ] {
            read(Array(whole.utf8))
            for _ in 0..<400 { read(random.broken(Array(whole.utf8))) }
        }
    }
}
