extension Report {
    /// Writes the answer to standard output.
    func print(_ format: OutputOptions.Format, on console: Console) {
        switch format {
        case .table: console.answer(text)
        case .json: console.answer(document.json + "\n")
        case .yaml: console.answer(document.yaml)
        case .tsv: console.answer(tsv.tsv)
        }
    }
}
