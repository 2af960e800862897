/// What kind of machine answers, and what its clock says.
package struct SystemInfo: Hashable, Sendable {
    package enum ServiceManager: String, Sendable { case systemd, initScripts }
    package enum PackageManager: String, Sendable { case apt, dnf, yum, zypper, apk }

    package var hostname: String
    /// What `@` lines of keepalived.conf are compared with where keepalived is not told otherwise.
    package var shortHostname: String { String(hostname.prefix { $0 != "." }) }
    /// `ID` of os-release: `debian`, `rocky`…
    package var distribution: String?
    package var serviceManager: ServiceManager
    package var packageManager: PackageManager?
    /// Seconds since 1970 on the machine's own clock.
    package var now: Int
    package var isRoot: Bool
    /// Where keepalived's arguments live: the first of the two that the distribution uses.
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
        echo "hostname=$(uname -n)"
        echo "now=$(date +%s)"
        echo "uid=$(id -u)"
        [ -d /run/systemd/system ] && echo systemd=1
        [ -d /etc/sysconfig ] && echo sysconfig=1
        for p in apt-get dnf yum zypper apk; do command -v "$p" >/dev/null && { echo "package=$p"; break; }; done
        sed -n 's/^ID=/distribution=/p' /etc/os-release
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> SystemInfo {
        let values = output.keyedValues
        guard let now = values["now"].flatMap({ Int($0) }) else {
            throw .unreadable(fact: Self.name, cause: "no clock")
        }
        let packages: [String: SystemInfo.PackageManager] = [
            "apt-get": .apt, "dnf": .dnf, "yum": .yum, "zypper": .zypper, "apk": .apk,
        ]
        return SystemInfo(
            hostname: values["hostname"] ?? "",
            distribution: values["distribution"].map { $0.filter { $0 != "\"" } },
            serviceManager: values["systemd"] == "1" ? .systemd : .initScripts,
            packageManager: values["package"].flatMap { packages[$0] }, now: now,
            isRoot: values["uid"] == "0",
            usesSysconfig: values["sysconfig"] == "1")
    }
}

extension SectionOutput {
    /// Lines of `key=value`; the last of equal keys wins.
    package var keyedValues: [String: String] {
        var values: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        }
        return values
    }
}
