//! Who is there: greeting, proofs, invites.

use super::{Action, CloseReason, Done, Env, Halt, Link};
use crate::core::{DeviceProof, PROOFS_MAX};
use crate::effect::Arriving;
use crate::invite::InviteCode;
use crate::sync::frame::{
    Ask, Frame, Hello, PROOF_OPS_MAX, Proof, READS_PACKED, Refuse, RefuseCode, Role, Vouched,
};
use crate::sync::rights::{Standing, VOUCHED_MAX, names_relay};
use nexus_crdt::id::{SpaceId, UserId};
use nexus_crdt::kind::Plane;
use nexus_crdt::op;
use nexus_crypto::{PublicKey, Signature};
use std::collections::BTreeSet;

impl Link {
    /// The bytes of a frame, as the peer reads them.
    #[must_use]
    pub fn encode(&self, frame: &Frame) -> Vec<u8> {
        match self.hello.as_ref().is_some_and(|hello| hello.version >= READS_PACKED) {
            true => frame.encode_packed(),
            false => frame.encode(),
        }
    }

    pub(super) fn greeted(&mut self, hello: Hello, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        if self.hello.is_some() {
            return Err(Halt::Close(CloseReason::Garbage));
        }
        if hello.version < 1 {
            return Err(Halt::Close(CloseReason::Version));
        }
        if self.setup.peer == self.setup.me {
            return Err(Halt::Close(CloseReason::Myself));
        }
        self.skew_ms = i64::try_from(hello.now_ms).unwrap_or(i64::MAX).saturating_sub_unsigned(env.now_ms);
        self.hello = Some(hello);
        match self.setup.role {
            Role::Node if self.is_a_meeting() => self.say_common(env, out),
            // Offers come after it: a relay takes nothing from who speaks for nobody.
            Role::Node => self.prove(env, out),
            // .. which the relays of a guild say to each other, too.
            Role::Relay if self.rights.relay().is_some() => self.prove(env, out),
            // To nodes a relay speaks for nobody: what it holds, it holds because guilds name it.
            Role::Relay => self.offer_all(env, out),
        }
        Ok(())
    }

    pub(super) fn prove(&mut self, env: &Env<'_>, out: &mut Vec<Action>) {
        let Some(hello) = &self.hello else { return };
        let transcript = self.transcript(&hello.nonce);
        let before = self.shown.take().map(|(shown, _)| shown).unwrap_or_default();
        let (shown, whom) = match self.setup.role {
            Role::Node => (env.view.local.clone(), None),
            Role::Relay => {
                let new: BTreeSet<UserId> =
                    self.concerned(env).into_iter().filter(|user| !before.contains(user)).collect();
                (before.union(new.iter().copied().collect()), Some(new))
            }
        };
        out.push(Action::Prove { transcript, whom });
        self.shown_devices = env.view.local_devices.clone();
        self.shown = Some((shown, env.now_ms));
        self.proving = true;
    }

    /// Whom a relay speaks for to another: its people in what names that one, one of each space first, and of nobody else is
    /// it told.
    fn concerned(&self, env: &Env<'_>) -> BTreeSet<UserId> {
        let Some(url) = self.rights.relay() else { return BTreeSet::new() };
        let people = || env.view.local.iter().filter_map(|user| Some((user, env.view.guilds_of.get(user)?)));
        let (mut whom, mut spoken_for) = (BTreeSet::new(), BTreeSet::new());
        for (user, spaces) in people() {
            let new = |space: &&SpaceId| names_relay(env.view, space, url) && !spoken_for.contains(*space);
            let new: Vec<SpaceId> = spaces.iter().filter(new).copied().collect();
            if !new.is_empty() && whom.len() < PROOFS_MAX {
                whom.insert(*user);
                spoken_for.extend(new);
            }
        }
        for (user, spaces) in people() {
            if whom.len() < PROOFS_MAX && spaces.iter().any(|space| spoken_for.contains(space)) {
                whom.insert(*user);
            }
        }
        whom
    }

    /// An account that was made here since the peer greeted is vouched for too.
    pub(super) fn prove_again(&mut self, env: &Env<'_>, out: &mut Vec<Action>) {
        let Some((accounts, shown_ms)) = &self.shown else { return };
        let waited = env.now_ms.saturating_sub(*shown_ms) >= PROVE_AGAIN_MS || accounts.is_empty();
        let differ = match self.setup.role {
            Role::Node => *accounts != env.view.local || self.shown_devices != env.view.local_devices,
            Role::Relay => {
                let new = self.concerned(env).iter().filter(|user| !accounts.contains(*user)).count();
                new > 0 && accounts.len() + new <= VOUCHED_MAX
            }
        };
        if waited && differ {
            self.prove(env, out);
        }
    }

    /// What this side's accounts sign: both keys, so that nobody between can pass it on, and the other side's nonce.
    fn transcript(&self, their_nonce: &[u8; 32]) -> Vec<u8> {
        [self.setup.me.0, self.setup.peer.0, *their_nonce].concat()
    }

    fn their_transcript(&self) -> Vec<u8> {
        [self.setup.peer.0, self.setup.me.0, self.setup.nonce].concat()
    }

    pub(super) fn send_proofs(
        &mut self,
        proofs: &[DeviceProof],
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Done {
        // Said again they would say nothing new, and a peer bears so many in the life of a link.
        let (mut vouched, mut ops, mut bytes) = (Vec::new(), Vec::new(), 0);
        let is_first = self.vouched_for.is_empty();
        for DeviceProof { user, device, signature } in proofs {
            let is_said = self.vouched_for.contains(&(*user, *device));
            if is_said || self.vouched_for.len() >= vouched_max(user, env) {
                continue;
            }
            let log = self.source(env).identity(user)?;
            bytes += log.iter().map(Vec::len).sum::<usize>();
            if bytes > PROOF_BYTES || ops.len() + log.len() > PROOF_OPS_MAX {
                break;
            }
            self.vouched_for.insert((*user, *device));
            vouched.push(Vouched { user: *user, device: *device, signature: signature.0 });
            ops.extend(log.into_iter().map(Into::into));
        }
        if is_first || !vouched.is_empty() {
            out.push(Action::Send(Frame::Proof(Proof { proofs: vouched, ops })));
        }
        self.proving = false;
        self.offer_all(env, out);
        self.say_sought(env, out);
        // One that was asked before the proofs went out is under way.
        if self.asked_ms == 0 {
            self.ask_next(env, out);
        }
        Ok(())
    }

    pub(super) fn proof(&mut self, proof: Proof, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        if std::mem::replace(&mut self.proven, true) {
            self.bear(PROOF_COST)?;
        }
        let transcript = self.their_transcript();
        for Vouched { user, device, signature } in proof.proofs {
            let signature = Signature(signature);
            if !(DeviceProof { user, device, signature }).holds(&transcript) {
                return Err(Halt::Close(CloseReason::Garbage));
            }
            if !self.rights.vouch(user, device) {
                return Err(Halt::Close(CloseReason::Greedy));
            }
        }
        // Whether the devices are certified, the accounts' own logs say: they are taken in first, then asked.
        let mut ops = Vec::new();
        for bytes in proof.ops {
            let claim = op::decode(&bytes).map_err(|_| Halt::Close(CloseReason::Garbage))?;
            if Plane::of(claim.untrusted().header.kind) != Some(Plane::Identity) {
                return Err(Halt::Close(CloseReason::Garbage));
            }
            ops.push(Arriving::Bytes(bytes.into()));
        }
        if ops.is_empty() {
            self.offer_all(env, out);
        } else {
            self.integrate_proof(ops, out);
        }
        Ok(())
    }

    /// One at a time: an answer does not say what it answers.
    pub(super) fn ask(&mut self, code: InviteCode, env: &Env<'_>, out: &mut Vec<Action>) {
        if self.asked.len() >= ASKED_MAX {
            out.push(Action::Denied(code));
        } else if !self.asked.contains(&code) {
            self.asked.push_back(code);
            if self.asked.len() == 1 {
                self.ask_next(env, out);
            }
        }
    }

    /// The invite that was asked for, answered.
    pub(super) fn answered(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Option<InviteCode> {
        let answered = self.asked.pop_front();
        self.ask_next(env, out);
        answered
    }

    pub(super) fn give_up_asking(&mut self, env: &Env<'_>, out: &mut Vec<Action>) {
        if self.hello.is_some() && env.now_ms.saturating_sub(self.asked_ms) > ASK_MS {
            let answered = self.answered(env, out);
            out.extend(answered.map(Action::Denied));
        }
    }

    fn ask_next(&mut self, env: &Env<'_>, out: &mut Vec<Action>) {
        let (Some(code), Some(hello)) = (self.asked.front(), &self.hello) else { return };
        let signature = code.admission().sign(&asking(&self.transcript(&hello.nonce))).0;
        out.push(Action::Send(Frame::Ask(Ask { admission: code.admission_key(), signature })));
        self.asked_ms = env.now_ms;
    }

    // Whether there is no such invite, or it is over, or the signature is not its own, is one answer.
    pub(super) fn asked_by(&mut self, ask: &Ask, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        self.bear(ASK_COST)?;
        let found = env.view.invites.get(&ask.admission);
        let invite = found.and_then(|(space, id)| env.view.guilds.get(space)?.invites.get(id));
        let open = invite.is_some_and(|invite| invite.expires.is_none_or(|end| end.ms() > env.now_ms));
        let transcript = asking(&self.their_transcript());
        let shown = PublicKey::parse(ask.admission.0)
            .is_ok_and(|key| key.signed(&transcript, &Signature(ask.signature)));
        if let Some((space, _)) = found.filter(|_| open && shown) {
            self.rights.invite(*space);
            self.comes_in(env);
        }
        // A guest who is banned stays outside.
        match found {
            Some((space, _)) if self.rights.standing(env.view, space) >= Standing::Guest => {
                self.parted.remove(space);
                self.offered.insert(*space);
                out.push(Action::Send(Frame::Offer(vec![*space])));
                // What the guest writes once they are in is for people they know.
                self.introduce(env, out);
            }
            _ => {
                let code = RefuseCode::Invite as u32;
                out.push(Action::Send(Frame::Refuse(Refuse { space: SpaceId::NONE, code, retry_ms: 0 })));
            }
        }
        Ok(())
    }
}

/// People come before their bots: for these some room is kept.
fn vouched_max(user: &UserId, env: &Env<'_>) -> usize {
    if env.view.applications.contains_key(user) { VOUCHED_MAX - PROOFS_MAX } else { VOUCHED_MAX }
}

fn asking(transcript: &[u8]) -> Vec<u8> {
    [b"nexus-ask-v1\0", transcript].concat()
}

/// Bytes of identity logs beside proofs: what is left of a frame.
const PROOF_BYTES: usize = 100 * 1024;
/// Accounts that are made one after the other are shown together.
const PROVE_AGAIN_MS: u64 = 1_000;
/// Less than time gives back where somebody proves as often as they may.
const PROOF_COST: u32 = 2;
const ASK_COST: u32 = 8;
/// Invites that wait to be asked for.
const ASKED_MAX: usize = 16;
/// How long an answer may take.
const ASK_MS: u64 = 25_000;
