/// The kind of machine that answers, and its clock.
package struct SystemInfo: Hashable, Sendable {
    package enum ServiceManager: String, Sendable { case systemd, initScripts }
    package enum PackageManager: String, Sendable { case apt, dnf, yum, zypper, apk }

    package var hostname: String
    /// The word that `@` lines of keepalived.conf are compared with, unless keepalived was started with another.
    package var shortHostname: String { String(hostname.prefix { $0 != "." }) }
    /// `ID` of os-release: `debian`, `rocky`…
    package var distribution: String?
    package var serviceManager: ServiceManager
    package var packageManager: PackageManager?
    /// Seconds since 1970 on the machine's own clock.
    package var now: Int
    package var isRoot: Bool
    /// Whether keepalived's arguments are in /etc/sysconfig instead of /etc/default.
    package var usesSysconfig: Bool

    package init(
        hostname: String, distribution: String? = nil, serviceManager: ServiceManager = .systemd,
        packageManager: PackageManager? = nil, now: Int, isRoot: Bool = true, usesSysconfig: Bool = false
    ) {
        self.hostname = hostname
        self.distribution = distribution
        self.serviceManager = serviceManager
        self.packageManager = packageManager
        self.now = now
        self.isRoot = isRoot
        self.usesSysconfig = usesSysconfig
    }
}

package struct SystemFact: Fact {
    package static let name = "system"

    package init() {}

    package let script = """
        read -r name </proc/sys/kernel/hostname || name=$(uname -n)
        echo "hostname=$name"
        echo "now=$(date +%s)"
        echo "uid=${uid-$(id -u)}"
        [ -d /run/systemd/system ] && echo systemd=1
        [ -d /etc/sysconfig ] && echo sysconfig=1
        m=
        for p in apt-get dnf yum zypper apk; do command -v "$p" >/dev/null && m="$m $p"; done
        echo "managers=$m"
        while IFS= read -r line || [ -n "$line" ]; do
          case $line in
            ID=*) echo "distribution=${line#*=}" ;;
            ID_LIKE=*) echo "like=${line#*=}" ;;
          esac
        done </etc/os-release
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> SystemInfo {
        let values = output.keyedValues
        guard let now = values["now"].flatMap({ Int($0) }) else {
            throw .unreadable(fact: Self.name, cause: "the machine does not report its time")
        }
        let kin = [values["distribution"], values["like"]].compactMap(\.self).map(Self.unquoted)
            .flatMap { $0.split(separator: " ").map(String.init) }
        let managers = (values["managers"] ?? "").split(separator: " ")
            .compactMap { Self.managers[String($0)] }
        let own = Self.families.first { $0.names.contains(where: kin.contains) }?.managers ?? []
        return SystemInfo(
            hostname: values["hostname"] ?? "",
            distribution: values["distribution"].map(Self.unquoted),
            serviceManager: values["systemd"] == "1" ? .systemd : .initScripts,
            packageManager: own.first(where: managers.contains) ?? managers.first, now: now,
            isRoot: values["uid"] == "0",
            usesSysconfig: values["sysconfig"] == "1" && !own.contains(.apt))
    }

    private static func unquoted(_ value: String) -> String { value.filter { $0 != "\"" && $0 != "'" } }

    private static let managers: [String: SystemInfo.PackageManager] = [
        "apt-get": .apt, "dnf": .dnf, "yum": .yum, "zypper": .zypper, "apk": .apk,
    ]

    /// The package manager of a distribution, by `ID` and `ID_LIKE` of os-release. Other managers may be installed
    /// there as well: Fedora has an `apt` and a `dpkg`, openSUSE a `dnf`, and Debian all but yum.
    private static let families: [(names: [String], managers: [SystemInfo.PackageManager])] = [
        (["debian", "ubuntu"], [.apt]), (["suse", "opensuse"], [.zypper]), (["alpine"], [.apk]),
        (["fedora", "rhel", "centos"], [.dnf, .yum]),
    ]
}

extension SectionOutput {
    /// Parses lines of `key=value`; the last of equal keys wins.
    package var keyedValues: [String: String] {
        var values: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        }
        return values
    }
}
