//! What people and bots do one after the other, and that what they made reads back as they made it. Every answer, a
//! refusal too, is held against its document on the way.

mod applications;
mod channels;
mod forwards;
mod guilds;
mod members;
mod messages;
mod moves;
mod node;
mod people;

use crate::api::Api;

#[tokio::test]
async fn from_the_first_day_of_a_node_to_a_bots_goodbye() {
    let api = Api::open();
    let owner = node::play(&api).await;
    let bot = applications::play(&api, &owner).await;
    let guild = guilds::play(&api, &owner, &bot).await;
    channels::play(&api, &owner, &guild).await;
    messages::play(&api, &owner, &bot, &guild).await;
    forwards::play(&api, &owner, &bot, &guild).await;
    moves::play(&api, &owner, &bot, &guild).await;
    members::play(&api, &owner, &bot, &guild).await;
    people::play(&api, &owner, &bot, &guild).await;
    api.all_was_as_documented();
}
