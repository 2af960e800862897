import Facts
import Inventory
import Keepalived

/// Something that an instance of one node tracks and that may fail alone.
struct TrackedObject {
    enum Kind: String { case script, process, interface, file }

    var reference: TrackedReference
    var kind: Kind
    var name: String { reference.name }
}

extension VirtualRouter.Member {
    /// Scripts, processes, interfaces and files whose failure counts for the instance, those of its sync group too. A reversed
    /// one that fails is a success.
    var trackedObjects: [TrackedObject] {
        guard let instance else { return [] }
        let group = node.configuration?.syncGroup(of: instance)
        func objects(_ own: [TrackedReference], _ shared: [TrackedReference]?, _ kind: TrackedObject.Kind)
            -> [TrackedObject]
        {
            (own + (shared ?? [])).filter { !$0.isReversed }.map { TrackedObject(reference: $0, kind: kind) }
        }
        let files = objects(instance.trackFiles, group?.trackFiles, .file)
        return objects(instance.trackScripts, group?.trackScripts, .script)
            + objects(instance.trackProcesses, group?.trackProcesses, .process)
            + objects(instance.trackInterfaces, group?.trackInterfaces, .interface)
            // By this file haops moves addresses: it does not fail.
            + files.filter { $0.name != NodePaths.handoverName(of: instance.name) }
    }

    /// The objects that fail now, as the daemon and the kernel say.
    var failingObjects: Set<String> {
        let checks = node.daemon?.checks
        return Set(
            trackedObjects.filter { object in
                switch object.kind {
                case .script: checks?[script: object.name]?.isFailing == true
                case .process: checks?.processes.first { $0.name == object.name }?.hasQuorum == false
                case .interface:
                    node.interfaces.first { $0.name == object.name }.map { !$0.isUp || !$0.hasCarrier }
                        == true
                case .file: false
                }
            }.map(\.name))
    }

    /// The interfaces that carry its addresses, in the order of the addresses.
    var carryingInterfaces: [String] {
        guard let instance else {
            return addresses.sorted().compactMap { node.after?.interface(holding: $0)?.name }.uniqued()
        }
        return instance.allAddresses.map { $0.device ?? interface }.filter { !$0.isEmpty }.uniqued()
    }

    /// The interfaces whose loss puts the instance in FAULT: its own, tracked ones without a weight, and those of its
    /// addresses.
    var faultingInterfaces: Set<String> {
        guard let instance else { return interface.isEmpty ? [] : [interface] }
        let tracksOwn = !instance.ignoresOwnInterface
        var names = Set(
            trackedObjects.filter { $0.kind == .interface && $0.reference.weight == 0 }.map(\.name))
        if tracksOwn { names.insert(interface) }
        guard node.version.tracksAddressInterfaces else { return names }
        for address in instance.allAddresses where !address.isUntracked {
            let name = address.device ?? interface
            // vrrp.c: the addresses do not bring the own interface back that `dont_track_primary` leaves out.
            if tracksOwn || name != interface { names.insert(name) }
        }
        return names
    }

    /// The priority, or FAULT, once some of its objects fail beside those that fail now.
    ///
    /// - `files`: the names of tracked files among them, which are taken to say FAULT.
    func outcome(failing names: Set<String>) -> PriorityArithmetic.Outcome {
        guard let instance, let configuration = node.configuration else {
            return .priority(after?.effectivePriority ?? 100)
        }
        let now = failingObjects
        let isFile = Set(trackedObjects.filter { $0.kind == .file }.map(\.name))
        // A number that means FAULT whatever the weight is.
        let values = Dictionary(
            uniqueKeysWithValues: names.intersection(isFile).map { name in
                let weight = trackedObjects.first { $0.name == name }?.reference.weight ?? 1
                return (name, weight > 0 ? -254 : 254)
            })
        func computed(_ instance: Instance, _ failing: Set<String>, _ files: [String: Int])
            -> PriorityArithmetic.Outcome
        {
            PriorityArithmetic(of: instance, in: configuration).outcome(failing: failing, fileValues: files)
        }
        let next = computed(instance, now.union(names), values)
        guard case .priority(let priority) = next else { return next }
        // The group goes to FAULT with any of its members.
        for other in configuration.syncGroup(of: instance)?.members ?? [] where other.text != instance.name {
            guard let sibling = configuration.instance(named: other.text) else { continue }
            if case .fault(let causes) = computed(sibling, names, values) { return .fault(causes: causes) }
        }
        // What the daemon says has more in it than the file: numbers in tracked files, a raised priority.
        guard let live = after?.effectivePriority, let known = computed(instance, now, [:]).priority,
            priority != 255
        else { return next }
        return .priority(PriorityArithmetic.clamped(priority + live - known))
    }

    /// How long keepalived takes to notice that an object has failed.
    func detection(of object: TrackedObject) -> OutagePrediction {
        switch object.kind {
        case .interface, .file: return .none
        case .process:
            let block = node.configuration?.trackProcesses.first { $0.name == object.name }
            // keepalived.conf(5): it may be gone for so long without counting as failed.
            let delay = block?.others.first { ["delay", "terminate_delay"].contains($0.keyword) }
            let seconds = delay?.arguments.first.flatMap { Double($0.text) } ?? 0
            let time = Duration.milliseconds(Int(max(0, min(3600, seconds)) * 1000))
            return OutagePrediction(shortest: time, longest: time)
        case .script:
            guard let script = node.configuration?.script(named: object.name) else { return .none }
            return .runs(script.fall.value, every: script.interval.value)
        }
    }

    /// How long it takes to notice that the object works again.
    func recovery(of object: TrackedObject) -> OutagePrediction {
        guard object.kind == .script, let script = node.configuration?.script(named: object.name) else {
            return .none
        }
        return .runs(script.rise.value, every: script.interval.value)
    }

    /// The timers that the daemon reports, else those of its file.
    var timers: InstanceTimers {
        let written = instance.map(InstanceTimers.init(of:)) ?? InstanceTimers()
        return after.map { LiveTimers(of: $0).completed(by: written) } ?? written
    }
}

extension OutagePrediction {
    /// From a moment between two runs of a check until its result has been another one for so many runs.
    fileprivate static func runs(_ count: Int, every seconds: Int) -> OutagePrediction {
        let count = max(1, min(1000, count))
        let interval = Duration.seconds(max(1, min(86400, seconds)))
        return OutagePrediction(shortest: interval * (count - 1), longest: interval * count)
    }
}
