# Builds the pure modules that the language needs as static libraries into a directory: build_modules DIR FLAGS…
build_modules() {
    dir=$1
    shift
    for module in Addresses Concealment Keepalived; do
        find "Sources/$module" -name '*.swift' | sort >"$dir/$module.files"
        swiftc "$@" -wmo -swift-version 6 -package-name haops -parse-as-library -module-name "$module" \
            -strict-memory-safety -enable-upcoming-feature ExistentialAny \
            -enable-upcoming-feature InternalImportsByDefault \
            -enable-upcoming-feature MemberImportVisibility \
            -I "$dir" -emit-module -emit-module-path "$dir/$module.swiftmodule" \
            -emit-library -static -o "$dir/lib$module.a" @"$dir/$module.files"
    done
}
