import Facts
import Keepalived

/// A check fails because a program that it calls is not installed.
///
/// Condition: keepalived counts the check as failing, and the check says `not found` when it is run by hand, or its text
/// calls a program that is not in the node's search path.
/// Why: the shell ends such a call with 127, and the check fails although the service works.
/// Remedy: install the package that provides the program, or use one that is there.
struct CheckToolMissing: Cause {
    static let id = DoctorID.checkToolMissing

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.flatMap { router in
            router.checksByName.compactMap { checks in
                let found = checks.filter { $0.isFailing == true }.compactMap { check in
                    tool(of: check).map { (check: check, tool: $0) }
                }
                guard let first = found.first else { return nil }
                let same = found.filter { $0.tool == first.tool }.map(\.check)
                let nodes = same.map(\.node.name)
                return Diagnosis(
                    Self.id, nodes: nodes,
                    "the check `\(first.check.name)` fails on \(joined(nodes)) because there is no `\(first.tool)`",
                    effect: "it fails whatever the service does" + same.effects(after: ": "),
                    fix:
                        "install the package that provides `\(first.tool)` on \(joined(nodes)), or let `\(first.check.command.program)` use another program",
                    evidence: same.flatMap(\.evidence),
                    explains: observation.symptoms(of: same, in: router),
                    file: first.check.script.location.file, line: first.check.script.location.line)
            }
        }
    }

    private func tool(of check: TrackedCheck) -> String? {
        for line in check.trial?.output ?? [] {
            // dash: `/etc/keepalived/c.sh: 2: curl: not found`; bash: `…: line 2: curl: command not found`.
            for end in [": command not found", ": not found"] where line.hasSuffix(end) {
                let words = line.dropLast(end.count).split(separator: " ")
                if let last = words.last, !last.hasSuffix(":") { return String(last) }
            }
        }
        guard let tools = check.node.after?.known(ToolsFact.self) else { return nil }
        let script = check.node.before?.known(NamedPathsFact.self)?[check.command.program]?.text ?? ""
        return CalledTools.names(in: script).first { !tools.contains($0) }
    }
}
