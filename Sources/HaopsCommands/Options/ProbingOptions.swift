import ArgumentParser

/// Whether a verb that looks also asks for the addresses.
struct ProbingOptions: ParsableArguments {
    @Flag(
        help: """
            Do not ask for the addresses themselves: no ARP or neighbour discovery, no connection to a port. Then nobody \
            knows whether they answer.
            """)
    var noProbe = false

    var probes: Bool { !noProbe }
}
