package import Keepalived
import Remote

/// Every file that configures balancing on a machine: those of keepalived and haproxy with their includes, and kernel
/// settings.
package struct ConfigurationEvidence: Sendable {
    /// The files by absolute path. Symbolic links are followed, as daemons follow them.
    package var files: [String: FileState]
    /// The words of the running keepalived's command line; empty when none runs.
    package var keepalivedArguments: [String]

    package init(files: [String: FileState], keepalivedArguments: [String] = []) {
        self.files = files
        self.keepalivedArguments = keepalivedArguments
    }

    /// The text of a file, or `nil` when there is none.
    package func text(_ path: String) -> String? {
        guard let file = files[path], file.kind == .regular else { return nil }
        return String(decoding: file.contents, as: UTF8.self)
    }
}

extension ConfigurationEvidence {
    /// The files as input for the parser of keepalived.conf.
    package var set: FileSet {
        FileSet(
            files.filter { $0.value.kind == .regular }
                .mapValues { ConfigurationFile($0.contents, isExecutable: $0.mode & 0o111 != 0) })
    }

    /// The word that `@id` lines are compared with, if keepalived was started with `-i`.
    package func configID(_ arguments: [String]) -> String? {
        CommandLineOption.values(of: ["-i", "--config-id"], in: arguments).first
    }

    /// The word that the machine's keepalived compares `@id` lines with: the one it was started with, else its host's
    /// name.
    package func configID(on system: SystemInfo?) -> String {
        configID(arguments) ?? system?.shortHostname ?? ""
    }

    /// The file that keepalived was started with (`-f`).
    package func mainFile(_ arguments: [String]) -> String? {
        CommandLineOption.values(of: ["-f", "--use-file"], in: arguments).first
    }
}

/// Reads ``ConfigurationEvidence`` in one round trip, with limits on number and size. It may read secrets, so none of
/// it is shown.
package struct ConfigurationFilesFact: Fact {
    package static let name = "configuration-files"
    package static let mostFiles = 400
    /// The maximum size in bytes; a longer file is reported as unreadable.
    package static let largest = 512 << 10

    /// Which files are read.
    package enum Extent: Hashable, Sendable {
        /// What the machine's keepalived reads, for frequent questions.
        case keepalived
        /// What both daemons read, for callers that keep the answers of a whole fleet.
        case daemons
        /// Also kernel settings, and other files in keepalived's directory.
        case everything
    }

    package var extent: Extent

    package init(_ extent: Extent = .everything) { self.extent = extent }

    /// Includes are followed by expanding their patterns in place; patterns with braces are not expanded, because the
    /// directory is read anyway. Patterns are expanded unquoted, which runs no command.
    package var script: String {
        """
        \(FileHeader.function)
        seen=' '
        left=\(Self.mostFiles)
        g() {
          case $seen in *" $1 "*) return;; esac
          [ -f "$1" ] || return
          [ "$left" -gt 0 ] || return
          left=$((left - 1))
          seen="$seen$1 "
          header_read "$1" || { echo "unreadable $1"; return; }
          [ "$n" -le \(Self.largest) ] || { echo "unreadable $1"; return; }
          if [ -z "$growing" ]; then later "$1"; return; fi
          header "$1"
          head -c "$n" "$1"
          echo
        }
        growing=
        newline='
        '
        follow() {
          g "$1"
          [ -f "$1" ] && [ "$2" -gt 0 ] || return
          local file depth patterns pattern path
          file=$1
          depth=$(($2 - 1))
          grep -q include "$file" || return 0
          patterns=$(sed -n 's/^[[:space:]]*include[a-z_]*[[:space:]][[:space:]]*\\([^[:space:]]*\\).*/\\1/p' "$file" | tr -d "\\"'" | head -n 100)
          IFS=$newline
          for pattern in $patterns; do
            case $pattern in
              /*) ;;
              *) pattern=${file%/*}/$pattern;;
            esac
            IFS=$newline
            for path in $pattern; do
              case $seen in *" $path "*) continue;; esac
              follow "$path" "$depth"
            done
          done
          unset IFS
        }
        \(KeepalivedProcess.function)
        words() { [ -n "$pid" ] && tr '\\0\\n' '\\n ' <"/proc/$pid/cmdline"; }
        find_keepalived
        # The files of a container are not this machine's.
        [ -z "$pid" ] || ! elsewhere "$pid" pid || pid=
        if [ -n "$pid" ]; then
          echo "arguments $(words | wc -l)"
          words
        fi
        header_cache \(ConfigurationEvidence.usualMainFile) \(cached)
        main=
        [ -z "$pid" ] || main=$(file_of "$pid")
        case $main in /*) follow "$main" 8;; esac
        for f in \(Self.keepalivedOptions); do g "$f"; done
        follow \(ConfigurationEvidence.usualMainFile) 8
        \(extent == .keepalived ? "true" : "for f in \(Self.haproxyFiles); do g \"$f\"; done")
        \(extent == .everything ? Self.others : "true")
        contents
        true
        """
    }

    private static let keepalivedOptions = "/etc/default/keepalived /etc/sysconfig/keepalived"
    private static let haproxyFiles = "/etc/default/haproxy /etc/sysconfig/haproxy /etc/haproxy/haproxy.cfg"
    private static let sysctlFiles = "/etc/sysctl.conf /etc/sysctl.d/*.conf"

    /// The files that will be read, as far as they are known beforehand.
    private var cached: String {
        switch extent {
        case .keepalived: Self.keepalivedOptions
        case .daemons: "\(Self.keepalivedOptions) \(Self.haproxyFiles)"
        case .everything: "\(Self.keepalivedOptions) \(Self.haproxyFiles) \(Self.sysctlFiles)"
        }
    }

    /// Kernel settings, and other files in keepalived's directory.
    private static let others = """
        \(DaemonProcesses.function)
        for f in \(sysctlFiles); do g "$f"; done
        # A log may be among them: each file is read as long as its header says.
        growing=1
        IFS=$newline
        for f in $([ ! -d /etc/keepalived ] || find /etc/keepalived -type f -size -512k | head -n \(mostFiles)); do
          unset IFS
          g "$f"
        done
        unset IFS
        # A second keepalived in the machine's network, with a file of its own.
        own=$pid others=0
        for p in $(processes_of keepalived); do
          [ "$((others += 1))" -le 8 ] || break
          [ "$p" != "$own" ] && is_parent "$p" && ! elsewhere "$p" net || continue
          main=$(file_of "$p")
          case $main in /*) follow "$main" 4 ;; esac
        done
        true
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> ConfigurationEvidence {
        var rest = output.bytes
        var arguments: [String] = []
        if let end = rest.firstIndex(of: UInt8(ascii: "\n")),
            case let words = String(decoding: rest[..<end], as: UTF8.self).split(separator: " "),
            words.count == 2, words[0] == "arguments", let count = Int(words[1]), count < 1000
        {
            rest = rest[(end + 1)...]
            for _ in 0..<max(0, count) {
                guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { break }
                arguments.append(String(decoding: rest[..<end], as: UTF8.self))
                rest = rest[(end + 1)...]
            }
        }
        do {
            let files = try FilesFact([]).parse(SectionOutput(bytes: rest, status: output.status))
            return ConfigurationEvidence(files: files, keepalivedArguments: arguments)
        } catch {
            throw .unreadable(fact: Self.name, cause: "\(error)")
        }
    }
}
