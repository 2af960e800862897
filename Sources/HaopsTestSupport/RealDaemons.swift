import FoundationEssentials
import Glibc
import Subprocess

/// Runs the real keepalived and haproxy of a Debian root on rendered files, in separate mount and network
/// namespaces with an overlay over the root. Neither the host nor the root is changed.
package struct RealDaemons: Sendable {
    /// The Debian root that contains them.
    package let root: String

    /// A file to put into the root.
    package struct File: Sendable {
        package var path: String
        package var contents: [UInt8]
        package var mode: Int

        package init(path: String, contents: [UInt8], mode: Int) {
            self.path = path
            self.contents = contents
            self.mode = mode
        }
    }

    /// A program's output, standard output and standard error together, and its status.
    package struct Verdict: Hashable, Sendable {
        package var status: Int
        package var said: String
    }

    /// The root of `$HAOPS_LAB_IMAGE`, or one that the lab has built; `nil` when there is none or namespaces
    /// cannot be created.
    package static let found: RealDaemons? = {
        guard geteuid() == 0 else { return nil }
        let files = FileManager.default
        let cache = "/var/lib/haops-lab"
        let built = ((try? files.contentsOfDirectory(atPath: cache)) ?? [])
            .filter { $0.hasPrefix("image-") && !$0.contains(".") }.sorted().map { "\(cache)/\($0)" }
        let candidates = [ProcessInfo.processInfo.environment["HAOPS_LAB_IMAGE"]].compactMap { $0 } + built
        return candidates.first {
            files.isExecutableFile(atPath: $0 + "/usr/sbin/keepalived")
                && files.isExecutableFile(atPath: $0 + "/usr/sbin/haproxy")
        }.map(RealDaemons.init)
    }()

    /// For a test's `enabled(if:)`.
    package static let reason: String =
        "needs root, and a Debian root with keepalived and haproxy: `lab/lab up`, or HAOPS_LAB_IMAGE"

    /// Runs a shell script, as root, inside the root with `files` put into it.
    ///
    /// - Parameters:
    ///   - script: For the root's own `/bin/sh`.
    ///   - files: Put in place before it starts.
    ///   - interfaces: The namespace's network interfaces with their addresses: `["eth0": ["198.51.100.11/24"]]`.
    /// - Returns: The script's output and status; -1 if a signal ended it.
    /// - Throws: When a file cannot be written here, or `unshare` cannot be started.
    package func run(
        _ script: String, files: [File], interfaces: [String: [String]]
    ) async throws -> Verdict {
        let stage = FileManager.default.temporaryDirectory.path + "/haops-daemons-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: stage) }
        for file in files {
            let path = "\(stage)/upper\(file.path)"
            try Self.makeDirectory(of: path)
            try Data(file.contents).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: file.mode], ofItemAtPath: path)
        }
        try Self.makeDirectory(of: "\(stage)/work/.")
        try Self.makeDirectory(of: "\(stage)/root/.")
        let cards = interfaces.sorted { $0.key < $1.key }.map { name, addresses in
            // A kernel may lack dummy interfaces; veth pairs are always available.
            "ip link add \(name) type veth peer name \(name)p && ip link set \(name)p up && ip link set \(name) up"
                + addresses.map { "\nip addr add \($0) dev \(name)" + ($0.contains(":") ? " nodad" : "") }
                .joined()
        }
        let outer = """
            set -e
            mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
            mount -t tmpfs -o mode=755 tmpfs "$2/root/run"
            mount -t proc proc "$2/root/proc"
            ip link set lo up
            \(cards.joined(separator: "\n"))
            exec chroot "$2/root" /bin/sh -c "$3" 2>&1
            """
        let result = try await Subprocess.run(
            .name("unshare"),
            arguments: [
                "--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", outer, "sh", root, stage,
                script,
            ],
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let status = if case .exited(let code) = result.terminationStatus { Int(code) } else { -1 }
        return Verdict(status: status, said: result.standardOutput + result.standardError)
    }

    private static func makeDirectory(of path: String) throws {
        guard let slash = path.lastIndex(of: "/") else { return }
        try FileManager.default.createDirectory(
            atPath: String(path[..<slash]), withIntermediateDirectories: true)
    }
}
