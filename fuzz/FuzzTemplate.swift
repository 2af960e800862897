/// libFuzzer's entry: any bytes as a template. What must hold stands in the function that it calls, which the unit tests call too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTemplate(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe TemplateInput.render(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
