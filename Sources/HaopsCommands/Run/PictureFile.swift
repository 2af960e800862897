import Pictures

/// A file of this machine for pictures.
struct PictureFile: Sendable {
    private enum Form: Sendable { case page, image }

    var path: String
    private var form: Form

    /// `nil` for a name that says no form.
    init?(path: String) {
        self.path = path
        if path.hasSuffix(".html") {
            form = .page
        } else if path.hasSuffix(".svg") {
            form = .image
        } else {
            return nil
        }
    }

    static func complaint(about path: String) -> String {
        "--picture names a file that ends with .html or .svg, and `\(path)` does not"
    }

    /// Writes one of both forms.
    ///
    /// - Throws: ``Failure`` with the cause.
    func write(page: () -> String, image: () -> String) throws {
        let text =
            switch form {
            case .page: page()
            case .image: image()
            }
        try WholeFile.write(Array(text.utf8), to: path, mode: 0o644)
    }

    /// Writes all pictures as a page, or the last one as an image.
    ///
    /// - Throws: ``Failure`` with the cause.
    func write(_ pictures: [LanePicture], title: String, remarks: [String]) throws {
        try write(
            page: { PicturePage(title: title, remarks: remarks, pictures: pictures).html },
            image: { pictures.last?.svg() ?? "" })
    }
}
