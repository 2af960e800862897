import HaopsTestSupport
import Remote
import Testing

/// A balancer that becomes a machine of Red Hat's or SUSE's kind: their package managers, and the files by which
/// programs tell what distribution they are on.
///
/// The managers are Debian's builds of them, from the machine's own disk. `lab reset` undoes it all.
struct RPMMachine {
    var node: String
    var kind: Kind

    enum Kind {
        /// As Red Hat's clones since release 8.
        case dnf
        /// As Red Hat's clones before: the same program by its older name, and no other.
        case yum
        /// As openSUSE, on which somebody has installed Debian's tools too, with one repository that is gone.
        case zypper
    }

    /// Removes what Debian installed, and makes another manager the machine's own. What that knows of its repository
    /// is older than the packages in it.
    func make(on lab: LabFixture) async throws {
        let script = """
            set -e
            exec >/tmp/made 2>&1
            apt-get -qq -y purge keepalived haproxy
            apt-get -qq -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io \\
              install rpm createrepo-c \(kind == .zypper ? "zypper" : "dnf")
            install -d /etc/sysconfig /etc/yum.repos.d /etc/zypp/repos.d /etc/rpm /etc/products.d /srv/lab
            echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros.lab
            rm /etc/os-release
            printf '%s\\n' \(release) >/etc/os-release
            printf '%s\\n' '[lab]' name=lab baseurl=file:///srv/lab enabled=1 gpgcheck=0 >\(repositoryFile)
            createrepo_c --quiet /srv/lab
            \(rest)
            rm -r /srv/lab/repodata
            cp -a /srv/rpms/. /srv/lab
            """
        let made = try await lab.console(node, script)
        guard made.status.isSuccess else {
            let log = try await lab.console(node, "tail -20 /tmp/made")
            throw LabFixture.Failure.failed(command: "make a machine of \(kind) of \(node)", output: log)
        }
    }

    var repositoryFile: String {
        kind == .zypper ? "/etc/zypp/repos.d/lab.repo" : "/etc/yum.repos.d/lab.repo"
    }

    private var release: String {
        switch kind {
        case .dnf: #"'ID="rocky"' 'ID_LIKE="rhel centos fedora"'"#
        case .yum: #"'ID="centos"' 'ID_LIKE="rhel fedora"'"#
        case .zypper: #"'ID="opensuse-leap"' 'ID_LIKE="suse opensuse"'"#
        }
    }

    private var rest: String {
        let dnf = """
            dnf -q makecache
            for f in apt-get dpkg dpkg-query; do mv /usr/bin/$f /usr/bin/$f.hidden; done
            """
        return switch kind {
        case .dnf: dnf
        case .yum: dnf + "\nmv /usr/bin/dnf /usr/bin/yum"
        case .zypper:
            #"""
            : >/var/lib/dpkg/status
            zypper --non-interactive --quiet refresh
            printf '%s\n' '[gone]' name=gone baseurl=file:///srv/gone enabled=1 autorefresh=1 \
              >/etc/zypp/repos.d/gone.repo
            """#
        }
    }
}
