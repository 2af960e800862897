import ArgumentParser

/// What a verb that looks asks and shows: whether it also asks for the addresses, and whether it shows what is well.
struct ProbingOptions: ParsableArguments {
    @Flag(
        help: """
            Do not ask for the addresses themselves: no ARP or neighbour discovery, no connection to a port. Then nobody \
            knows whether they answer.
            """)
    var noProbe = false

    @Flag(help: "Show only what is wrong, and the summary.")
    var problems = false

    var probes: Bool { !noProbe }
}
