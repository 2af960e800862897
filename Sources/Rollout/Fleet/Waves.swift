/// How a change goes through many clusters: how many at once, which one first, and when no other is begun.
package struct Waves: Hashable, Sendable {
    /// How many clusters are changed at the same time.
    package var atOnce: Int
    /// The cluster that is changed alone and first.
    package var canary: String?
    /// How many clusters may fail before no other is begun.
    package var maxFailures: Int

    package init(atOnce: Int = 1, canary: String? = nil, maxFailures: Int = 0) {
        self.atOnce = max(1, atOnce)
        self.canary = canary
        self.maxFailures = max(0, maxFailures)
    }
}
