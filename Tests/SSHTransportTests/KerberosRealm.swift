import Glibc
import Subprocess
import Testing

/// A Kerberos realm of the test's own: a real KDC on the loopback, the user of this process and `host/localhost` in it.
struct KerberosRealm {
    private let directory: String
    private let kdc: Daemon

    private static let programs = ["krb5kdc", "kdb5_util", "kadmin.local"].map { "/usr/sbin/" + $0 }
    static var isInstalled: Bool {
        (programs + ["/usr/bin/kinit"]).allSatisfy { unsafe access($0, X_OK) == 0 }
    }

    /// Where sshd finds the key of `host/localhost`.
    var keytab: String { directory + "/keytab" }

    /// What a program needs to be a member of this realm, and of no other.
    var environment: [String: String] {
        [
            "KRB5_CONFIG": directory + "/krb5.conf", "KRB5_KDC_PROFILE": directory + "/kdc.conf",
            "KRB5CCNAME": "FILE:" + directory + "/tickets",
        ]
    }

    /// Makes a realm below `directory`, which has to be there, and starts its KDC.
    init(below directory: String) async throws {
        let port = try freePort()
        try write(
            """
            [libdefaults]
              default_realm = HAOPS.TEST
              dns_lookup_kdc = false
              dns_canonicalize_hostname = false
              rdns = false
            [realms]
              HAOPS.TEST = {
                kdc = 127.0.0.1:\(port)
              }
            [domain_realm]
              localhost = HAOPS.TEST

            """, to: directory + "/krb5.conf")
        try write(
            """
            [kdcdefaults]
              kdc_listen = 127.0.0.1:\(port)
              kdc_tcp_listen = 127.0.0.1:\(port)
            [realms]
              HAOPS.TEST = {
                database_name = \(directory)/principals
                key_stash_file = \(directory)/stash
              }

            """, to: directory + "/kdc.conf")
        self.directory = directory
        let variables = ["KRB5_CONFIG", "KRB5_KDC_PROFILE"].map {
            "\($0)=\(directory)/\($0 == "KRB5_CONFIG" ? "krb5.conf" : "kdc.conf")"
        }
        func inRealm(_ arguments: String...) async throws { try await run("env", variables + arguments) }
        try await inRealm("/usr/sbin/kdb5_util", "create", "-s", "-P", "of the master", "-r", "HAOPS.TEST")
        let user = currentUser()
        for query in [
            "addprinc -pw sesame \(user)", "addprinc -randkey host/localhost",
            "ktadd -k \(directory)/keytab host/localhost",
        ] {
            try await inRealm("/usr/sbin/kadmin.local", "-q", query)
        }
        kdc = try Daemon(["env"] + variables + ["/usr/sbin/krb5kdc", "-n"])
        try await poll("the KDC listens") { canConnect(port: port) }
    }

    /// Gets a ticket for the user of this process, as `kinit` does in the morning.
    func logIn() async throws {
        let assignments = environment.map { "\($0.key)=\($0.value)" }
        try await run("env", assignments + ["/bin/sh", "-c", "echo sesame | kinit \(currentUser())"])
    }

    func stop() async { await kdc.stop() }
}
