/// Runs one piece of work per machine, at most `window` at once, and reports every machine.
///
/// A sliding window: as one machine finishes the next one starts, so memory is bounded by the window and
/// not by the fleet. One machine's failure never hides another's.
///
/// - `each`: called in the order of completion, for progress and streaming output.
/// - Returns: one result per target, in the order of `targets`.
package func fanOut<Value: Sendable>(
    over targets: [SSHTarget], window: Int,
    work: @escaping @Sendable (SSHTarget) async -> Value,
    each: (SSHTarget, Value) async -> Void = { _, _ in }
) async -> [Value] {
    await withTaskGroup(of: (Int, Value).self) { group in
        var results = [Value?](repeating: nil, count: targets.count)
        var next = 0
        func start() {
            let index = next
            let target = targets[index]
            group.addTask { (index, await work(target)) }
            next += 1
        }
        while next < min(max(1, window), targets.count) { start() }
        while let (index, value) = await group.next() {
            results[index] = value
            if next < targets.count { start() }
            await each(targets[index], value)
        }
        return results.compactMap { $0 }
    }
}
