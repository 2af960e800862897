/// Runs work for each machine, at most `window` at once, and returns every result.
///
/// A failure on one machine does not affect the others.
///
/// - `each`: called in the order of completion, for progress and streaming output.
/// - Returns: one result per target, in the order of `targets`.
package func fanOut<Value: Sendable>(
    over targets: [SSHTarget], window: Int,
    work: @escaping @Sendable (SSHTarget) async -> Value,
    each: (SSHTarget, Value) async -> Void = { _, _ in }
) async -> [Value] {
    await concurrently(targets, window: window, work: work, each: each)
}

/// Works on all items, at most `window` at once.
///
/// The window slides: when one item is finished the next one starts. Memory is bounded by the window and not by
/// the number of items.
///
/// - `each`: called in the order of completion.
/// - Returns: one result per item, in their order.
package func concurrently<Item: Sendable, Value: Sendable>(
    _ items: [Item], window: Int,
    work: @escaping @Sendable (Item) async -> Value,
    each: (Item, Value) async -> Void = { _, _ in }
) async -> [Value] {
    await withTaskGroup(of: (Int, Value).self) { group in
        var results = [Value?](repeating: nil, count: items.count)
        var next = 0
        func start() {
            let index = next
            let item = items[index]
            group.addTask { (index, await work(item)) }
            next += 1
        }
        while next < min(max(1, window), items.count) { start() }
        while let (index, value) = await group.next() {
            results[index] = value
            if next < items.count { start() }
            await each(items[index], value)
        }
        return results.compactMap { $0 }
    }
}

extension Result where Success: Sendable {
    /// The result of asynchronous work.
    package init(_ work: () async throws(Failure) -> Success) async {
        do { self = .success(try await work()) } catch { self = .failure(error) }
    }
}
