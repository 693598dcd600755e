//! The table by which each operation is tried with and without each permission (`testnet/bots/permissions.tsv`) leaves none out.

use std::collections::BTreeSet;

const TABLE: &str = include_str!("../../../../testnet/bots/permissions.tsv");

#[test]
fn each_served_operation_of_a_guild_or_channel_is_in_the_table_of_permissions_once() {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let named: Vec<&str> = lines
        .filter_map(|line| {
            let mut cells = line.split('\t');
            cells.next().and_then(|first| if first == "-" { cells.next() } else { Some(first) })
        })
        .collect();
    let table: BTreeSet<&str> = named.iter().copied().collect();
    assert_eq!(table.len(), named.len(), "an operation stands there twice");
    let below = ["/guilds/", "/channels/", "/invites/"];
    let of_a_guild = nexus_api::SERVED.iter().filter(|route| {
        !route.operation.starts_with("nexus_") && below.iter().any(|path| route.path.starts_with(path))
    });
    let missing: Vec<&str> =
        of_a_guild.map(|route| route.operation).filter(|operation| !table.contains(operation)).collect();
    assert!(missing.is_empty(), "served, and in no row: {missing:?}");
}
