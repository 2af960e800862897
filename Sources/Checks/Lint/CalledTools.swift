import Facts

/// The programs that a shell script calls, limited to those that ``ToolsFact`` knows.
///
/// An approximation for lint, not a shell parser: the first word of each command counts; comments and the texts of
/// here documents do not.
enum CalledTools {
    static func names(in text: String) -> [String] {
        guard isShell(text) else { return [] }
        var found: [String] = []
        var isOptional: Set<String> = []
        var documentEnd: String?
        for line in text.split(separator: "\n") {
            if let end = documentEnd {
                if line.trimmed == end { documentEnd = nil }
                continue
            }
            for (name, isAsked) in commands(in: line) {
                // A script that tests for a program first can work without it.
                if isAsked { isOptional.insert(name) } else if !found.contains(name) { found.append(name) }
            }
            documentEnd = hereDocument(in: line)
        }
        return found.filter { !isOptional.contains($0) }
    }

    private static func isShell(_ text: String) -> Bool {
        guard let first = text.split(separator: "\n", maxSplits: 1).first, first.hasPrefix("#!") else {
            return false
        }
        let words = first.dropFirst(2).split(separator: " ")
        return words.prefix(2).contains {
            ["sh", "bash", "dash", "ash", "ksh"].contains($0.split(separator: "/").last)
        }
    }

    /// Words after which a new command begins.
    private static let openers: Set<Substring> = [
        "if", "then", "else", "elif", "do", "while", "until", "!", "{", "exec", "time", "nohup", "env",
    ]
    /// Commands that test for the program named after them.
    private static let askers: Set<Substring> = ["command", "which", "type", "hash"]

    private static func commands(in line: Substring) -> [(name: String, isAsked: Bool)] {
        var result: [(String, Bool)] = []
        for part in parts(of: line) {
            var words = part.split { $0 == " " || $0 == "\t" }[...]
            while let first = words.first, openers.contains(first) || isAssignment(first) {
                words.removeFirst()
            }
            guard let first = words.first else { continue }
            if askers.contains(first) {
                for word in words.dropFirst() where ToolsFact.known.contains(String(word)) {
                    result.append((String(word), true))
                }
            } else if let name = tool(first) {
                result.append((name, false))
                // `timeout 2 curl …`, `sudo -u x psql …`
                if ["timeout", "sudo", "nice", "ionice"].contains(first),
                    let next = words.dropFirst().lazy.compactMap(tool).first
                {
                    result.append((next, false))
                }
            }
        }
        return result
    }

    private static func tool(_ word: Substring) -> String? {
        ToolsFact.known.contains(String(word)) ? String(word) : nil
    }

    private static func isAssignment(_ word: Substring) -> Bool {
        guard let equals = word.firstIndex(of: "="), equals != word.startIndex else { return false }
        return word[..<equals].allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }

    /// Splits a line where a command ends or another begins, outside quotes, and removes comments.
    private static func parts(of line: Substring) -> [Substring] {
        var parts: [Substring] = []
        var start = line.startIndex
        var quote: Character?
        var previous: Character = " "
        var index = line.startIndex
        func cut(to end: Substring.Index) { if start < end { parts.append(line[start..<end]) } }
        while index < line.endIndex {
            let letter = line[index]
            let next = line.index(after: index)
            if let open = quote {
                if letter == open, previous != "\\" { quote = nil }
                if open == "\"", letter == "(" && previous == "$" || letter == "`" {
                    start = next
                } else if open == "\"", letter == ")" || letter == "`" {
                    cut(to: index)
                    start = next
                }
            } else if letter == "#", previous == " " || previous == "\t" {
                cut(to: index)
                return parts
            } else if letter == "'" || letter == "\"", previous != "\\" {
                quote = letter
            } else if ";|&()`".contains(letter) {
                cut(to: index)
                start = next
            }
            previous = letter
            index = next
        }
        cut(to: line.endIndex)
        return parts
    }

    /// The word that ends the here document which begins on this line.
    private static func hereDocument(in line: Substring) -> String? {
        guard let range = line.firstRange(of: "<<"), !line[range.upperBound...].hasPrefix("<") else {
            return nil
        }
        let word = line[range.upperBound...].drop { $0 == "-" || $0 == " " }.prefix {
            $0 != " " && $0 != ";" && $0 != "|"
        }
        let name = word.filter { $0 != "'" && $0 != "\"" && $0 != "\\" }
        return name.isEmpty ? nil : String(name)
    }
}

extension Substring {
    fileprivate var trimmed: Substring { drop { $0 == "\t" || $0 == " " } }
}
