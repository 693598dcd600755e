//! The protocol of one socket as a state machine: a frame comes in, one deed comes out. No clock, no socket.

use super::caption::ChannelInfoWish;
use super::close::CloseCode;
use super::frame::{
    ClientFrame, Identify, MembersWish, PresenceWish, Resume, ask_heartbeat, heartbeat_ack, hello,
};
use super::voice::VoiceWish;

/// Frames a client may send in [`WINDOW_MS`]; Discord's number.
const FRAMES_MAX: u32 = 120;
/// The span in which they are counted, in ms.
const WINDOW_MS: u64 = 60_000;

/// One socket's place in the protocol.
#[derive(Debug)]
pub(crate) struct Connection {
    heartbeat_ms: u64,
    phase: Phase,
    heard_ms: u64,
    asked: bool,
    window_ms: u64,
    frames: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// HELLO was said; neither IDENTIFY nor RESUME came.
    Greeted,
    /// It reads a gateway session.
    Live,
}

/// What the shell has to do.
#[derive(Debug)]
pub(crate) enum Deed {
    /// Nothing.
    Nothing,
    /// Send this frame.
    Send(String),
    /// Let go of what arrived, where there is a session, and send this frame.
    Heartbeat {
        /// The last number that arrived.
        seq: Option<u64>,
        /// The answer.
        answer: String,
    },
    /// Begin a gateway session, then call [`Connection::admitted`].
    Identify(Box<Identify>),
    /// Go on with one, then call [`Connection::admitted`].
    Resume(Resume),
    /// Keep and tell how the account wants to be seen.
    Presence(Box<PresenceWish>),
    /// Keep and tell in which voice channel the account is.
    Voice(VoiceWish),
    /// Answer with members.
    RequestMembers(MembersWish),
    /// Answer with what is known of channels for the moment.
    RequestChannelInfo(ChannelInfoWish),
    /// Close the socket.
    Close(CloseCode),
}

impl Connection {
    /// A socket that was just opened, and the HELLO it begins with.
    pub(crate) fn open(heartbeat_ms: u64, now_ms: u64) -> (Self, String) {
        let connection = Self {
            heartbeat_ms,
            phase: Phase::Greeted,
            heard_ms: now_ms,
            asked: false,
            window_ms: now_ms,
            frames: 0,
        };
        (connection, hello(heartbeat_ms))
    }

    /// A frame of the client.
    pub(crate) fn handle(&mut self, frame: &[u8], now_ms: u64) -> Deed {
        if self.is_flooded(now_ms) {
            return Deed::Close(CloseCode::RateLimited);
        }
        match ClientFrame::parse(frame) {
            Ok(frame) => self.decide(frame, now_ms),
            Err(code) => Deed::Close(code),
        }
    }

    /// The shell has begun or resumed a gateway session for it.
    pub(crate) fn admitted(&mut self, now_ms: u64) {
        self.phase = Phase::Live;
        self.heard(now_ms);
    }

    /// When to call [`Self::tick`] next, in the clock's ms.
    pub(crate) const fn deadline(&self) -> u64 {
        let quarters = if self.asked { 6 } else { 5 };
        self.heard_ms + self.heartbeat_ms * quarters / 4
    }

    /// Time has passed: a client that was not heard for one and a quarter intervals is asked for a heartbeat, and is
    /// gone after one and a half.
    pub(crate) fn tick(&mut self, now_ms: u64) -> Deed {
        if now_ms < self.deadline() {
            Deed::Nothing
        } else if self.asked {
            Deed::Close(CloseCode::SessionTimedOut)
        } else {
            self.asked = true;
            Deed::Send(ask_heartbeat())
        }
    }

    fn heard(&mut self, now_ms: u64) {
        self.heard_ms = now_ms;
        self.asked = false;
    }

    fn decide(&mut self, frame: ClientFrame, now_ms: u64) -> Deed {
        match (self.phase, frame) {
            // Somebody who never identifies is not kept, however often their heart beats.
            (Phase::Greeted, ClientFrame::Heartbeat { .. }) => Deed::Send(heartbeat_ack()),
            (Phase::Live, ClientFrame::Heartbeat { seq }) => {
                self.heard(now_ms);
                Deed::Heartbeat { seq, answer: heartbeat_ack() }
            }
            (Phase::Greeted, ClientFrame::Identify(identify)) => Deed::Identify(identify),
            (Phase::Greeted, ClientFrame::Resume(resume)) => Deed::Resume(resume),
            (Phase::Live, ClientFrame::Identify(_) | ClientFrame::Resume(_)) => {
                Deed::Close(CloseCode::AlreadyAuthenticated)
            }
            (Phase::Greeted, _) => Deed::Close(CloseCode::NotAuthenticated),
            (Phase::Live, ClientFrame::Presence(wish)) => Deed::Presence(wish),
            (Phase::Live, ClientFrame::Voice(wish)) => Deed::Voice(wish),
            (Phase::Live, ClientFrame::RequestMembers(wish)) => Deed::RequestMembers(wish),
            (Phase::Live, ClientFrame::RequestChannelInfo(wish)) => Deed::RequestChannelInfo(wish),
            (Phase::Live, ClientFrame::Ignored) => Deed::Nothing,
        }
    }

    fn is_flooded(&mut self, now_ms: u64) -> bool {
        if now_ms.saturating_sub(self.window_ms) >= WINDOW_MS {
            self.window_ms = now_ms;
            self.frames = 0;
        }
        self.frames += 1;
        self.frames > FRAMES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::{CloseCode, Connection, Deed};

    const INTERVAL: u64 = 41_250;
    const IDENTIFY: &[u8] = br#"{"op":2,"d":{"token":"t","intents":1,"properties":{}}}"#;
    const RESUME: &[u8] = br#"{"op":6,"d":{"token":"t","session_id":"s","seq":1}}"#;
    const HEARTBEAT: &[u8] = br#"{"op":1,"d":null}"#;

    fn connection() -> Connection {
        Connection::open(INTERVAL, 0).0
    }

    fn live() -> Connection {
        let mut connection = connection();
        connection.admitted(0);
        connection
    }

    fn closed_with(deed: &Deed) -> Option<CloseCode> {
        if let Deed::Close(code) = deed { Some(*code) } else { None }
    }

    #[test]
    fn a_heartbeat_before_identify_is_answered() {
        let mut connection = connection();
        assert!(matches!(connection.handle(HEARTBEAT, 0), Deed::Send(_)));
        assert!(matches!(connection.handle(IDENTIFY, 0), Deed::Identify(_)));
    }

    #[test]
    fn a_refused_identify_may_be_tried_again_on_the_same_socket() {
        let mut connection = connection();
        assert!(matches!(connection.handle(RESUME, 0), Deed::Resume(_)));
        assert!(matches!(connection.handle(IDENTIFY, 0), Deed::Identify(_)));
    }

    #[test]
    fn everything_else_needs_an_identify_first() {
        for frame in [
            r#"{"op":3,"d":{}}"#,
            r#"{"op":4,"d":{"guild_id":1,"channel_id":null}}"#,
            r#"{"op":8,"d":{"guild_id":1,"query":""}}"#,
            r#"{"op":43,"d":{"guild_id":"1","fields":["status"]}}"#,
        ] {
            let deed = connection().handle(frame.as_bytes(), 0);
            assert_eq!(closed_with(&deed), Some(CloseCode::NotAuthenticated), "{frame}");
            assert_eq!(closed_with(&live().handle(frame.as_bytes(), 0)), None, "{frame}");
        }
    }

    #[test]
    fn a_second_identify_closes() {
        assert_eq!(closed_with(&live().handle(IDENTIFY, 0)), Some(CloseCode::AlreadyAuthenticated));
        assert_eq!(closed_with(&live().handle(RESUME, 0)), Some(CloseCode::AlreadyAuthenticated));
    }

    /// Ticks whenever it is due, until something closes it; gives when that was.
    fn silent_until_closed(mut connection: Connection) -> u64 {
        loop {
            let now_ms = connection.deadline();
            assert!(matches!(connection.tick(now_ms - 1), Deed::Nothing), "before it is due");
            if let Deed::Close(code) = connection.tick(now_ms) {
                assert_eq!(code, CloseCode::SessionTimedOut);
                return now_ms;
            }
        }
    }

    #[test]
    fn silence_for_one_and_a_half_intervals_closes() {
        let mut connection = live();
        assert!(matches!(connection.handle(HEARTBEAT, 1000), Deed::Heartbeat { .. }));
        assert_eq!(silent_until_closed(connection), 1000 + INTERVAL * 3 / 2);
    }

    #[test]
    fn a_client_that_fell_silent_is_asked_once_and_may_answer() {
        let mut connection = live();
        let asked_ms = connection.deadline();
        assert!(matches!(connection.tick(asked_ms), Deed::Send(frame) if frame.contains("\"op\":1")));
        let _ = connection.handle(HEARTBEAT, asked_ms);
        assert_eq!(silent_until_closed(connection), asked_ms + INTERVAL * 3 / 2);
    }

    #[test]
    fn other_frames_do_not_stand_for_a_heartbeat() {
        let mut connection = live();
        let _ = connection.handle(br#"{"op":3,"d":{}}"#, 50_000);
        assert_eq!(silent_until_closed(connection), INTERVAL * 3 / 2);
    }

    #[test]
    fn a_heart_that_beats_without_identify_is_not_kept() {
        let mut connection = connection();
        let _ = connection.handle(HEARTBEAT, 50_000);
        assert_eq!(silent_until_closed(connection), INTERVAL * 3 / 2);
    }

    #[test]
    fn the_121st_frame_of_a_minute_closes() {
        let mut connection = live();
        for n in 0..120 {
            assert_eq!(closed_with(&connection.handle(HEARTBEAT, n)), None);
        }
        assert_eq!(closed_with(&connection.handle(HEARTBEAT, 59_999)), Some(CloseCode::RateLimited));
        assert_eq!(closed_with(&connection.handle(HEARTBEAT, 60_000)), None, "a new minute");
    }
}
