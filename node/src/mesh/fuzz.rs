//! What `testnet/fuzz` calls: bytes that other programs send around the link's own frames. They must not panic.

use super::{dial_back, look_up, wire};
use futures_util::io::Cursor;
use nexus_core::sync::frame::LINK_FRAME_MAX;
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let built = Builder::new_current_thread().enable_time().build();
    built.unwrap_or_else(|error| panic!("a runtime without sockets: {error}"))
});

/// A stream of frames, to its end.
///
/// # Panics
/// Where a frame is empty or longer than frames are.
pub fn stream(data: &[u8]) {
    RUNTIME.block_on(async {
        let mut from = Cursor::new(data);
        while let Ok(frame) = wire::read(&mut from).await {
            assert!((1..=LINK_FRAME_MAX).contains(&frame.len()));
        }
    });
}

/// What a relay's window says of its place.
pub fn place(data: &[u8]) {
    let _ = look_up::place_in(data);
}

/// What another relay says of the roads it tried.
///
/// # Panics
/// Where its words hold what a terminal obeys.
pub fn roads(data: &[u8]) {
    let Some(facts) = dial_back::facts_in(data) else { return };
    let roads = [facts.window, facts.tcp, facts.udp, facts.web_socket];
    assert!(roads.into_iter().flatten().filter_map(Result::err).all(|why| !why.contains(char::is_control)));
}
