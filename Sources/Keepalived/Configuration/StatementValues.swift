import Addresses

/// The number that keepalived reads from a word, with strtol.
struct NumberText {
    /// The number at the start of the text, if there is one.
    var value: Int
    /// Whether nothing follows the number.
    var isClean: Bool

    /// Reads blanks, a sign and digits as strtol does; without digits the value is 0.
    init(_ text: String) {
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count, bytes[index].isWhiteSpace { index += 1 }
        var isNegative = false
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
            isNegative = bytes[index] == UInt8(ascii: "-")
            index += 1
        }
        var number = 0
        let start = index
        while index < bytes.count, bytes[index].isDigit {
            number = min(number * 10 + Int(bytes[index] - UInt8(ascii: "0")), 1 << 40)
            index += 1
        }
        value = isNegative ? -number : number
        isClean = index == bytes.count && index > start
    }

    /// Seconds with up to six decimals, as `read_decimal_unsigned` does; with trailing text the result is not
    /// clean.
    static func microseconds(_ text: String) -> NumberText {
        let parts = text.utf8.split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let whole = NumberText(String(decoding: Array(parts[0]), as: UTF8.self))
        var result = whole
        result.value = min(whole.value, 1 << 30) * 1_000_000
        guard parts.count > 1 else { return result }
        if parts[0].isEmpty { result.isClean = true }
        var scale = 100_000
        for (index, byte) in parts[1].enumerated() {
            guard byte.isDigit else {
                result.isClean = false
                break
            }
            if index >= 6 { result.isClean = false }
            result.value += Int(byte - UInt8(ascii: "0")) * scale
            scale /= 10
        }
        return result
    }
}

/// Reads the values of one block's statements and records problems.
struct StatementValues {
    var owner: String
    var problems: [ConfigurationProblem] = []

    mutating func note(
        _ kind: ConfigurationProblem.Kind, _ statement: Statement, text: String = "",
        at location: ConfigurationLocation? = nil,
        _ consequence: String
    ) {
        problems.append(
            ConfigurationProblem(
                kind, owner: owner, keyword: statement.keyword, text: text,
                at: location ?? statement.location, consequence: consequence))
    }

    /// The argument at `index`. If it is missing, keepalived exits.
    mutating func argument(_ statement: Statement, _ index: Int = 1) -> Word? {
        if index < statement.words.count { return statement.words[index] }
        note(
            .missingArgument, statement,
            "keepalived stops with \"*** Configuration line starting `\(statement.keyword)` is missing a parameter\""
        )
        return nil
    }

    /// A whole number in a range.
    ///
    /// - `lenient`: whether the daemon, unlike its config test, takes the digits before trailing
    ///   text (`ignore_error` in lib/parser.c).
    mutating func number(
        _ statement: Statement, _ index: Int = 1, in range: ClosedRange<Int>, lenient: Bool = true,
        otherwise consequence: String
    ) -> Setting<Int>? {
        guard let word = argument(statement, index) else { return nil }
        let number = NumberText(word.text)
        if !number.isClean {
            note(.notANumber, statement, text: word.text, at: word.location, consequence)
            guard lenient, range.contains(number.value) else { return nil }
        } else if !range.contains(number.value) {
            note(.outOfRange, statement, text: word.text, at: word.location, consequence)
            return nil
        }
        return Setting(number.value, at: word.location)
    }

    /// Seconds with decimals.
    mutating func seconds(
        _ statement: Statement, in range: ClosedRange<Int>, otherwise consequence: String
    ) -> Setting<Duration>? {
        guard let word = argument(statement) else { return nil }
        let number = NumberText.microseconds(word.text)
        if !number.isClean {
            note(.notANumber, statement, text: word.text, at: word.location, consequence)
        }
        guard range.contains(number.value) else {
            if number.isClean {
                note(.outOfRange, statement, text: word.text, at: word.location, consequence)
            }
            return nil
        }
        return Setting(.microseconds(number.value), at: word.location)
    }

    /// `on`, `true`, `yes` or their opposites; without a word true.
    mutating func flag(_ statement: Statement) -> Setting<Bool>? {
        guard statement.words.count > 1 else { return Setting(true, at: statement.location) }
        let word = statement.words[1]
        switch word.text {
        case "true", "on", "yes": return Setting(true, at: word.location)
        case "false", "off", "no": return Setting(false, at: word.location)
        default:
            note(.unknownValue, statement, text: word.text, at: word.location, "the line is ignored")
            return nil
        }
    }

    mutating func address(_ statement: Statement, _ index: Int = 1) -> Setting<IPAddress>? {
        guard let word = argument(statement, index) else { return nil }
        guard let address = Self.host(word.text) else {
            note(.invalidAddress, statement, text: word.text, at: word.location, "the line is ignored")
            return nil
        }
        return Setting(address, at: word.location)
    }

    /// An address as lib/utils.c `inet_stosockaddr` reads it: a range or a mask behind it is cut off.
    static func host(_ text: String) -> IPAddress? {
        let cut = text.firstIndex(of: "-") ?? text.firstIndex(of: "/")
        return IPAddress(String(cut.map { text[..<$0] } ?? text[...]))
    }

    /// The script of a `script` or `notify…` line: its second word, split once more.
    mutating func command(_ statement: Statement) -> ScriptCommand? {
        guard let words = statement.scriptWords else {
            note(.unknownValue, statement, "a quote is left open, so there is no script")
            return nil
        }
        guard words.count > 1 else {
            note(.missingArgument, statement, "there is no script")
            return nil
        }
        guard let arguments = ScriptWords.split(words[1]) else {
            note(
                .unknownValue, statement, at: words[1].location, "a quote is left open, so there is no script"
            )
            return nil
        }
        guard !arguments.isEmpty else { return nil }
        return ScriptCommand(
            arguments: arguments.map(\.text), ignoredWords: words.dropFirst(2).map(\.text),
            location: words[1].location, shellSign: ShellSigns.first(in: words[1].text))
    }

    /// A notify line: the script, then a user and a group.
    mutating func notify(_ statement: Statement) -> Instance.Notify? {
        guard var command = command(statement) else { return nil }
        let words = statement.scriptWords ?? []
        command.ignoredWords = words.dropFirst(4).map(\.text)
        let user =
            words.count > 2
            ? ScriptUser(user: words[2].text, group: words.count > 3 ? words[3].text : nil) : nil
        return Instance.Notify(event: statement.keyword, command: command, user: user)
    }
}
