//! People on a relay, and the relays that people and guilds name.

use crate::node::{Home, Node, channel_draft};
use nexus_core::{Command, Refusal, Reply};
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::id::{ChannelId, SpaceId, UserId};

const RELAY: &str = "https://relay.example";

fn host(relay: &mut Node, name: &str) -> UserId {
    match relay.command(None, Command::Host { name: name.to_owned() }) {
        Ok(Reply::Created(id)) => UserId::from(id),
        other => panic!("answered {other:?}"),
    }
}

fn application(relay: &mut Node, of: UserId) -> UserId {
    let create = Command::CreateApplication { name: String::from("Echo"), description: String::new() };
    UserId::from(relay.created(of, create))
}

fn guild(node: &mut Node, of: UserId) -> SpaceId {
    SpaceId::from(node.created(of, Command::CreateGuild { name: String::from("Den") }))
}

fn use_relay(node: &mut Node, url: &str) -> Result<Reply, Refusal> {
    node.command(None, Command::UseRelay { url: url.to_owned() })
}

fn relays_of(node: &Node, guild: SpaceId) -> Vec<String> {
    node.core.view().guilds[&guild].relays.to_vec()
}

#[test]
fn an_account_made_on_a_relay_shows_that_the_relay_signs_for_it() {
    let mut relay = Node::new(1);
    use_relay(&mut relay, RELAY).unwrap();
    let (ann, bea) = (host(&mut relay, "ann"), host(&mut relay, "bea"));
    assert_ne!(ann, bea);
    relay.restart();
    let view = relay.core.view();
    assert_eq!(view.owner, None, "a relay belongs to no one of them");
    assert!(view.users[&ann].hosted && view.users[&ann].class == AccountClass::Person);
    assert_eq!(view.users[&ann].relays[..], [RELAY.to_owned()]);
    let home = Home::new(2);
    assert!(!home.node.core.view().users[&home.owner].hosted);
}

#[test]
fn people_of_a_relay_have_applications_of_their_own_and_no_hold_on_anothers() {
    let mut relay = Node::new(1);
    let (ann, bea) = (host(&mut relay, "ann"), host(&mut relay, "bea"));
    let echo = application(&mut relay, ann);
    let token = |user, replace| Command::IssueToken { user, replace };
    assert!(matches!(relay.command(ann, token(echo, true)), Ok(Reply::Token(_))));
    let edit = Command::EditApplication {
        application: echo,
        name: Some(String::from("Mine")),
        description: None,
        flags: None,
    };
    for (actor, command) in [(bea, token(echo, true)), (bea, token(ann, false)), (bea, edit.clone())] {
        assert_eq!(relay.command(actor, command), Err(Refusal::MissingPermissions));
    }
    assert_eq!(relay.command(echo, edit), Ok(Reply::Done), "a bot may rename itself");
    let create = Command::CreateApplication { name: String::from("Bot"), description: String::new() };
    assert_eq!(relay.command(echo, create), Err(Refusal::MissingPermissions), "and begets no other");
}

#[test]
fn a_home_relay_is_named_by_accounts_and_by_guilds_old_and_new() {
    let mut home = Home::new(1);
    let echo = application(&mut home.node, home.owner);
    use_relay(&mut home.node, RELAY).unwrap();
    let later = guild(&mut home.node, home.owner);
    let written = home.node.store.ops().count();
    use_relay(&mut home.node, RELAY).unwrap();
    assert_eq!(home.node.store.ops().count(), written, "said once is enough");
    home.node.restart();
    for guild in [home.guild, later] {
        assert_eq!(relays_of(&home.node, guild), [RELAY]);
    }
    let view = home.node.core.view();
    assert!(view.home_relays.contains(RELAY));
    for user in [home.owner, echo] {
        assert_eq!(view.users[&user].relays[..], [RELAY.to_owned()]);
    }
}

#[test]
fn a_relay_that_is_left_stays_named_by_guilds_until_an_owner_says_otherwise() {
    let mut home = Home::new(1);
    use_relay(&mut home.node, RELAY).unwrap();
    home.node.command(None, Command::LeaveRelay { url: RELAY.to_owned() }).unwrap();
    home.node.restart();
    assert!(home.node.core.view().users[&home.owner].relays.is_empty());
    assert_eq!(relays_of(&home.node, home.guild), [RELAY]);
    let urls = vec![String::from("https://other.example")];
    let (guest, guild) = (home.bot("Echo"), home.guild);
    let set = Command::SetRelays { guild, urls: urls.clone() };
    assert_eq!(home.node.command(guest, set.clone()), Err(Refusal::MissingPermissions));
    assert_eq!(home.node.command(home.owner, set), Ok(Reply::Done));
    assert_eq!(relays_of(&home.node, guild), urls);
}

#[test]
fn what_is_no_base_url_is_named_by_nobody() {
    let mut home = Home::new(1);
    let many: Vec<String> = (0..9).map(|number| format!("https://{number}.example")).collect();
    for url in ["ftp://relay.example", "relay.example", "https://relay.example/", ""] {
        assert!(matches!(use_relay(&mut home.node, url), Err(Refusal::Invalid { .. })), "{url}");
    }
    assert!(many.iter().take(8).all(|url| use_relay(&mut home.node, url).is_ok()));
    assert!(matches!(use_relay(&mut home.node, &many[8]), Err(Refusal::Invalid { .. })));
}

/// More than one core loads at a time.
#[test]
fn a_relay_with_many_people_holds_the_same_after_a_start() {
    let mut relay = Node::new(1);
    let ann = host(&mut relay, "ann");
    let guild = guild(&mut relay, ann);
    let channel =
        ChannelId::from(relay.created(ann, Command::CreateChannel { guild, draft: channel_draft("talk") }));
    let invite = relay.created(ann, Command::CreateInvite { channel, max_age_s: 0 });
    let code = relay.core.view().invite_codes[&invite];
    for number in 0..200 {
        let user = host(&mut relay, &format!("person {number}"));
        relay.created(user, Command::Join { code });
    }
    let held = |relay: &Node| {
        let view = relay.core.view();
        (
            view.governance[&guild].state_hash(),
            view.prints.clone(),
            view.let_in.clone(),
            view.guilds[&guild].members.len(),
        )
    };
    let before = held(&relay);
    assert_eq!(before.3, 201);
    relay.restart();
    assert!(held(&relay) == before);
}
