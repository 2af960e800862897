/// A service's state, as the machine's service manager reports it.
package struct ServiceState: Hashable, Sendable {
    /// Whether the service manager has a unit or script for it.
    package var isInstalled: Bool
    package var isRunning: Bool
    /// Whether it starts at boot; `nil` if not known.
    package var isEnabled: Bool?
    /// Whether systemd uses older unit files than those on disk, until its next `daemon-reload`.
    package var needsReload = false
    /// Which of its processes systemd signals when it stops the service (systemd.kill(5)): `control-group`, `mixed`,
    /// `process`, `none`; `nil` without systemd.
    package var killMode: String?
    /// The service manager's own text: `active (running)`, `failed (exit-code)`.
    package var detail: String

    package init(isInstalled: Bool = true, isRunning: Bool, isEnabled: Bool? = nil, detail: String) {
        self.isInstalled = isInstalled
        self.isRunning = isRunning
        self.isEnabled = isEnabled
        self.detail = detail
    }
}

/// keepalived and haproxy under systemd, or under init scripts on machines without systemd.
package struct ServicesFact: Fact {
    package static let name = "services"
    package static let services = ["keepalived", "haproxy"]

    package init() {}

    /// Init scripts are not asked: Debian's for keepalived does not support `status`, and ends with 0 without a
    /// configuration.
    package let script = """
        \(DaemonProcesses.function)
        if [ -d /run/systemd/system ]; then
          # One command for both: their answers have an empty line between them.
          echo service=keepalived
          systemctl show -p LoadState,ActiveState,SubState,UnitFileState,Result,NeedDaemonReload,KillMode keepalived.service haproxy.service |
            while IFS= read -r line; do echo "${line:-service=haproxy}"; done
        else
          for s in keepalived haproxy; do
            echo "service=$s"
            if [ -x "/etc/init.d/$s" ]; then
              echo LoadState=loaded
              if [ -n "$(processes_of "$s")" ]; then echo ActiveState=active; else echo ActiveState=inactive; fi
              ls /etc/rc[2-5].d/S??"$s" /etc/runlevels/default/"$s" | grep -q . && echo UnitFileState=enabled || echo UnitFileState=disabled
            else
              echo LoadState=not-found
            fi
          done
        fi
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> [String: ServiceState] {
        var states: [String: ServiceState] = [:]
        let blocks = output.text.split(separator: "service=")
        for block in blocks {
            let lines = block.split(whereSeparator: \.isNewline)
            guard let service = lines.first.map(String.init), Self.services.contains(service) else {
                continue
            }
            let values = SectionOutput(lines.dropFirst().joined(separator: "\n")).keyedValues
            let active = values["ActiveState"] ?? "unknown"
            let sub = values["SubState"].map { " (\($0))" } ?? ""
            let enabled: Bool? = values["UnitFileState"].flatMap {
                $0.isEmpty ? nil : $0.hasPrefix("enabled")
            }
            var state = ServiceState(
                isInstalled: values["LoadState"] == "loaded",
                isRunning: active == "active" || active == "reloading",
                isEnabled: enabled, detail: active + sub)
            state.needsReload = values["NeedDaemonReload"] == "yes"
            state.killMode = values["KillMode"].flatMap { $0.isEmpty ? nil : $0 }
            states[service] = state
        }
        guard !states.isEmpty else {
            throw .unreadable(fact: Self.name, cause: "the service manager does not answer")
        }
        return states
    }
}
