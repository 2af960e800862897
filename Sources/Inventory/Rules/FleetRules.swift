/// The problems of a fleet whose parts are valid by themselves: contradictions between parts.
///
/// Reading an inventory includes this check; a fleet from another source, for example live nodes, needs it.
/// Returns errors and warnings in no particular order, each at the place where it can be corrected.
package func problems(in fleet: Fleet) -> [Diagnostic] {
    var problems = machineProblems(in: fleet) + virtualAddressProblems(in: fleet)
    problems += sharedSegmentProblems(in: fleet)
    for cluster in fleet.clusters {
        problems += protocolProblems(of: cluster, in: fleet)
        problems += routerIDProblems(of: cluster, in: fleet)
        problems += electionProblems(of: cluster, in: fleet)
        problems += haproxyProblems(of: cluster, in: fleet)
        problems += fileProblems(of: cluster, in: fleet)
    }
    return problems
}
