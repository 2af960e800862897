import HaopsTestSupport
import Remote

extension InjectedFault {
    private enum Misbehaviour: String, CaseIterable {
        case rubbish, hangs, fails

        /// `$real` is the program itself.
        var script: String {
            switch self {
            case .rubbish: "head -c 4000 /dev/urandom; printf '\\033]0;x\\007 %s\\n' '$(reboot)'; exit 0"
            case .hangs: "exec sleep 600"
            case .fails: "echo 'Segmentation fault' >&2; exit 139"
            }
        }
    }

    private static func tool(_ program: String, _ how: Misbehaviour, when: String = "", stride: Int)
        -> InjectedFault
    {
        InjectedFault(
            name: "\(program)\(when.isEmpty ? "" : when.replacing(" ", with: ""))-\(how.rawValue)",
            stride: stride,
            hangsSteps: how == .hangs,
            mayLeave: program == "systemctl" ? ["haops-revert-", "haops-handover-"] : [],
            isLong: how == .hangs, options: ["--command-timeout", "8"],
            inject: { place in
                let script =
                    when.isEmpty
                    ? how.script
                    : "case \" $* \" in *\" \(when) \"*) \(how.script) ;; *) exec \"$real\" \"$@\" ;; esac"
                try await place.replace(program, script)
                return []
            },
            takeBack: { place in
                try await place.putBack(program)
                return []
            })
    }

    /// Programs on the nodes that print rubbish, hang, or exit oddly; sudo; package managers.
    static let onTheTools =
        Misbehaviour.allCases.flatMap { how in
            [
                tool("ip", how, stride: 11), tool("systemctl", how, stride: 11),
                tool("keepalived", how, when: "-t", stride: 15),
            ]
        } + [
            InjectedFault(
                name: "sudo-asks", stride: 9, options: ["--user", "deploy"],
                inject: { place in
                    try await place.onNode(
                        "cp -a /etc/sudoers.d /run/sudoers.before && sed -i 's/NOPASSWD://' /etc/sudoers.d/* && rm -rf /run/sudo"
                    )
                    return []
                },
                takeBack: { place in
                    try await place.onNode(
                        "[ ! -d /run/sudoers.before ] || { cp -a /run/sudoers.before/. /etc/sudoers.d/ && rm -rf /run/sudoers.before; }"
                    )
                    return []
                }),
            packageLock("package-lock-5s", for: 5, fits: ["lock", "stage"]),
            packageLock("package-lock-60s", for: 60, fits: ["lock", "install"]),
        ]

    private static func packageLock(_ name: String, for seconds: Int, fits stages: [String]) -> InjectedFault
    {
        InjectedFault(
            name: name, stride: 1, isLong: seconds > 10,
            fits: { scenario, step in scenario == .applyInstall && stages.contains(step.stage) },
            inject: { place in
                // struct flock of x86-64 and arm64; F_SETLK is 6, F_WRLCK is 1.
                try await place.onNode(
                    """
                    setsid perl -e 'open F, ">>/var/lib/dpkg/lock-frontend"; \
                    fcntl(F, 6, pack("s s x4 q q l x4", 1, 0, 0, 0, 0)) or die $!; sleep \(seconds)' </dev/null >/dev/null 2>&1 &
                    """)
                return []
            })
    }
}

extension InjectedFault.Place {
    private func path(_ program: String) -> String { "$(readlink -f \"$(command -v \(program))\")" }

    /// Has a shell script run in a program's stead, which finds that program as `$real`. The program keeps its name, by which haops
    /// knows a daemon.
    func replace(_ program: String, _ script: String) async throws {
        let quoted = script.replacing("'", with: "'\\''")
        try await onNode(
            """
            real=\(path(program)); mkdir -p /run/faults/real && cp "$real" /run/faults/real/\(program)
            printf '%s\\n' '#!/bin/sh' real=/run/faults/real/\(program) '\(quoted)' >/run/faults/\(program)
            chmod 755 /run/faults /run/faults/\(program) && mount --bind /run/faults/\(program) "$real"
            """)
    }

    /// A daemon that was started meanwhile goes on to run, so that its program stays where it is.
    func putBack(_ program: String) async throws {
        // A machine that was rebooted meanwhile has it back already.
        _ = try await lab.console(
            node,
            "real=\(path(program)); while umount \"$real\" 2>/dev/null; do :; done; pkill -x -f 'sleep 600'; rm -f /run/faults/\(program)"
        )
    }
}
