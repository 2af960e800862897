/// What is wrong with a program that keepalived is to run, and the remedy: the one that lint, doctor and fix print.
enum ScriptFault: Hashable {
    case missing
    case notExecutable
    /// This file or directory of its path may be changed by others than root.
    case insecure(String)
    /// The program after `#!`, which does not exist.
    case withoutInterpreter(String)

    /// As it is typed on the node, where a command is the remedy.
    func remedy(of program: String) -> String {
        switch self {
        case .missing: "install `\(program)`, or correct the path"
        case .notExecutable: "chmod 755 \(program)"
        case .insecure(let path): "chown root:root \(path); chmod go-w \(path)"
        case .withoutInterpreter(let interpreter):
            "install \(interpreter), or correct the first line of \(program)"
        }
    }
}
