/// What is wrong with a fleet whose parts are each well formed: everything that two of them disagree about.
package func problems(in fleet: Fleet) -> [Diagnostic] {
    []
}
