//! libFuzzer over one target, named by `NEXUS_FUZZ_TARGET`; its arguments are libFuzzer's own. Built by `cargo xtask prove fuzz`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nexus_fuzz::{TARGETS, Target, memory};
use peak_alloc::PeakAlloc;
use std::sync::LazyLock;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("NEXUS_FUZZ_TARGET").unwrap_or_default();
    let target = TARGETS.iter().find(|target| target.name == name);
    target.unwrap_or_else(|| panic!("NEXUS_FUZZ_TARGET names no target: {name:?}"))
});

fuzz_target!(|data: &[u8]| {
    memory::run(&MEMORY, &TARGET, data);
});
