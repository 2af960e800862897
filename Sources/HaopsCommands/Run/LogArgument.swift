import Events
import FoundationEssentials
import Glibc
import Inventory
import Subprocess
import Timeline

/// A log file of `--log NODE=FILE`.
struct LogArgument: Sendable {
    var node: String
    var path: String

    /// The most bytes that are read of one file, uncompressed.
    private static let mostBytes = 256 << 20

    init?(_ argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[0].contains("/"), !parts[1].isEmpty else {
            return nil
        }
        (node, path) = (parts[0], parts[1])
    }

    /// The file's lines. Its dates without a year are not after its last change.
    ///
    /// - Throws: ``Failure`` of exit code 64.
    func text() async throws -> LogText {
        guard unsafe access(path, R_OK) == 0 else { throw cannotRead(LocalFileError(errno)) }
        let attributes = (try? FileManager.default.attributesOfItem(atPath: path)) ?? [:]
        let size = (attributes[.size] as? Int) ?? 0
        guard size <= Self.mostBytes else {
            throw Failure(
                .usage, "`\(path)` has more than 256 MiB", hint: "give the part of it that matters")
        }
        let changed = (attributes[.modificationDate] as? Date) ?? Date.now
        let reference = UTCTime(millisecondsSince1970: Int(changed.timeIntervalSince1970 * 1000))
        return LogReader(reference: reference).text(of: try await bytes())
    }

    private func bytes() async throws -> [UInt8] {
        guard path.hasSuffix(".gz") else {
            do throws(LocalFileError) {
                return try LocalFile(path: path, limit: Self.mostBytes).bytes
            } catch {
                throw cannotRead(error)
            }
        }
        let unpacked = try? await Subprocess.run(
            .name("gzip"), arguments: ["-dc", "--", path], output: .bytes(limit: Self.mostBytes),
            error: .discarded)
        guard let unpacked, unpacked.terminationStatus.isSuccess else {
            throw Failure(
                .usage, "cannot unpack `\(path)`", hint: "it is to be what gzip has made, of 256 MiB at most")
        }
        return unpacked.standardOutput
    }
    private func cannotRead(_ error: LocalFileError) -> Failure {
        Failure(
            .usage, "cannot read `\(path)`: \(error.reason)", hint: "the log of \(node) is to be a file here")
    }
}
