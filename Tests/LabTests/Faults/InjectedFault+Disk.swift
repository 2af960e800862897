import HaopsTestSupport
import Remote

extension InjectedFault {
    /// Fills a directory that is a file system of its own since before the run, so that nothing else is full.
    private static func full(_ directory: String, stride: Int) -> InjectedFault {
        let name = directory.replacing("/", with: "-")
        return InjectedFault(
            name: "disk-full\(name)", stride: stride,
            prepare: { place in
                try await place.onNode(
                    """
                    mkdir -p /run/faults/own && mount -t tmpfs -o size=16m,mode=755 own /run/faults/own
                    cp -a \(directory)/. /run/faults/own/ && chmod --reference=\(directory) /run/faults/own
                    mount --bind /run/faults/own \(directory)
                    """)
                return []
            },
            inject: { place in
                try await place.onNode(
                    "dd if=/dev/zero of=\(directory)/.filler bs=64k 2>/dev/null; dd if=/dev/zero of=\(directory)/.filler2 bs=512 2>/dev/null; true"
                )
                return []
            },
            takeBack: { place in
                try await place.onNode(
                    """
                    grep -q ' \(directory) ' /proc/self/mountinfo || exit 0
                    rm -f \(directory)/.filler \(directory)/.filler2
                    umount -l \(directory)
                    (cd /run/faults/own && find . ! -type d | sort) >/run/faults/have
                    (cd \(directory) && find . ! -type d | sort | comm -13 /run/faults/have - | xargs -d '\\n' -r rm -f)
                    (cd /run/faults/own && find . -type d | sort) >/run/faults/have
                    (cd \(directory) && find . -type d | sort | comm -13 /run/faults/have - | xargs -d '\\n' -r rm -rf)
                    cp -a /run/faults/own/. \(directory)/ && umount -l /run/faults/own && rm -rf /run/faults
                    """)
                return []
            })
    }

    /// Full disks, and one that cannot be written.
    static let onTheDisk = [
        full("/etc", stride: 8),
        full("/var/lib/haops", stride: 8),
        full("/tmp", stride: 13),
        ofTheLab("disk-full", stride: 7),
        InjectedFault(
            name: "disk-full-run", stride: 8,
            inject: { place in
                // The machine's /run is a part of the host's memory: it is made small before it is filled.
                try await place.onNode(
                    "mount -o remount,size=$(($(df -k --output=used /run | tail -n 1) + 64))k /run; dd if=/dev/zero of=/run/.filler bs=512 2>/dev/null; true"
                )
                return []
            },
            takeBack: { place in
                try await place.onNode("rm -f /run/.filler; mount -o remount,size=1g /run")
                return []
            }),
        InjectedFault(
            name: "etc-read-only", stride: 7,
            inject: { place in
                try await place.onNode("mount --bind /etc /etc && mount -o remount,bind,ro /etc")
                return []
            },
            takeBack: { place in
                try await place.onNode("umount -l /etc")
                return []
            }),
    ]
}
