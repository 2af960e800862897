import FoundationEssentials
import Glibc
import Inventory

/// Writes files of this machine as a whole: nobody reads half of one, and one with a secret is never readable for
/// others, not even briefly.
enum WholeFile {
    /// Writes a new file beside `path`, readable for its owner alone, and renames it over the old one.
    ///
    /// - `mode`: the permission bits that the file has in the end.
    /// - `owner`: the owner and group that the file has in the end; `nil` leaves the user's own.
    /// - Throws: ``Failure`` with the cause.
    static func write(
        _ bytes: some Sequence<UInt8>, to path: String, mode: mode_t,
        owner: (user: uid_t, group: gid_t)? = nil
    ) throws {
        let temporary = path + ".haops-new"
        func cannotWrite() -> Failure {
            let reason = LocalFileError(errno).reason
            _ = unsafe unlink(temporary)
            return Failure(.failed, "cannot write `\(path)`: \(reason)")
        }
        _ = unsafe unlink(temporary)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw cannotWrite() }
        defer { close(descriptor) }
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { throw cannotWrite() }
            rest = rest.dropFirst(count)
        }
        if let owner, fchown(descriptor, owner.user, owner.group) != 0 { throw cannotWrite() }
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0, unsafe rename(temporary, path) == 0
        else {
            throw cannotWrite()
        }
    }
}
