package import Remote

/// What the program passes to the commands: the transport to the machines.
package struct Wiring: Sendable {
    /// Opens a transport, hands it to the body, and closes all of it before it returns.
    package typealias OpenTransport =
        @Sendable (
            TransportKind, ConnectionOptions, any SecretPrompt, @Sendable (any Transport) async throws -> Void
        ) async throws -> Void

    package var openTransport: OpenTransport

    package init(openTransport: @escaping OpenTransport) { self.openTransport = openTransport }

    /// Set once by `main`, and by tests around the command they run.
    @TaskLocal package static var current: Wiring?
}
