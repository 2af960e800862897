import Events
import Remote
import Survey
import Synchronization

/// What a watch shows its changes on.
protocol WatchFace: Sendable {
    /// Shows what has changed, and the state after it.
    mutating func show(_ events: [WatchEvent], _ model: WatchModel, at now: UTCTime)
    /// Reacts to what a person does.
    mutating func react(to input: TerminalInput, _ model: WatchModel, at now: UTCTime) -> WatchWish
}

/// What a person wants after a key.
enum WatchWish: Sendable, Equatable {
    case nothing
    case quit
    /// To look at these clusters again.
    case look([String])
}

/// Keeps a model current until somebody quits, a gate opens, or the time is up.
struct WatchRun: Sendable {
    let watch: FleetWatch
    let transport: any Transport
    /// For the looks: it prints nothing.
    private let context: SurveyContext
    private let first: WatchNews
    /// When the first look began.
    private let began: UTCTime
    var gate: VerdictGate?
    var limit: Duration?
    var program: EventProgram?

    /// Takes the first look, with its progress on the console.
    ///
    /// - Throws: `InterruptedQuestion`.
    init(
        _ watch: FleetWatch, over transport: any Transport, _ connection: ConnectionFlags, _ console: Console
    ) async throws {
        (self.watch, self.transport) = (watch, transport)
        context = SurveyContext(transport: transport, window: connection.parallel)
        began = .now
        first = try await watch.firstLook(in: SurveyContext(transport, connection, console))
    }

    /// What is known before the first look has been taken in.
    var model: WatchModel { WatchModel(fleet: watch.fleet, at: began) }

    enum End: Sendable {
        case quit, open, timeUp, interrupted

        /// - `gate`: what was waited for.
        func exit(_ model: WatchModel, gate: VerdictGate?) -> HaopsExit {
            switch self {
            case .open: .done
            case .interrupted: .interrupted
            case .quit, .timeUp:
                gate?.exit(model.ownerships) ?? HaopsExit(model.ownerships, isComplete: model.isComplete)
            }
        }
    }

    enum Input: Sendable {
        case news(WatchNews)
        case terminal(TerminalInput)
        case tick
    }

    /// News that wait for the model. More are dropped, and then every cluster is looked at again.
    private static let mostWaiting = 50_000
    private static let tick = Duration.milliseconds(40)

    /// - `terminal`: what a person does, and the window.
    func run(
        _ model: inout WatchModel, on face: inout some WatchFace, terminal: AsyncStream<TerminalInput>? = nil
    ) async -> End {
        let (inputs, feed) = AsyncStream<Input>.makeStream(
            bufferingPolicy: .bufferingOldest(Self.mostWaiting))
        let lost = LostNews()
        let tell: @Sendable (WatchNews) -> Void = { news in
            if case .dropped = feed.yield(.news(news)) { lost.count.wrappingAdd(1, ordering: .relaxed) }
        }
        let deadline = limit.map { ContinuousClock.now + $0 }
        var state = model
        let end = await withTaskGroup(of: Void.self) { group in
            group.addTask { await watch.hear(by: transport, since: began, tell) }
            group.addTask {
                while !Task.isCancelled {
                    feed.yield(.tick)
                    try? await Task.sleep(for: Self.tick)
                }
            }
            if let terminal {
                group.addTask { for await input in terminal { feed.yield(.terminal(input)) } }
            }
            if let program { group.addTask { await program.run() } }
            tell(first)
            var end = End.interrupted
            for await input in inputs {
                let now = UTCTime.now
                var events: [WatchEvent] = []
                switch input {
                case .news(let news): events = state.apply(news, at: now)
                case .terminal(let input):
                    switch face.react(to: input, state, at: now) {
                    case .nothing: break
                    case .quit: end = .quit
                    case .look(let clusters):
                        for cluster in clusters { state.requestLook(at: cluster, at: now) }
                    }
                case .tick:
                    let count = lost.count.exchange(0, ordering: .relaxed)
                    if count > 0 { events = state.apply(.lost(count), at: now) }
                }
                if end == .quit { break }
                events += state.settle(at: now)
                for cluster in state.looksToBegin(at: now) {
                    let silent = state.silences
                    group.addTask {
                        if let news = await watch.look(at: cluster, silent: silent, in: context) {
                            tell(news)
                        }
                    }
                }
                for event in events where !event.isFirst { program?.handle(event) }
                if !events.isEmpty || input.isTick { face.show(events, state, at: now) }
                let isSettled = !state.isUnsettled && state.clusters.allSatisfy { $0.lookedAt != nil }
                if isSettled, gate?.isOpen(state.clusters.map { $0.shown.map(\.ownership) }) == true {
                    end = .open
                    break
                }
                if let deadline, ContinuousClock.now >= deadline {
                    end = .timeUp
                    break
                }
            }
            // What has happened is told to the end, unless somebody wants out.
            program?.finish()
            if end == .open || end == .timeUp, let program { await program.drained() }
            group.cancelAll()
            return end
        }
        feed.finish()
        model = state
        return end
    }

    private final class LostNews: Sendable {
        let count = Atomic<Int>(0)
    }
}

extension WatchRun.Input {
    fileprivate var isTick: Bool { if case .tick = self { true } else { false } }
}
