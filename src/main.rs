//! Parse, dispatch, exit code; nothing else.

use std::process::ExitCode;

/// glibc grows the heap of every thread but the first by a few pages at a time, each by a call to the
/// kernel that stops the other threads; hosts are rendered on several.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    composegen::cli::main()
}
