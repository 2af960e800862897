extension Configuration {
    /// The configuration without the lines that keepalived skips.
    package var withoutUnknown: Configuration {
        var copy = self
        copy.others = others.known
        copy.global.others = global.others.known
        for index in copy.instances.indices { copy.instances[index].others = instances[index].others.known }
        for index in copy.syncGroups.indices {
            copy.syncGroups[index].others = syncGroups[index].others.known
        }
        for index in copy.trackProcesses.indices {
            copy.trackProcesses[index].others = trackProcesses[index].others.known
        }
        return copy
    }
}

extension [Statement] {
    fileprivate var known: [Statement] {
        filter { $0.kind != .unknown }.map { line in
            var line = line
            line.block = line.block?.known
            return line
        }
    }
}
