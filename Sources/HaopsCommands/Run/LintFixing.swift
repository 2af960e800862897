import Checks
import FoundationEssentials
import Glibc
import Inventory
import Rendering

/// Writes the fixes of `lint --fix` into the operator's files: shows them, asks, and replaces each file as a whole.
struct LintFixing {
    let consent: ConsentFlags
    let console: Console
    /// Whether the answer is for people, so that the differences belong to it.
    let isForPeople: Bool

    /// - Returns: whether files were written.
    /// - Throws: ``Failure`` when the operator does not agree, or a file cannot be written.
    func write(_ fixes: [LintFix], read: [String: [UInt8]]) async throws -> Bool {
        var agreed: [LintFix] = []
        for fix in fixes {
            guard fix.isAsked, !consent.dryRun else {
                agreed.append(fix)
                continue
            }
            show("\(fix.finding.message)\n")
            do {
                try await consent.ask("\(fix.description)?")
                agreed.append(fix)
            } catch let failure as Failure where failure.exit == .refused {
                show("left as it is: \(fix.description)\n")
            }
        }
        let edits = Dictionary(grouping: agreed.flatMap(\.edits), by: \.file)
        let changes = edits.keys.sorted().compactMap { path -> (path: String, old: [UInt8], new: [UInt8])? in
            guard let old = read[path], let new = edits[path]?.applied(to: old), new != old else {
                return nil
            }
            return (path, old, new)
        }
        guard !changes.isEmpty else { return false }
        for change in changes {
            let diff = UnifiedDiff(old: change.old, new: change.new, mask: SecretMask())
            show(diff.text(old: change.path, new: change.path))
        }
        if consent.dryRun { return false }
        let count = changes.count
        try await consent.ask("Write \(count == 1 ? "this file" : "these \(count) files")?")
        for change in changes { try Self.replace(change.path, with: change.new, expecting: change.old) }
        return true
    }

    private func show(_ text: String) {
        if isForPeople { console.answer(text) } else { console.sink(text, STDERR_FILENO) }
    }

    /// Replaces a file; its mode, its owner and symbolic links to it stay.
    private static func replace(_ path: String, with bytes: [UInt8], expecting old: [UInt8]) throws {
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        guard FileManager.default.contents(atPath: target).map(Array.init) == old else {
            throw Failure(.refused, "`\(path)` has changed since it was read, and was not written")
        }
        var status = stat()
        guard unsafe stat(target, &status) == 0 else {
            throw Failure(.failed, "cannot write `\(path)`: \(LocalFileError(errno).reason)")
        }
        try WholeFile.write(
            bytes, to: target, mode: status.st_mode & 0o7777, owner: (status.st_uid, status.st_gid))
    }
}
