/// A question to an address that was answered. Times are microseconds since 1970.
package struct ProbeAnswer: Hashable, Sendable {
    /// The number of the question; numbers that are missing had no answer.
    package var number: Int
    package var sent: Int
    package var received: Int

    package init(number: Int, sent: Int, received: Int) {
        self.number = number
        self.sent = sent
        self.received = received
    }
}

/// A question to an address. Times are microseconds since 1970.
package struct ProbeQuestion: Hashable, Sendable {
    package var sent: Int
    /// How long its answer took; `nil` where there is none.
    package var took: Int?

    package init(sent: Int, took: Int?) { (self.sent, self.took) = (sent, took) }

    /// All questions of a time, in their order: those that were answered, and between them those that were not.
    ///
    /// - `answers`: of one prober about one address, in the order of their numbers.
    /// - `interval`: between two questions, in microseconds.
    static func all(_ answers: [ProbeAnswer], interval: Int, within time: Range<Int>) -> [ProbeQuestion] {
        var questions: [ProbeQuestion] = []
        func add(_ sent: Int, _ took: Int?) {
            if time.contains(sent) { questions.append(ProbeQuestion(sent: sent, took: took)) }
        }
        var last: ProbeAnswer?
        for answer in answers {
            if let last { for sent in unanswered(between: last, and: answer) { add(sent, nil) } }
            add(answer.sent, answer.received - answer.sent)
            last = answer
        }
        let start = max(last.map { $0.sent + interval } ?? time.lowerBound, time.lowerBound)
        let rest = (time.upperBound - start) / max(1, interval)
        if rest > underWay { for number in 0..<rest { add(start + number * interval, nil) } }
        return questions
    }

    /// So many questions at the end of a time may be without an answer because they are under way.
    static let underWay = 3

    /// When the questions between two answered ones were sent, by their numbers: at equal intervals.
    static func unanswered(between last: ProbeAnswer, and answer: ProbeAnswer) -> [Int] {
        let missing = answer.number - last.number - 1
        guard missing > 0 else { return [] }
        let step = (answer.sent - last.sent) / (missing + 1)
        return (1...missing).map { last.sent + step * $0 }
    }
}

/// For how long an address gave no answer, as one machine saw it. Times are microseconds since 1970.
///
/// In the terms of RFC 6414 ``silence`` is the time-based loss, and ``lost`` times the interval the packet-loss-based one.
package struct Outage: Hashable, Sendable {
    package private(set) var sent = 0
    package private(set) var lost = 0
    /// How many times questions in a row had no answer.
    package private(set) var interruptions = 0
    /// The longest time between two answers.
    package private(set) var longestGap = 0
    /// When the first unanswered question of the longest interruption was sent; `nil` where every question was answered.
    package private(set) var firstLost: Int?
    /// When the first answer after that arrived; `nil` when none did.
    package private(set) var answeredAgain: Int?
    /// From the first question without an answer to the first answer; without one, to the end of the time.
    package private(set) var silence = 0

    package init() {}

    /// Works the figures out.
    ///
    /// - `answers`: of one prober about one address, in the order of their numbers.
    /// - `interval`: between two questions, in microseconds.
    /// - `time`: only questions that were sent within it count.
    package init(_ answers: [ProbeAnswer], interval: Int, within time: Range<Int>) {
        // A later question may be answered earlier: a connection that was tried in vain is tried again after a second.
        var arrivals = answers.map(\.received)
        for index in arrivals.indices.dropLast().reversed() {
            arrivals[index] = min(arrivals[index], arrivals[index + 1])
        }
        var last: ProbeAnswer?
        for (answer, arrival) in zip(answers, arrivals) {
            if let last, answer.sent >= time.lowerBound {
                addUnanswered(between: last, and: answer, answered: arrival, within: time)
                longestGap = max(longestGap, min(answer.received, time.upperBound) - last.received)
            }
            last = answer
            if answer.sent >= time.upperBound { return }
            if time.contains(answer.sent) { sent += 1 }
        }
        // Nothing was heard since the last answer, but for questions that may be under way.
        let start = max(last.map { $0.sent + interval } ?? time.lowerBound, time.lowerBound)
        let rest = (time.upperBound - start) / max(1, interval)
        guard rest > ProbeQuestion.underWay else { return }
        longestGap = max(longestGap, time.upperBound - (last?.received ?? time.lowerBound))
        add(lost: rest, from: start, answered: nil, end: time.upperBound)
    }

    private mutating func addUnanswered(
        between last: ProbeAnswer, and answer: ProbeAnswer, answered: Int, within time: Range<Int>
    ) {
        let times = ProbeQuestion.unanswered(between: last, and: answer).filter(time.contains)
        guard let first = times.first else { return }
        add(lost: times.count, from: first, answered: answered, end: answered)
    }

    private mutating func add(lost count: Int, from first: Int, answered: Int?, end: Int) {
        sent += count
        lost += count
        interruptions += 1
        guard end - first > silence else { return }
        silence = end - first
        firstLost = first
        answeredAgain = answered
    }
}
