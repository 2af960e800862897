/// Reads a configuration as a given keepalived version on a given node does.
package struct ConfigurationReader {
    package var files: any ConfigurationFiles
    /// The id for `@id` lines: `-i` of the daemon's options, or else the node's short host name.
    package var configID: String
    package var version: KeepalivedVersion
    /// The directory that relative paths start at, for `${_PWD}`; empty when it is not known.
    package var workingDirectory: String

    package init(
        files: any ConfigurationFiles, configID: String = "", version: KeepalivedVersion = .assumed,
        workingDirectory: String = ""
    ) {
        self.files = files
        self.configID = configID
        self.workingDirectory = workingDirectory
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
    /// No input fails: the result's diagnostics have what keepalived reports or silently treats differently.
    package func effective(path: String) -> EffectiveConfiguration {
        var reader = StatementReader(
            path: path, files: files, configID: configID, workingDirectory: workingDirectory, version: version
        )
        return reader.run()
    }
}
