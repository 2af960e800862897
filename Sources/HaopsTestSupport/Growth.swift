import Glibc

/// Measures how work grows with its input. It uses the thread's CPU time, so the machine's load does not count.
package enum Growth {
    /// Whether four times the input costs at most eight times the work: linear is 4, quadratic is 16.
    ///
    /// - Parameters:
    ///   - start: A size; it is doubled until the work can be measured.
    ///   - limit: The largest size that is tried: work that is not measurable at this size counts as linear.
    ///   - input: Makes the input of a size.
    ///   - work: The measured work.
    /// - Returns: Whether one of several tries has shown it.
    package static func isLinear<Input>(
        from start: Int, to limit: Int = 4096, input: @escaping @Sendable (Int) -> Input,
        work: @escaping @Sendable (Input) -> Void
    ) async -> Bool {
        // Runs on its own thread, so that it does not block other tests on the cooperative pool.
        await withCheckedContinuation { continuation in
            let box = unsafe Unmanaged.passRetained(
                Work { continuation.resume(returning: measure(from: start, to: limit, input, work)) })
            var thread = pthread_t()
            unsafe pthread_create(
                &thread, nil,
                { argument in
                    if let argument = unsafe argument {
                        unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                    }
                    return nil
                }, unsafe box.toOpaque())
            pthread_detach(thread)
        }
    }

    private final class Work {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }

    private static func measure<Input>(
        from start: Int, to limit: Int, _ input: (Int) -> Input, _ work: (Input) -> Void
    ) -> Bool {
        var size = start
        var small = input(size)
        while time(work, small) < measurable {
            guard size < limit else { return true }
            size *= 2
            small = input(size)
        }
        let large = input(4 * size)
        var best = (small: Int.max, large: Int.max)
        // The minimum of several tries excludes interruptions, and caches that other tests empty meanwhile.
        for _ in 0..<12 {
            best.small = min(best.small, time(work, small))
            best.large = min(best.large, time(work, large))
            if best.large < 8 * best.small { return true }
        }
        return false
    }

    /// Nanoseconds.
    private static let measurable = 1_000_000

    private static func time<Input>(_ work: (Input) -> Void, _ input: Input) -> Int {
        let before = now
        work(input)
        return now - before
    }

    private static var now: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
