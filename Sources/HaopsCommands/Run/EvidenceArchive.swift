import FoundationEssentials
import Glibc
import Inventory
import Subprocess

/// An ``EvidenceFolder`` as a file of this machine, readable for its owner alone.
struct EvidenceArchive: Sendable {
    enum Form: Sendable { case tar, page }

    var path: String
    var form: Form

    /// `nil` for a name that says no form.
    init?(path: String) {
        self.path = path
        if path.hasSuffix(".tar.gz") || path.hasSuffix(".tgz") {
            form = .tar
        } else if path.hasSuffix(".html") {
            form = .page
        } else {
            return nil
        }
    }

    /// - Returns: The file's size in bytes.
    /// - Throws: ``Failure``.
    func write(_ folder: EvidenceFolder) async throws -> Int {
        let bytes =
            switch form {
            case .tar: try await Self.packed(folder)
            case .page: Array(folder.page.utf8)
            }
        try WholeFile.write(bytes, to: path, mode: 0o600)
        return bytes.count
    }

    private static let mostBytes = 1 << 30

    /// Packs a copy that nobody else can read and that is removed afterwards.
    private static func packed(_ folder: EvidenceFolder) async throws -> [UInt8] {
        let manager = FileManager.default
        let place =
            manager.temporaryDirectory.path + "/haops-report-\(getpid())-\(UInt32.random(in: .min ... .max))"
        defer { try? manager.removeItem(atPath: place) }
        do {
            try manager.createDirectory(
                atPath: place, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            for file in folder.indexed {
                let path = "\(place)/\(folder.name)/\(file.path)"
                try manager.createDirectory(
                    atPath: String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]),
                    withIntermediateDirectories: true)
                try Data(file.text.utf8).write(to: URL(fileURLWithPath: path))
            }
        } catch {
            throw Failure(.failed, "cannot write below `\(place)`: \(LocalFileError(errno).reason)")
        }
        let result = try? await Subprocess.run(
            .name("tar"), arguments: ["-C", place, "-czf", "-", "--", folder.name],
            output: .bytes(limit: mostBytes), error: .string(limit: 4096))
        guard let result, result.terminationStatus.isSuccess else {
            throw Failure(
                .failed, "tar cannot pack the report: \(result?.standardError ?? "it cannot be started")",
                hint: "-o FILE.html needs no tar")
        }
        return result.standardOutput
    }
}
