import Remote

/// One file on a machine's disk.
package struct FileState: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case absent
        case regular
        /// A symbolic link, directory or device, which haops does not replace.
        case other(String)
    }

    package var kind: Kind
    package var mode: Int
    package var owner: String
    /// Seconds since 1970 on the machine's clock.
    package var modified: Int
    package var contents: [UInt8]

    package init(
        kind: Kind, mode: Int = 0o644, owner: String = "root:root", modified: Int = 0, contents: [UInt8] = []
    ) {
        self.kind = kind
        self.mode = mode
        self.owner = owner
        self.modified = modified
        self.contents = contents
    }

    package static let absent = FileState(kind: .absent)
}

/// Whole files with their owner, mode and time. They may contain secrets; the caller masks what it shows.
package struct FilesFact: Fact {
    package static let name = "files"

    /// The absolute paths of the files.
    package var paths: [String]
    /// Directories whose files are read too, with symbolic links followed; at most 200 files each.
    package var directories: [String]
    /// A file that lists more files, in the third word of each line: haops' own manifest.
    package var list: String?
    /// The maximum size in bytes; longer files are reported as unreadable.
    package static let largest = 4 << 20
    /// The maximum size of a header with a path of the kernel's 4096 bytes.
    private static let longestHeader = 5 << 10

    package init(_ paths: [String], below directories: [String] = [], listedIn list: String? = nil) {
        self.paths = paths
        self.list = list
        self.directories = directories
    }

    /// Headers have the files' sizes in bytes, so no content can imitate a header.
    package var script: String { headers + "contents\n" }

    /// The script without the contents, for one that adds files by `f PATH` and then calls `contents` itself.
    var headers: String {
        """
        \(FileHeader.function)
        seen=
        f() {
          # A listed file may have been asked for by name too.
          case $seen in *"$header_line$1$header_line"*) return ;; esac
          seen="$seen$header_line$1$header_line"
          if [ -L "$1" ] && [ -z "$2" ]; then echo "link $1"
          elif [ ! -e "$1" ]; then echo "absent $1"
          elif [ ! -f "$1" ]; then echo "special $1"
          else
            header_read "$1" || { echo "unreadable $1"; return; }
            [ "$n" -le \(Self.largest) ] || { echo "large $1"; return; }
            later "$1"
          fi
        }

        """
            + (paths.count > 1 ? "header_cache \(paths.map(\.shellQuoted).joined(separator: " "))\n" : "")
            + paths.map { "f \($0.shellQuoted)" }.joined(separator: "\n") + "\n"
            + directories.map {
                """
                set -f
                IFS=$header_line
                for p in $(find -L \($0.shellQuoted) -maxdepth 4 -type f | head -n 200); do f "$p" 1; done
                unset IFS
                set +f
                """
            }.joined(separator: "\n")
            + (list.map {
                "\nwhile read -r sum what p; do case $p in /*) f \"$p\" ;; esac; done <\($0.shellQuoted)"
            } ?? "") + "\n"
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> [String: FileState] {
        var files: [String: FileState] = [:]
        var rest = output.bytes
        // Files whose contents follow after all headers.
        var later: [(path: String, size: Int)] = []
        while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) ?? (rest.isEmpty ? nil : rest.endIndex) {
            let header = String(decoding: rest[..<newline], as: UTF8.self)
            rest = rest[min(newline + 1, rest.endIndex)...]
            if header.isEmpty { continue }
            if header == "contents" {
                for (path, size) in later {
                    guard rest.count >= size else { throw Self.changed(path) }
                    files[path]?.contents = Array(rest.prefix(size))
                    rest = rest.dropFirst(size)
                }
                // A file that has grown since would shift the contents of all after it.
                guard rest.first ?? UInt8(ascii: "\n") == UInt8(ascii: "\n") else {
                    throw Self.changed(later.map(\.path).joined(separator: "` or `"))
                }
                later = []
                continue
            }
            let words = header.split(separator: " ", maxSplits: 1)
            guard words.count == 2 else { throw .unreadable(fact: Self.name, cause: "a one-word header") }
            guard words[1].utf8.count <= Self.longestHeader else {
                throw .unreadable(fact: Self.name, cause: "a path longer than the kernel allows")
            }
            switch words[0] {
            case "absent": files[String(words[1])] = .absent
            case "link": files[String(words[1])] = FileState(kind: .other("symbolic link"))
            case "special": files[String(words[1])] = FileState(kind: .other("not a regular file"))
            case "large":
                files[String(words[1])] = FileState(
                    kind: .other("file of more than \(Self.largest >> 20) MiB"))
            case "unreadable": files[String(words[1])] = FileState(kind: .other("unreadable"))
            case "file", "later":
                let fields = words[1].split(separator: " ", maxSplits: 4)
                guard fields.count == 5, let size = Int(fields[0]), size >= 0,
                    let mode = Int(fields[1], radix: 8),
                    let modified = Int(fields[3])
                else { throw .unreadable(fact: Self.name, cause: "a malformed file header") }
                let path = String(fields[4])
                files[path] = FileState(
                    kind: .regular, mode: mode, owner: String(fields[2]), modified: modified)
                if words[0] == "later" {
                    if size > 0 { later.append((path, size)) }
                } else {
                    guard rest.count >= size else { throw Self.changed(path) }
                    files[path]?.contents = Array(rest.prefix(size))
                    rest = rest.dropFirst(size)
                }
            default: throw .unreadable(fact: Self.name, cause: "an unexpected header")
            }
        }
        guard later.isEmpty else { throw Self.changed(later.map(\.path).joined(separator: "` or `")) }
        // A file without an answer is not known to be absent: a plan must not be made on it.
        if let missing = paths.first(where: { files[$0] == nil }) {
            throw .unreadable(fact: Self.name, cause: "the machine does not say what is at `\(missing)`")
        }
        return files
    }

    private static func changed(_ paths: String) -> FactError {
        .unreadable(fact: Self.name, cause: "`\(paths)` changed while it was read")
    }
}
