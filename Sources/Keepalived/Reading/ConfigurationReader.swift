/// Reads a configuration as one keepalived on one node would.
package struct ConfigurationReader {
    package var files: any ConfigurationFiles
    /// What `@id` lines are compared with: `-i` of the daemon's options, else the node's short host name.
    package var configID: String
    package var version: KeepalivedVersion

    package init(
        files: any ConfigurationFiles, configID: String = "", version: KeepalivedVersion = .assumed
    ) {
        self.files = files
        self.configID = configID
        self.version = version
    }

    /// One file without includes.
    package init(
        path: String, bytes: [UInt8], configID: String = "", version: KeepalivedVersion = .assumed
    ) {
        self.init(
            files: FileSet([path: ConfigurationFile(bytes)]), configID: configID, version: version)
    }

    /// Reads the file at `path` and everything that it includes.
    ///
    /// There is no input that fails: what keepalived would report, or do otherwise than it reads, is in the
    /// result's diagnostics.
    package func effective(path: String) -> EffectiveConfiguration {
        var reader = StatementReader(path: path, files: files, configID: configID, version: version)
        return reader.run()
    }
}
