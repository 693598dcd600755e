//! Authority travels at once: by push over the links that are up, with no tick and no time between.

use super::{ANN, BEA, HUB, Town};
use nexus_core::{Command, Reply, RoleDraft};
use nexus_crdt::body::governance::RateClass;
use nexus_crdt::id::RoleId;

impl Town {
    fn ann_does(&mut self, command: Command) -> Reply {
        let reply = self.net.nodes[ANN].command(self.ann, command).unwrap();
        self.net.settle();
        reply
    }
}

#[test]
fn a_role_and_a_ban_are_at_every_connected_holder_before_any_time_has_passed() {
    let mut town = Town::together();
    let (guild, user, before) = (town.guild, town.bea, town.net.nodes[BEA].now_ms);
    let draft = RoleDraft {
        name: String::from("keeper"),
        permissions: None,
        color: 0,
        hoist: false,
        mentionable: false,
        rate_class: RateClass::Person,
    };
    let Reply::Created(role) = town.ann_does(Command::CreateRole { guild, draft }) else { panic!("no role") };
    town.ann_does(Command::AddMemberRole { guild, user, role: RoleId::from(role) });
    for node in [HUB, BEA] {
        let roles: Vec<_> = town.net.nodes[node].guild(&guild).roles_of(&user).map(|role| role.id).collect();
        assert_eq!(roles, [RoleId::from(role)]);
    }
    town.ann_does(Command::Ban { guild, user, reason: String::from("a test"), delete_s: 0 });
    for node in [HUB, BEA] {
        assert!(town.net.nodes[node].guild(&guild).is_banned(&user));
    }
    assert_eq!(town.net.nodes[BEA].now_ms, before);
}
