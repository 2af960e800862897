import HaopsCommands
import SSHTransport

// Wiring only: what stands behind the transports' names, and what an interrupt means.
let wiring = Wiring { kind, options, prompt, body in
    try await withTransport(kind, options: options, prompt: prompt, body)
}
await Wiring.$current.withValue(wiring) {
    await Interrupts.watched { await Haops.start() }
}
