import Remote

/// A program that keepalived runs, and its state on the machine's disk.
package struct ScriptState: Hashable, Sendable {
    /// The file and the directories above it, `/` last; empty when there is no such file.
    package var path: [Component]
    /// The user that it would run as; `nil` if there is no such user.
    package var userID: Int?
    package var isExecutable: Bool
    /// The result of a trial run; `nil` when none was requested.
    package var trial: Trial?
    /// Why there was no trial although it was requested.
    package var untried: String?

    package struct Component: Hashable, Sendable {
        package var path: String
        package var mode: Int
        package var ownerID: Int
        package var groupID: Int
        package var isDirectory: Bool

        /// Whether a user other than root could replace it, by keepalived's rules: the mode of sticky directories is
        /// not tested, and root's group may write.
        package var isInsecure: Bool {
            if ownerID != 0 { return true }
            if isDirectory, mode & 0o1000 != 0 { return false }
            return mode & (groupID == 0 ? 0o002 : 0o022) != 0
        }
    }

    package struct Trial: Hashable, Sendable {
        /// The exit status; 124 when it took too long.
        package var status: Int
        /// The first lines of its output.
        package var output: [String]
    }

    package var exists: Bool { !path.isEmpty }

    package init(
        path: [Component] = [], userID: Int? = nil, isExecutable: Bool = false, trial: Trial? = nil,
        untried: String? = nil
    ) {
        self.path = path
        self.userID = userID
        self.isExecutable = isExecutable
        self.trial = trial
        self.untried = untried
    }
}

/// The check scripts of a configuration: whether keepalived can and will run them, and the output of failing ones.
package struct ScriptsFact: Fact {
    package static let name = "scripts"

    package struct Question: Hashable, Sendable {
        package var name: String
        package var arguments: [String]
        /// The user that the configuration runs it as; `nil` is keepalived's default, `keepalived_script` if that
        /// user exists, else root.
        package var user: String?
        /// Whether to run it once, as keepalived does every few seconds, to read its output.
        package var isTried: Bool
        /// How long it may take when it is tried.
        package var seconds: Int

        package init(
            name: String, arguments: [String], user: String? = nil, isTried: Bool = false, seconds: Int = 5
        ) {
            self.name = name
            self.arguments = arguments
            self.user = user
            self.isTried = isTried
            self.seconds = seconds
        }
    }

    package var questions: [Question]

    package init(_ questions: [Question]) { self.questions = questions }

    /// The arguments of a check are passed unchanged, including passwords.
    package var isConfidential: Bool { true }
    package var duration: Int { 1 + questions.filter(\.isTried).map { $0.seconds + 1 }.reduce(0, +) }

    /// A trial runs as the user that keepalived runs the check as. A trial as root requires that no other user can
    /// replace the program, wherever its links lead: keepalived itself disables any other program under
    /// `enable_script_security`, and a question must not run it then. The trial is stricter than keepalived: a
    /// program that a group may write is not run, even if the group is root's.
    package var script: String {
        """
        whom() {
          u=$1
          [ -n "$u" ] || { id -u keepalived_script >/dev/null && u=keepalived_script || u=root; }
          n=$(id -u "$u")
        }
        s() {
          echo "script=$1"
          whom "$3" && echo "uid=$n"
          p=$2
          case $p in /*) ;; *) p=$(command -v "$p") || return;; esac
          [ -e "$p" ] || return
          [ -x "$p" ] && echo executable=1
          while :; do
            echo "path=$(stat -L -c '%a %u %g %F' "$p" | sed 's/directory/d/')|$p"
            [ "$p" = / ] && break
            p=$(dirname "$p")
          done
        }
        \(RootsPath.function)
        t() {
          whom "$1" || { echo "untried=there is no user $u"; return; }
          most=$2
          shift 2
          if [ "$n" = 0 ]; then
            is_roots "$(command -v "$1")" || { echo "untried=root would run it, and others than root can replace it"; return; }
          else
            command -v runuser >/dev/null || { echo "untried=there is no runuser here to run it as $u"; return; }
          fi
          { if [ "$n" = 0 ]; then timeout -k 1 "$most" "$@" 2>&1; else timeout -k 1 "$most" runuser -u "$u" -- "$@" 2>&1; fi
            echo "
        status=$?"
          } | awk '/^status=[0-9]+$/ { print; next } NR <= 20 { print "out=" $0 }'
        }

        """
            + questions.flatMap { question in
                [
                    "s \(question.name.shellQuoted) \((question.arguments.first ?? "").shellQuoted) \((question.user ?? "").shellQuoted)",
                    question.isTried
                        ? "t \((question.user ?? "").shellQuoted) \(question.seconds) "
                            + question.arguments.map(\.shellQuoted).joined(separator: " ")
                        : "",
                ]
            }.joined(separator: "\n")
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> [String: ScriptState] {
        var states: [String: ScriptState] = [:]
        var name = ""
        var printed: [String] = []
        for line in output.lines {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "script":
                name = parts[1]
                printed = []
                states[name] = ScriptState()
            case "uid": states[name]?.userID = Int(parts[1])
            case "executable": states[name]?.isExecutable = true
            case "path":
                let halves = parts[1].split(separator: "|", maxSplits: 1).map(String.init)
                let words = (halves.first ?? "").split(separator: " ")
                guard halves.count == 2, words.count >= 4, let mode = Int(words[0], radix: 8),
                    let owner = Int(words[1]), let group = Int(words[2])
                else { continue }
                states[name]?.path.append(
                    ScriptState.Component(
                        path: halves[1], mode: mode, ownerID: owner, groupID: group,
                        isDirectory: words[3] == "d"))
            case "untried": states[name]?.untried = parts[1]
            case "out" where !parts[1].isEmpty: printed.append(parts[1])
            case "status":
                states[name]?.trial = ScriptState.Trial(
                    status: Int(parts[1]) ?? -1, output: Array(printed.prefix(5)))
            default: continue
            }
        }
        return states
    }
}
