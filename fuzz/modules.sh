# Builds modules as static libraries into a directory: build_modules DIR FLAGS… builds the pure ones that keepalived's
# language needs, build_module DIR NAME "FILES" FLAGS… one of them.
build_module() {
    dir=$1
    module=$2
    printf '%s\n' "$3" >"$dir/$module.files"
    shift 3
    swiftc "$@" -wmo -swift-version 6 -package-name haops -parse-as-library -module-name "$module" \
        -strict-memory-safety -enable-upcoming-feature ExistentialAny \
        -enable-upcoming-feature InternalImportsByDefault \
        -enable-upcoming-feature MemberImportVisibility \
        -I "$dir" -emit-module -emit-module-path "$dir/$module.swiftmodule" \
        -emit-library -static -o "$dir/lib$module.a" @"$dir/$module.files"
}

build_modules() {
    out_dir=$1
    shift
    for name in Addresses Concealment Keepalived; do
        build_module "$out_dir" "$name" "$(find "Sources/$name" -name '*.swift' | sort)" "$@"
    done
    # What a program that uses them is linked with.
    printf '%s\n' -lKeepalived -lConcealment -lAddresses -lFoundationEssentials -lswiftSynchronization -lm \
        >"$out_dir/libraries"
}
