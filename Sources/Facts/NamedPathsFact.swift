import Remote

/// A path in a configuration and its state on the machine's disk.
package struct NamedPath: Hashable, Sendable {
    /// The attributes of a path, with symbolic links followed.
    package struct Component: Hashable, Sendable {
        package var path: String
        package var mode: Int
        package var owner: String
        package var group: String
        package var isDirectory: Bool

        package init(
            path: String, mode: Int, owner: String = "root", group: String = "root", isDirectory: Bool = false
        ) {
            self.path = path
            self.mode = mode
            self.owner = owner
            self.group = group
            self.isDirectory = isDirectory
        }
    }

    /// `nil` if nothing exists at the path.
    package var file: Component?
    /// The directories above it, up to `/`, including those above the target of a symbolic link.
    package var directories: [Component]
    /// The program after `#!` in the first line.
    package var interpreter: String?
    package var hasInterpreter: Bool
    /// A script's text, its first ``NamedPathsFact/longestScript`` bytes.
    package var text: String?

    package init(
        file: Component? = nil, directories: [Component] = [], interpreter: String? = nil,
        hasInterpreter: Bool = true, text: String? = nil
    ) {
        self.file = file
        self.directories = directories
        self.interpreter = interpreter
        self.hasInterpreter = hasInterpreter
        self.text = text
    }
}

/// The programs that keepalived's configuration runs and the directories that haproxy's needs, by their names there.
///
/// The names are found on the machine to save a round trip. A program whose name contains definitions is asked for by
/// ``programs``. Nothing is run.
package struct NamedPathsFact: Fact {
    package static let name = "named-paths"
    static let most = 200
    /// The maximum number of bytes of a script that are read.
    package static let longestScript = 64 << 10

    /// Programs to examine, or directories of programs with a trailing slash. If empty, the programs in the machine's
    /// configuration.
    package var programs: [String]

    package init(_ programs: [String] = []) { self.programs = programs }

    /// The shell function `named` prints the paths in the machine's configurations, with repetitions.
    static let namedFunction = #"""
        \#(HAProxyPaths.function)
        named() {
          find -L /etc/keepalived -type f -size -512k | head -n 400 | while IFS= read -r f; do
            tr "\"'{}" '    ' <"$f" |
              awk '{ for (i = 1; i < NF; i++) if ($i ~ /^(script|notify[a-z_]*)$/) print $(i + 1) }'
          done
          haproxy_paths | sed -n -e 's/^chroot //p' -e 's,^socket \(/.*\)/[^/]*$,\1,p'
        }
        """#

    package var script: String {
        let look =
            programs.isEmpty
            ? "named | sort -u | head -n \(Self.most) | while IFS= read -r w; do look \"$w\"; done"
            : "for w in \(programs.prefix(Self.most).map(\.shellQuoted).joined(separator: " ")); do look \"$w\"; done"
        return #"""
            \#(Self.namedFunction)
            c() { echo "$1=$(stat -L -c '%a %u %U %g %G %F' "$2")|$2"; }
            above() {
              d=${1%/*}
              set --
              while [ -n "$d" ]; do
                case $d in */) ;; *) set -- "$@" "$d" ;; esac
                d=${d%/*}
              done
              stat -L -c 'above=%a %u %U %g %G %F|%n' "$@" /
            }
            q() {
              p=$1
              case $p in
                /*) ;;
                */*) return ;;
                *)
                  IFS=:
                  for d in $PATH; do [ -f "$d/$1" ] && [ -x "$d/$1" ] && p=$d/$1 && break; done
                  unset IFS
                  ;;
              esac
              echo "named=$1"
              case $p in /*) ;; *) return ;; esac
              above "$p"
              [ -e "$p" ] || return
              c file "$p"
              real=$(readlink -f "$p")
              case $real in "$p" | '') ;; *) above "$real" ;; esac
              [ -f "$p" ] && [ "$(head -c 2 "$p")" = '#!' ] || return
              IFS= read -r line <"$p"
              line=${line#??}
              line=${line#"${line%%[! ]*}"}
              line=${line%%[ 	]*}
              [ -e "$line" ]
              echo "interpreter=$? $line"
              head -c \#(Self.longestScript) "$p" | sed 's/^/text=/'
              echo
            }
            look() {
              case $1 in
                /*/)
                  q "${1%/}"
                  for p in "$1"*; do if [ -f "$p" ] && [ -x "$p" ]; then q "$p"; fi; done
                  ;;
                *) q "$1" ;;
              esac
            }
            \#(look)
            true
            """#
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> [String: NamedPath] {
        var paths: [(name: String, path: NamedPath)] = []
        var above: Set<NamedPath.Component> = []
        for line in output.lines {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            if parts[0] == "named" {
                paths.append((String(parts[1]), NamedPath()))
                above = []
            } else if parts[0] == "above", let last = paths.indices.last {
                // Directories above a link are listed together with those above its target.
                if let component = Self.component(parts[1]), above.insert(component).inserted {
                    paths[last].path.directories.append(component)
                }
            } else if let last = paths.indices.last {
                Self.read(parts[0], parts[1], into: &paths[last].path)
            }
        }
        return Dictionary(paths.map { ($0.name, $0.path) }) { first, _ in first }
    }

    private static func read(_ key: Substring, _ value: Substring, into path: inout NamedPath) {
        switch key {
        case "file": path.file = component(value)
        case "interpreter":
            let words = value.split(separator: " ", maxSplits: 1)
            guard words.count == 2 else { return }
            path.hasInterpreter = words[0] == "0"
            path.interpreter = String(words[1])
        case "text":
            if path.text == nil { path.text = "" }
            // Appended in place, because copying the whole text for each line would be quadratic.
            path.text?.append(contentsOf: value)
            path.text?.append("\n")
        default: return
        }
    }

    /// `755 0 root 0 root regular file|/etc/keepalived/check.sh`
    private static func component(_ text: Substring) -> NamedPath.Component? {
        let halves = text.split(separator: "|", maxSplits: 1)
        let words = halves.first?.split(separator: " ") ?? []
        guard halves.count == 2, words.count >= 6, let mode = Int(words[0], radix: 8) else { return nil }
        return NamedPath.Component(
            path: String(halves[1]), mode: mode, owner: words[1] == "0" ? "root" : String(words[2]),
            group: words[3] == "0" ? "root" : String(words[4]), isDirectory: words[5...].contains("directory")
        )
    }
}
