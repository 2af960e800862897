/// What is wrong with a fleet whose parts are each well formed: everything that two of them disagree about.
///
/// Read inventories have been through this; a fleet made by other means, of live nodes for example, has not.
/// Errors and warnings in no particular order, each at the place where it can be mended.
package func problems(in fleet: Fleet) -> [Diagnostic] {
    var problems = machineProblems(in: fleet) + virtualAddressProblems(in: fleet)
    for cluster in fleet.clusters {
        problems += protocolProblems(of: cluster, in: fleet)
        problems += routerIDProblems(of: cluster, in: fleet)
        problems += electionProblems(of: cluster, in: fleet)
        problems += haproxyProblems(of: cluster, in: fleet)
        problems += fileProblems(of: cluster, in: fleet)
    }
    return problems
}
