import Facts
import Keepalived

extension DoctorNode {
    var processes: [DaemonProcess] { after?.known(ProcessesFact.self) ?? [] }

    /// "pid 812 of haproxy.service", "pid 990 with -f /root/old.cfg, not of a unit (in /system.slice/ssh.service)".
    func words(of process: DaemonProcess) -> String {
        let files = process.configurationFiles
        let file = files.isEmpty ? "" : " with -f \(joined(files))"
        let home = process.unit.map { " of \($0)" } ?? ", not of a unit"
        let origin = process.unit == nil && !process.cgroup.isEmpty ? " (in \(process.cgroup))" : ""
        return "pid \(process.pid)\(file)\(home)\(origin)"
    }

    func evidence(of process: DaemonProcess) -> Evidence {
        let pidFile = process.pidFile.map { ", pid file \($0)" } ?? ""
        return Evidence(
            .kernel, on: name,
            "\(process.daemon.rawValue) \(words(of: process)), state \(process.state)\(pidFile)")
    }

    /// The command that ends a process which is not its unit's main one.
    func command(ending process: DaemonProcess, besides other: DaemonProcess?) -> String {
        if let unit = process.unit, unit != other?.unit { return "systemctl disable --now \(unit)" }
        return "kill \(process.pid)"
    }

    /// Which of several processes is the machine's regular one: that of the package's unit, else of any unit.
    func regular(of processes: [DaemonProcess]) -> DaemonProcess? {
        processes.first { $0.unit == "\($0.daemon.rawValue).service" } ?? processes.first { $0.unit != nil }
            ?? processes.first
    }

    /// The configuration of a keepalived beside the machine's own.
    func configuration(of process: DaemonProcess) -> Configuration? {
        let evidence = before?.known(ConfigurationFilesFact.self)
        return evidence?.configuration(
            at: process.configurationFiles.last ?? ConfigurationEvidence.usualMainFile,
            on: before?.known(SystemFact.self), version: version)
    }
}
