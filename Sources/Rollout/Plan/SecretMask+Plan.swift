package import Rendering

extension SecretMask {
    /// Hides the secrets in the files that plans write.
    package init(secretsOf plans: [ClusterPlan]) {
        self = plans.flatMap(\.nodes).reduce(SecretMask()) { mask, node in
            let files = node.files.compactMap { file in file.contents.map { (file.path, $0) } }
            return mask.hiding(secretsOf: Dictionary(files) { $1 })
        }
    }
}
