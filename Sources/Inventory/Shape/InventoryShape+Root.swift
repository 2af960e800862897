extension InventoryShape {
    /// The whole inventory.
    package static let root = mapping([
        Key("haops", integer(1...1), "The format of this file: `1`.", isRequired: true),
        Key(
            "ssh", ssh,
            "How machines are reached. `~/.ssh/config` is honoured too; what stands here counts more."),
        Key(
            "secrets", named(pattern: plainWord, secret),
            "Where secrets are, by name, never the secrets themselves. `${secret:NAME}` in raw lines and templates stands for one."
        ),
        Key(
            "defaults", defaults,
            "What every cluster has unless it says otherwise. Mappings are laid over these key by key; lists are replaced."
        ),
        Key("files", files, "Files of your own for every node: scripts, maps, certificates."),
        Key("templates", text(), "A directory whose files replace the shipped templates of the same name."),
        Key("clusters", named(pattern: plainWord, cluster), "The clusters, by name.", isRequired: true),
    ])

    static let ssh = mapping([
        Key("user", text(pattern: "^([A-Za-z0-9]|_)"), "The login; sudo is used when it is not root."),
        Key("port", port, "The port of sshd."),
        Key(
            "identity", list(text(), isUnique: true),
            "A private key, or a list; a relative path starts at the inventory."),
        Key(
            "jump", list(text(), isUnique: true),
            "The hops on the way, nearest first: `[user@]host[:port]`; `none` for none."),
    ])

    static let secret = mapping(
        [
            Key("env", text(pattern: "^[^=]+$"), "The variable of the environment that has it."),
            Key("file", text(), "The file that has it; its last newline does not count."),
            Key(
                "command", sequence(either([text(), nothing])),
                "The program that prints it, with its arguments; no shell runs it."),
        ], oneOf: ["env", "file", "command"])

    static let defaults = mapping(sections)

    static let cluster = mapping(
        [
            Key(
                "nodes", named(pattern: names, either([node, nothing])),
                "The balancers, by name; a range such as `lb[01-04]` is many.", isRequired: true),
            Key(
                "observers", either([named(pattern: names, either([observer, nothing])), nothing]),
                "Machines outside that are asked what ARP says."),
            Key("ssh", ssh, "How this cluster's machines are reached, over the settings at the top."),
            Key(
                "adopted", boolean,
                "`true`: haops adds nothing of its own to what the nodes had before. Default: false."),
        ] + sections + [
            Key("files", nearFiles, "Files of your own for this cluster's nodes; `none` for not this one."),
            Key("templates", text(), "A directory of templates, for this cluster."),
        ])

    /// What a cluster may have of its own, or from `defaults`.
    private static let sections = [
        Key("keepalived", keepalived, "Who owns which address, and how the nodes agree on it."),
        Key("haproxy", haproxy, "What is served at the addresses."),
        Key(
            "sysctl",
            named(
                pattern: "^[A-Za-z0-9_./-]*\\.[A-Za-z0-9_./-]*$", text(), mayBeEmpty: true),
            "Kernel settings of the nodes, by name: `net.ipv4.ip_nonlocal_bind: 1`."),
        Key("firewall", firewall, "What is let in, and made to last."),
        Key(
            "packages", list(text(pattern: "^[A-Za-z0-9][A-Za-z0-9+._:~=-]*$"), isUnique: true),
            "Installed with the node's own package manager when missing."),
    ]

    static let node = mapping([
        Key(
            "address", list(text()),
            "Where it is reached: an address, a name, or an alias of ~/.ssh/config; default: its name."),
        Key(
            "priority", list(priority),
            "1 to 254, the highest owns the addresses; for all nodes of a cluster or none. Without any, nodes count down from 150."
        ),
        Key("interface", interface, "Where adverts travel on this node, if its card has another name."),
        Key(
            "vrrp_address", list(text(pattern: "[.:]")),
            "Where its adverts come from; needed for unicast behind a name."),
        Key("ssh", ssh, "How this node is reached, over the cluster's settings."),
        Key("files", nearFiles, "Files of your own for this node; `none` for not this one."),
    ])

    static let observer = mapping([
        Key("address", list(text()), "Where it is reached; default: its name."),
        Key("ssh", ssh, "How it is reached, over the cluster's settings."),
    ])

    static let firewall = mapping([
        Key(
            "backend", choice(FirewallSettings.Backend.allCases.map(\.rawValue)),
            "What filters packets on the nodes; `auto` finds out."),
        Key(
            "allow", list(choice(FirewallSettings.Allowance.allCases.map(\.rawValue))),
            "What is let in, at a place where it takes effect; default: both."),
    ])

    // MARK: - Files

    /// Only the shortest spelling of an absolute path.
    private static let destination = "^(/[^/]+)+$"

    static let files = either([named(pattern: destination, shippedFile, mayBeEmpty: true), nothing])

    static let nearFiles = either([
        named(pattern: destination, either([shippedFile, choice(["none"])]), mayBeEmpty: true), nothing,
    ])

    static let shippedFile = mapping(
        [
            Key("source", text(), "The file here; a relative path starts at the inventory."),
            Key("text", text(), "Its contents, instead of a `source`."),
            Key(
                "template", boolean,
                "Whether it is filled with the node's values, as haops' own templates are."),
            Key("secret", boolean, "Whether it is never shown, and is its owner's alone."),
            Key(
                "owner", text(pattern: "^[A-Za-z0-9_][A-Za-z0-9_.-]*:[A-Za-z0-9_][A-Za-z0-9_.-]*$"),
                "User and group; default: `root:root`."),
            Key(
                "mode", text(pattern: "^[0-7]{3,4}$"),
                "Permissions in octal; default: `\"0755\"` for what begins with `#!`, else `\"0644\"`."),
            Key(
                "on_change", choice(ShippedFile.OnChange.allCases.map(\.rawValue)),
                "What is done when it has changed; default: nothing, as for scripts."),
        ], oneOf: ["source", "text"])
}
