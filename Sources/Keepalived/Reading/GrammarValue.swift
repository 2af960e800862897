/// What a keyword takes behind it, as ``GrammarTable`` writes it after a colon.
enum GrammarValue: Hashable, Sendable {
    /// `value`: any word; without one keepalived ends.
    case required
    /// `wanted`: any word; without one keepalived ignores the line.
    case wanted
    /// `number LOW HIGH`
    case number(ClosedRange<Int>)
    /// `optional LOW HIGH`: a number, or nothing.
    case optionalNumber(ClosedRange<Int>)
    /// `seconds LOW`, with decimals; in microseconds.
    case seconds(Int)
    /// `milliseconds LOW`, with decimals; in microseconds.
    case milliseconds(Int)
    /// `flag`: on, off and their synonyms, or nothing.
    case flag
    /// `address`
    case address
    /// `one WORD WORD…`
    case one([String])

    init?(_ fields: ArraySlice<Substring>) {
        let words = fields.dropFirst().map(String.init)
        let numbers = words.compactMap { Int($0) }
        switch fields.first {
        case "value": self = .required
        case "wanted": self = .wanted
        case "flag": self = .flag
        case "address": self = .address
        case "one": self = .one(words)
        case "number" where numbers.count == 2: self = .number(numbers[0]...numbers[1])
        case "optional" where numbers.count == 2: self = .optionalNumber(numbers[0]...numbers[1])
        case "seconds" where words.count == 1:
            self = .seconds(NumberText.microseconds(words[0]).value)
        case "milliseconds" where numbers.count == 1: self = .milliseconds(numbers[0] * 1000)
        default: return nil
        }
    }

    /// Whether keepalived ends when the line has nothing but the keyword.
    var isFatalWithout: Bool {
        switch self {
        case .wanted, .flag, .optionalNumber: false
        default: true
        }
    }
}
