//! Frames of the sync protocol, alone and as a peer's side of a whole link.

use nexus_core::sync::frame::{Frame, PACKED, Role};
use nexus_core::sync::{Action, Env, Event, Hold, Hosting, Link, Setup, Whose};
use nexus_core::{Command, Core, Effect, Input, MemoryStore, PeerKey, Taken, Ticket};
use std::sync::LazyLock;

const NOW_MS: u64 = 1_800_000_000_000;
/// Deeds that one frame may cause.
const ACTIONS_MAX: usize = 2_048;

/// What is read is written out again to the same bytes; what came packed, to a frame that is read as the same.
pub(crate) fn frame(data: &[u8]) {
    if let Ok(Some(frame)) = Frame::decode(data) {
        if data.first() == Some(&PACKED) {
            assert_eq!(Frame::decode(&frame.encode_packed()), Ok(Some(frame)));
        } else {
            assert_eq!(frame.encode(), data);
        }
    }
}

/// A relay hears a peer out: each frame has its length in two bytes before it, 0xffff stands for a tick.
pub(crate) fn talk(mut data: &[u8]) {
    let world = &*WORLD;
    let env = Env { now_ms: NOW_MS, view: world.core.view(), store: &world.store };
    let mut link = Link::new(Setup {
        me: PeerKey([1; 32]),
        peer: PeerKey([2; 32]),
        role: Role::Relay,
        relay: None,
        nonce: [3; 32],
        blind: [4; 32],
        hosting: Hosting { whose: Whose::Anybodys, spaces_max: 16, ops_max: 1_000 },
        grace_ms: 60_000,
        hold: Hold::Everything,
        in_order: 2,
    });
    link.begin(&env);
    while let Some((length, rest)) = data.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let goes_on = if length == usize::from(u16::MAX) {
            data = rest;
            happens(&mut link, Event::Tick, &env) && happens(&mut link, Event::Due, &env)
        } else {
            let frame;
            (frame, data) = rest.split_at(length.min(rest.len()));
            happens(&mut link, Event::Frame(frame), &env)
        };
        if !goes_on {
            return;
        }
    }
}

struct World {
    core: Core,
    store: MemoryStore,
}

/// Somebody with a guild: there is something to ask for.
static WORLD: LazyLock<World> = LazyLock::new(|| {
    let store = MemoryStore::default();
    let Ok(core) = Core::load(&store) else { unreachable!("an empty store loads") };
    let mut world = World { core, store };
    world.command(Command::Setup { name: String::from("Ann") });
    world.command(Command::CreateGuild { name: String::from("Home") });
    world
});

impl World {
    fn command(&mut self, command: Command) {
        let actor = self.core.view().owner;
        let input = Input::Command { ticket: Ticket(0), actor, command: Box::new(command) };
        let env = nexus_core::Env { now_ms: NOW_MS, entropy: [7; 64], store: &self.store };
        let Ok(effects) = self.core.handle(input, &env) else { unreachable!("memory does not fail") };
        for effect in effects {
            if let Effect::Append(records) = effect {
                self.store.apply(&records);
            }
        }
    }
}

/// Whether the link lives on.
fn happens(link: &mut Link, event: Event<'_>, env: &Env<'_>) -> bool {
    let Ok(actions) = link.handle(event, env) else { unreachable!("memory does not fail") };
    assert!(actions.len() <= ACTIONS_MAX, "{} deeds for one frame", actions.len());
    actions.into_iter().all(|action| match action {
        Action::Close(_) => false,
        Action::Prove { .. } => happens(link, Event::Proofs(Vec::new()), env),
        Action::AskTurn(space) => happens(link, Event::Turn { space, among: true }, env),
        Action::AskQuiet { space, .. } => happens(link, Event::Quiet(space), env),
        Action::Integrate { batch, .. } => {
            happens(link, Event::Durable { batch, taken: &Taken::default() }, env)
        }
        Action::Send(frame) => {
            assert_eq!(Frame::decode(&frame.encode()), Ok(Some(frame)), "what is sent is a frame");
            true
        }
        _ => true,
    })
}
