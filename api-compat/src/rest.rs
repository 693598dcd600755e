//! REST. The folders mirror the URLs; each handler reads the request, asks the node once, and draws the answer.

pub(crate) mod applications;
mod auth;
mod authority;
pub(crate) mod channel_body;
pub(crate) mod channels;
mod claim;
mod connections;
mod door;
mod erase;
mod erase_said;
pub(crate) mod export;
mod find;
pub(crate) mod fuzz;
mod gateway;
pub(crate) mod guilds;
pub(crate) mod interactions;
mod invites;
mod kept;
mod nexus;
mod oauth2;
mod pace;
mod relationships;
mod reset;
mod retention;
mod second_factor;
mod sessions;
mod sign_in;
pub(crate) mod users;
mod webhooks;

use crate::compat::{self, Served};
use crate::page;
use crate::window::{BODY_MAX, Window};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use axum::routing;
pub(crate) use door::guard;
use std::time::{SystemTime, UNIX_EPOCH};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

macro_rules! serve {
    ($($method:ident $name:literal $path:literal $operation:ident => $handler:path;)*) => {
        /// Every route that is served, as it is registered.
        pub const SERVED: &[Served] =
            &[$(Served { method: $name, path: $path, operation: stringify!($operation) },)*];

        fn registered() -> Router<Window> {
            Router::new()$(.route($path, routing::$method($handler)))*
        }
    };
}

serve! {
    get "GET" "/users/@me" get_my_user => users::me;
    patch "PATCH" "/users/@me" update_my_user => users::edit_me;
    get "GET" "/users/@me/guilds" list_my_guilds => users::my_guilds;
    get "GET" "/users/@me/guilds/{guild_id}/member" get_my_guild_member => users::my_member;
    delete "DELETE" "/users/@me/guilds/{guild_id}" leave_guild => users::leave;
    get "GET" "/users/@me/connections" list_my_connections => connections::list;
    patch "PATCH" "/users/@me/connections/{service}/{connection_id}" nexus_show_connection => connections::show;
    get "GET" "/users/@me/applications/{application_id}/role-connection" get_application_user_role_connection => applications::role_connections::get;
    put "PUT" "/users/@me/applications/{application_id}/role-connection" update_application_user_role_connection => applications::role_connections::set;
    delete "DELETE" "/users/@me/applications/{application_id}/role-connection" delete_application_user_role_connection => applications::role_connections::delete;
    get "GET" "/users/@me/channels" nexus_list_conversations => users::my_conversations;
    post "POST" "/users/@me/channels" create_dm => users::open_conversation;
    get "GET" "/users/@me/settings" nexus_my_settings => kept::settings;
    patch "PATCH" "/users/@me/settings" nexus_edit_my_settings => kept::edit_settings;
    patch "PATCH" "/users/@me/guilds/{guild_id}/settings" nexus_edit_guild_settings => kept::edit_guild_settings;
    post "POST" "/channels/{channel_id}/messages/{message_id}/ack" nexus_ack => kept::ack;
    post "POST" "/read-states/ack-bulk" nexus_ack_bulk => kept::ack_bulk;
    get "GET" "/nexus/drafts" nexus_list_drafts => kept::drafts;
    put "PUT" "/nexus/drafts/{channel_id}" nexus_set_draft => kept::set_draft;
    get "GET" "/users/@me/relationships" nexus_list_relationships => relationships::list;
    post "POST" "/users/@me/relationships" nexus_ask_friend => relationships::ask;
    put "PUT" "/users/@me/relationships/{user_id}" nexus_set_relationship => relationships::set;
    delete "DELETE" "/users/@me/relationships/{user_id}" nexus_end_relationship => relationships::end;
    get "GET" "/users/{user_id}" get_user => users::get;

    post "POST" "/guilds" nexus_create_guild => guilds::create;
    get "GET" "/guilds/{guild_id}" get_guild => guilds::get;
    patch "PATCH" "/guilds/{guild_id}" update_guild => guilds::edit;
    get "GET" "/guilds/{guild_id}/preview" get_guild_preview => guilds::preview;
    get "GET" "/guilds/{guild_id}/integrations" list_guild_integrations => guilds::integrations::list;
    delete "DELETE" "/guilds/{guild_id}/integrations/{integration_id}" delete_guild_integration => guilds::integrations::delete;
    get "GET" "/guilds/{guild_id}/channels" list_guild_channels => guilds::channels::list;
    post "POST" "/guilds/{guild_id}/channels" create_guild_channel => guilds::channels::create;
    patch "PATCH" "/guilds/{guild_id}/channels" bulk_update_guild_channels => guilds::channels::arrange;
    get "GET" "/guilds/{guild_id}/roles" list_guild_roles => guilds::roles::list;
    patch "PATCH" "/guilds/{guild_id}/roles" bulk_update_guild_roles => guilds::roles::arrange;
    post "POST" "/guilds/{guild_id}/roles" create_guild_role => guilds::roles::create;
    get "GET" "/guilds/{guild_id}/roles/member-counts" guild_role_member_counts => guilds::roles::member_counts;
    get "GET" "/guilds/{guild_id}/roles/{role_id}" get_guild_role => guilds::roles::get;
    patch "PATCH" "/guilds/{guild_id}/roles/{role_id}" update_guild_role => guilds::roles::edit;
    delete "DELETE" "/guilds/{guild_id}/roles/{role_id}" delete_guild_role => guilds::roles::delete;
    get "GET" "/guilds/{guild_id}/members" list_guild_members => guilds::members::list;
    get "GET" "/guilds/{guild_id}/members/search" search_guild_members => guilds::members::search;
    patch "PATCH" "/guilds/{guild_id}/members/@me" update_my_guild_member => guilds::members::edit_me;
    get "GET" "/guilds/{guild_id}/members/{user_id}" get_guild_member => guilds::members::get;
    put "PUT" "/guilds/{guild_id}/members/{user_id}" add_guild_member => guilds::members::add::add;
    patch "PATCH" "/guilds/{guild_id}/members/{user_id}" update_guild_member => guilds::members::edit;
    delete "DELETE" "/guilds/{guild_id}/members/{user_id}" delete_guild_member => guilds::members::kick;
    put "PUT" "/guilds/{guild_id}/members/{user_id}/roles/{role_id}" add_guild_member_role => guilds::members::add_role;
    delete "DELETE" "/guilds/{guild_id}/members/{user_id}/roles/{role_id}" delete_guild_member_role => guilds::members::remove_role;
    get "GET" "/guilds/{guild_id}/bans" list_guild_bans => guilds::bans::list;
    get "GET" "/guilds/{guild_id}/bans/{user_id}" get_guild_ban => guilds::bans::get;
    put "PUT" "/guilds/{guild_id}/bans/{user_id}" ban_user_from_guild => guilds::bans::ban;
    delete "DELETE" "/guilds/{guild_id}/bans/{user_id}" unban_user_from_guild => guilds::bans::unban;
    post "POST" "/guilds/{guild_id}/bulk-ban" bulk_ban_users_from_guild => guilds::bans::bulk_ban;
    get "GET" "/guilds/{guild_id}/audit-logs" list_guild_audit_log_entries => guilds::audit_logs::list;
    get "GET" "/guilds/{guild_id}/prune" preview_prune_guild => guilds::prune::preview;
    post "POST" "/guilds/{guild_id}/prune" prune_guild => guilds::prune::prune;
    get "GET" "/guilds/{guild_id}/emojis" list_guild_emojis => guilds::emojis::list;
    post "POST" "/guilds/{guild_id}/emojis" create_guild_emoji => guilds::emojis::create;
    get "GET" "/guilds/{guild_id}/emojis/{emoji_id}" get_guild_emoji => guilds::emojis::get;
    patch "PATCH" "/guilds/{guild_id}/emojis/{emoji_id}" update_guild_emoji => guilds::emojis::edit;
    delete "DELETE" "/guilds/{guild_id}/emojis/{emoji_id}" delete_guild_emoji => guilds::emojis::delete;
    get "GET" "/guilds/{guild_id}/auto-moderation/rules" list_auto_moderation_rules => guilds::filters::list;
    post "POST" "/guilds/{guild_id}/auto-moderation/rules" create_auto_moderation_rule => guilds::filters::create;
    get "GET" "/guilds/{guild_id}/auto-moderation/rules/{rule_id}" get_auto_moderation_rule => guilds::filters::get;
    patch "PATCH" "/guilds/{guild_id}/auto-moderation/rules/{rule_id}" update_auto_moderation_rule => guilds::filters::edit;
    delete "DELETE" "/guilds/{guild_id}/auto-moderation/rules/{rule_id}" delete_auto_moderation_rule => guilds::filters::delete;
    get "GET" "/guilds/{guild_id}/scheduled-events" list_guild_scheduled_events => guilds::events::list;
    post "POST" "/guilds/{guild_id}/scheduled-events" create_guild_scheduled_event => guilds::events::create;
    get "GET" "/guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}" get_guild_scheduled_event => guilds::events::get;
    patch "PATCH" "/guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}" update_guild_scheduled_event => guilds::events::edit;
    delete "DELETE" "/guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}" delete_guild_scheduled_event => guilds::events::delete;
    get "GET" "/guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}/users" list_guild_scheduled_event_users => guilds::events::users;
    get "GET" "/guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}/users/counts" count_guild_scheduled_event_users => guilds::events::count;
    put "PUT" "/guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}/users/@me" nexus_look_forward => guilds::events::look_forward;
    delete "DELETE" "/guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}/users/@me" nexus_lose_interest => guilds::events::lose_interest;
    post "POST" "/guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}/exceptions" create_guild_scheduled_event_exception => guilds::exceptions::create;
    patch "PATCH" "/guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}/exceptions/{exception_id}" update_guild_scheduled_event_exception => guilds::exceptions::edit;
    delete "DELETE" "/guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}/exceptions/{exception_id}" delete_guild_scheduled_event_exception => guilds::exceptions::delete;
    get "GET" "/guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}/{guild_scheduled_event_exception_id}/users" list_guild_scheduled_event_exception_users => guilds::exceptions::users;
    get "GET" "/guilds/{guild_id}/invites" list_guild_invites => guilds::invites;
    put "PUT" "/guilds/{guild_id}/incident-actions" update_guild_incident_actions => guilds::incidents::pause;
    get "GET" "/voice/regions" list_voice_regions => guilds::voice::regions;
    get "GET" "/guilds/{guild_id}/regions" list_guild_voice_regions => guilds::voice::guild_regions;
    get "GET" "/guilds/{guild_id}/voice-states/@me" get_self_voice_state => guilds::voice::mine;
    get "GET" "/guilds/{guild_id}/voice-states/{user_id}" get_voice_state => guilds::voice::of;
    get "GET" "/guilds/{guild_id}/messages/search" guild_search => guilds::search::search;

    get "GET" "/channels/{channel_id}" get_channel => channels::get;
    patch "PATCH" "/channels/{channel_id}" update_channel => channels::edit;
    delete "DELETE" "/channels/{channel_id}" delete_channel => channels::delete;
    get "GET" "/channels/{channel_id}/messages/search" nexus_search_conversation => guilds::search::search_conversation;
    put "PUT" "/channels/{channel_id}/recipients/{user_id}" add_group_dm_user => channels::recipients::add;
    delete "DELETE" "/channels/{channel_id}/recipients/{user_id}" delete_group_dm_user => channels::recipients::remove;
    put "PUT" "/channels/{channel_id}/permissions/{overwrite_id}" set_channel_permission_overwrite => channels::permissions::set;
    delete "DELETE" "/channels/{channel_id}/permissions/{overwrite_id}" delete_channel_permission_overwrite => channels::permissions::clear;
    get "GET" "/channels/{channel_id}/invites" list_channel_invites => channels::invites::list;
    post "POST" "/channels/{channel_id}/invites" create_channel_invite => channels::invites::create;
    put "PUT" "/channels/{channel_id}/voice-status" update_voice_channel_status => channels::caption::set;
    post "POST" "/channels/{channel_id}/typing" trigger_typing_indicator => channels::typing;
    get "GET" "/channels/{channel_id}/messages" list_messages => channels::messages::list;
    post "POST" "/channels/{channel_id}/messages" create_message => channels::messages::create;
    post "POST" "/channels/{channel_id}/messages/bulk-delete" bulk_delete_messages => channels::messages::bulk_delete;
    get "GET" "/channels/{channel_id}/messages/pins" list_pins => channels::pins::list;
    put "PUT" "/channels/{channel_id}/messages/pins/{message_id}" create_pin => channels::pins::pin;
    delete "DELETE" "/channels/{channel_id}/messages/pins/{message_id}" delete_pin => channels::pins::unpin;
    get "GET" "/channels/{channel_id}/pins" deprecated_list_pins => channels::pins::list_plain;
    put "PUT" "/channels/{channel_id}/pins/{message_id}" deprecated_create_pin => channels::pins::pin;
    delete "DELETE" "/channels/{channel_id}/pins/{message_id}" deprecated_delete_pin => channels::pins::unpin;
    get "GET" "/channels/{channel_id}/messages/{message_id}" get_message => channels::messages::get;
    patch "PATCH" "/channels/{channel_id}/messages/{message_id}" update_message => channels::messages::edit;
    delete "DELETE" "/channels/{channel_id}/messages/{message_id}" delete_message => channels::messages::delete;
    delete "DELETE" "/channels/{channel_id}/messages/{message_id}/reactions" delete_all_message_reactions => channels::reactions::clear;
    get "GET" "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}" list_message_reactions_by_emoji => channels::reactions::list;
    delete "DELETE" "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}" delete_all_message_reactions_by_emoji => channels::reactions::clear_emoji;
    put "PUT" "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me" add_my_message_reaction => channels::reactions::add;
    delete "DELETE" "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me" delete_my_message_reaction => channels::reactions::remove_mine;
    delete "DELETE" "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/{user_id}" delete_user_message_reaction => channels::reactions::remove;

    post "POST" "/channels/{channel_id}/followers" follow_channel => channels::announcements::follow;
    post "POST" "/channels/{channel_id}/messages/{message_id}/crosspost" crosspost_message => channels::announcements::crosspost;

    get "GET" "/channels/{channel_id}/polls/{message_id}/answers/{answer_id}" get_answer_voters => channels::polls::voters;
    put "PUT" "/channels/{channel_id}/polls/{message_id}/answers/@me" nexus_vote => channels::polls::vote;
    post "POST" "/channels/{channel_id}/polls/{message_id}/expire" poll_expire => channels::polls::expire;

    post "POST" "/channels/{channel_id}/threads" create_thread => channels::threads::create;
    post "POST" "/channels/{channel_id}/messages/{message_id}/threads" create_thread_from_message => channels::threads::create_from_message;
    get "GET" "/channels/{channel_id}/threads/archived/public" list_public_archived_threads => channels::threads::archived;
    get "GET" "/channels/{channel_id}/threads/archived/private" list_private_archived_threads => channels::threads::archived_private;
    get "GET" "/channels/{channel_id}/users/@me/threads/archived/private" list_my_private_archived_threads => channels::threads::archived_mine;
    get "GET" "/channels/{channel_id}/threads/search" thread_search => channels::threads::search;
    get "GET" "/channels/{channel_id}/thread-members" list_thread_members => channels::thread_members::list;
    put "PUT" "/channels/{channel_id}/thread-members/@me" join_thread => channels::thread_members::join;
    delete "DELETE" "/channels/{channel_id}/thread-members/@me" leave_thread => channels::thread_members::leave;
    get "GET" "/channels/{channel_id}/thread-members/{user_id}" get_thread_member => channels::thread_members::get;
    put "PUT" "/channels/{channel_id}/thread-members/{user_id}" add_thread_member => channels::thread_members::add;
    delete "DELETE" "/channels/{channel_id}/thread-members/{user_id}" delete_thread_member => channels::thread_members::remove;
    get "GET" "/guilds/{guild_id}/threads/active" get_active_guild_threads => guilds::threads::active;

    get "GET" "/invites/{code}" invite_resolve => invites::get;
    post "POST" "/invites/{code}" nexus_join_by_invite => invites::join;
    delete "DELETE" "/invites/{code}" invite_revoke => invites::revoke;

    get "GET" "/gateway" get_gateway => gateway::url;
    get "GET" "/gateway/bot" get_bot_gateway => gateway::bot;

    get "GET" "/applications/@me" get_my_application => applications::me;
    patch "PATCH" "/applications/@me" update_my_application => applications::edit_me;
    get "GET" "/applications" nexus_list_applications => applications::list;
    post "POST" "/applications" nexus_create_application => applications::create;
    get "GET" "/applications/{application_id}" get_application => applications::get;
    patch "PATCH" "/applications/{application_id}" update_application => applications::edit;
    post "POST" "/applications/{application_id}/bot/reset" nexus_reset_bot_token => applications::reset_token;
    post "POST" "/applications/{application_id}/reset" nexus_reset_client_secret => applications::reset_secret;
    post "POST" "/applications/{application_id}/delete" nexus_delete_application => applications::delete;
    get "GET" "/applications/{application_id}/emojis" list_application_emojis => applications::emojis::list;
    post "POST" "/applications/{application_id}/emojis" create_application_emoji => applications::emojis::create;
    get "GET" "/applications/{application_id}/emojis/{emoji_id}" get_application_emoji => applications::emojis::get;
    patch "PATCH" "/applications/{application_id}/emojis/{emoji_id}" update_application_emoji => applications::emojis::edit;
    delete "DELETE" "/applications/{application_id}/emojis/{emoji_id}" delete_application_emoji => applications::emojis::delete;
    get "GET" "/applications/{application_id}/role-connections/metadata" get_application_role_connections_metadata => applications::role_connections::kinds;
    put "PUT" "/applications/{application_id}/role-connections/metadata" update_application_role_connections_metadata => applications::role_connections::set_kinds;
    get "GET" "/applications/{application_id}/commands" list_application_commands => applications::commands::list;
    post "POST" "/applications/{application_id}/commands" create_application_command => applications::commands::create;
    put "PUT" "/applications/{application_id}/commands" bulk_set_application_commands => applications::commands::replace;
    get "GET" "/applications/{application_id}/commands/{command_id}" get_application_command => applications::commands::get;
    patch "PATCH" "/applications/{application_id}/commands/{command_id}" update_application_command => applications::commands::edit;
    delete "DELETE" "/applications/{application_id}/commands/{command_id}" delete_application_command => applications::commands::delete;
    get "GET" "/applications/{application_id}/guilds/{guild_id}/commands" list_guild_application_commands => applications::commands::list_in;
    post "POST" "/applications/{application_id}/guilds/{guild_id}/commands" create_guild_application_command => applications::commands::create_in;
    put "PUT" "/applications/{application_id}/guilds/{guild_id}/commands" bulk_set_guild_application_commands => applications::commands::replace_in;
    get "GET" "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}" get_guild_application_command => applications::commands::get_in;
    patch "PATCH" "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}" update_guild_application_command => applications::commands::edit_in;
    delete "DELETE" "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}" delete_guild_application_command => applications::commands::delete_in;
    get "GET" "/applications/{application_id}/guilds/{guild_id}/commands/permissions" list_guild_application_command_permissions => applications::permissions::list;
    get "GET" "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}/permissions" get_guild_application_command_permissions => applications::permissions::get;
    put "PUT" "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}/permissions" set_guild_application_command_permissions => applications::permissions::set;
    get "GET" "/channels/{channel_id}/application-command-index" nexus_list_commands => interactions::index::of_channel;
    post "POST" "/interactions" nexus_interact => interactions::invoke;
    post "POST" "/interactions/{interaction_id}/{interaction_token}/callback" create_interaction_response => interactions::callback;
    post "POST" "/webhooks/{webhook_id}/{webhook_token}" execute_webhook => webhooks::execute;
    get "GET" "/channels/{channel_id}/webhooks" list_channel_webhooks => webhooks::of_channel;
    post "POST" "/channels/{channel_id}/webhooks" create_webhook => webhooks::create;
    get "GET" "/guilds/{guild_id}/webhooks" get_guild_webhooks => webhooks::of_guild;
    get "GET" "/webhooks/{webhook_id}" get_webhook => webhooks::get;
    patch "PATCH" "/webhooks/{webhook_id}" update_webhook => webhooks::edit;
    delete "DELETE" "/webhooks/{webhook_id}" delete_webhook => webhooks::delete;
    get "GET" "/webhooks/{webhook_id}/{webhook_token}" get_webhook_by_token => webhooks::get_by_token;
    patch "PATCH" "/webhooks/{webhook_id}/{webhook_token}" update_webhook_by_token => webhooks::edit_by_token;
    delete "DELETE" "/webhooks/{webhook_id}/{webhook_token}" delete_webhook_by_token => webhooks::delete_by_token;
    post "POST" "/webhooks/{webhook_id}/{webhook_token}/github" execute_github_compatible_webhook => webhooks::execute_github;
    post "POST" "/webhooks/{webhook_id}/{webhook_token}/slack" execute_slack_compatible_webhook => webhooks::execute_slack;
    get "GET" "/webhooks/{webhook_id}/{webhook_token}/messages/@original" get_original_webhook_message => webhooks::get_original;
    patch "PATCH" "/webhooks/{webhook_id}/{webhook_token}/messages/@original" update_original_webhook_message => webhooks::edit_original;
    delete "DELETE" "/webhooks/{webhook_id}/{webhook_token}/messages/@original" delete_original_webhook_message => webhooks::delete_original;
    get "GET" "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}" get_webhook_message => webhooks::get_message;
    patch "PATCH" "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}" update_webhook_message => webhooks::edit_message;
    delete "DELETE" "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}" delete_webhook_message => webhooks::delete_message;
    get "GET" "/oauth2/applications/@me" get_my_oauth2_application => applications::me;
    get "GET" "/oauth2/authorize" nexus_show_authorization => oauth2::show;
    post "POST" "/oauth2/authorize" nexus_authorize_bot => oauth2::authorize;
    post "POST" "/oauth2/token" nexus_exchange_token => oauth2::token::give;
    post "POST" "/oauth2/token/revoke" nexus_revoke_token => oauth2::token::revoke;
    get "GET" "/oauth2/@me" get_my_oauth2_authorization => oauth2::granted::mine;
    get "GET" "/oauth2/userinfo" get_openid_connect_userinfo => oauth2::openid::user_info;
    get "GET" "/oauth2/keys" get_public_keys => oauth2::openid::keys;
    get "GET" "/oauth2/tokens" nexus_list_authorizations => oauth2::granted::list;
    delete "DELETE" "/oauth2/tokens/{authorization_id}" nexus_end_authorization => oauth2::granted::end;

    post "POST" "/nexus/setup" nexus_setup => nexus::setup;
    post "POST" "/nexus/claim" nexus_claim => claim::claim;
    get "GET" "/nexus/relay" nexus_relay => nexus::relay;
    post "POST" "/nexus/join" nexus_join => nexus::join;
    post "POST" "/nexus/session" nexus_begin_session => nexus::begin_session;
    delete "DELETE" "/nexus/session" nexus_end_session => nexus::end_session;
    get "GET" "/nexus/status" nexus_status => nexus::status;
    get "GET" "/nexus/compatibility" nexus_compatibility => compat::compatibility;
    get "GET" "/nexus/guilds/{guild_id}/relays" nexus_list_guild_relays => guilds::relays::list;
    put "PUT" "/nexus/guilds/{guild_id}/relays" nexus_set_guild_relays => guilds::relays::set;
    get "GET" "/nexus/channels/{channel_id}/readers" nexus_channel_readers => nexus::readers;
    put "PUT" "/nexus/channels/{channel_id}/lock" nexus_lock_channel => authority::lock;
    delete "DELETE" "/nexus/channels/{channel_id}/lock" nexus_unlock_channel => authority::unlock;
    post "POST" "/nexus/channels/{channel_id}/moves" nexus_move_messages => channels::moves::set;
    put "PUT" "/nexus/channels/{channel_id}/retention" nexus_set_channel_retention => retention::set_of_channel;
    put "PUT" "/nexus/guilds/{guild_id}/retention" nexus_set_guild_retention => retention::set_of_guild;
    post "POST" "/nexus/guilds/{guild_id}/members/{user_id}/erase" nexus_erase_said => erase_said::erase;
    get "GET" "/nexus/guilds/{guild_id}/owners" nexus_guild_owners => authority::owners;
    put "PUT" "/nexus/guilds/{guild_id}/owners" nexus_vote_for_owners => authority::vote;
    get "GET" "/nexus/guilds/{guild_id}/rules" nexus_guild_rules => authority::rules;
    put "PUT" "/nexus/guilds/{guild_id}/rules" nexus_set_guild_rules => authority::set_rules;
    get "GET" "/nexus/guilds/{guild_id}/members/{user_id}/devices" nexus_member_devices => authority::devices;
    delete "DELETE" "/nexus/guilds/{guild_id}/members/{user_id}/devices/{device}" nexus_revoke_member_device => authority::revoke_device;
    put "PUT" "/nexus/guilds/{guild_id}/bans/{user_id}/cut" nexus_tighten_cut => authority::tighten;
    post "POST" "/auth/register" nexus_register => auth::register;
    post "POST" "/auth/login" nexus_login => auth::login;
    post "POST" "/auth/refresh" nexus_refresh => auth::refresh;
    get "GET" "/auth/sessions" nexus_list_sessions => sessions::list;
    delete "DELETE" "/auth/sessions/{session_id}" nexus_end_one_session => sessions::end;
    post "POST" "/auth/password" nexus_change_password => sessions::change_password;
    post "POST" "/auth/logout" nexus_logout => auth::logout;
    get "GET" "/users/@me/export" nexus_export => export::export;
    post "POST" "/users/@me/delete" nexus_erase_account => erase::erase;
    post "POST" "/auth/forgot" nexus_forgot_password => reset::forgot;
    post "POST" "/auth/reset" nexus_reset_password => reset::reset;
    post "POST" "/auth/sign-in/{provider}" nexus_begin_sign_in => sign_in::begin;
    post "POST" "/auth/sign-in/{provider}/finish" nexus_finish_sign_in => sign_in::finish;
    post "POST" "/auth/sign-in/{provider}/register" nexus_register_newcomer => sign_in::register;
    post "POST" "/auth/sign-in/{provider}/unlink" nexus_unlink => sign_in::unlink;
    get "GET" "/auth/account" nexus_my_account => second_factor::account;
    post "POST" "/auth/mfa/totp" nexus_show_second_factor => second_factor::show;
    post "POST" "/users/@me/mfa/totp/enable" nexus_enable_totp => second_factor::enable;
    post "POST" "/users/@me/mfa/totp/disable" nexus_disable_totp => second_factor::disable;
    post "POST" "/users/@me/mfa/codes" nexus_renew_recovery_codes => second_factor::renew_codes;
}

/// Every route under `/api/v10`, `/api/v9` and `/api`, and the front page. [`guard`] belongs before all of it.
pub(crate) fn router(window: Window) -> Router {
    let paced = axum::middleware::from_fn_with_state(window.clone(), pace::pace);
    let pages = axum::middleware::from_fn(oauth2::pages::open);
    let api = registered().merge(oauth2::pages::asked_before()).route_layer(paced).route_layer(pages);
    let api = api.fallback(compat::elsewhere).method_not_allowed_fallback(compat::elsewhere);
    Router::new()
        .nest("/api/v10", api.clone())
        .nest("/api/v9", api.clone())
        .nest("/api", api)
        .route("/files/{hash}/{name}", routing::get(crate::files::serve))
        .route("/.well-known/openid-configuration", routing::get(oauth2::openid::discovery))
        .route("/.well-known/oauth-authorization-server", routing::get(oauth2::openid::discovery))
        .fallback(beyond_the_api)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(window)
}

/// Every other path is the web client's.
async fn beyond_the_api(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    page::answer(&method, &uri, &headers)
}

/// An ISO 8601 time with its zone, as Unix ms; none where it is none, or lies before 1970.
pub(crate) fn moment(text: &str) -> Option<u64> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok()
}

/// Now, Unix ms.
fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// An id as text, whichever of JSON's two ways a library sends it.
pub(crate) fn id_text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `X-Audit-Log-Reason`, percent-encoded; up to 512 characters.
pub(crate) fn audit_reason(headers: &axum::http::HeaderMap) -> String {
    let raw = headers.get("x-audit-log-reason").and_then(|value| value.to_str().ok()).unwrap_or("");
    percent_encoding::percent_decode_str(raw).decode_utf8_lossy().chars().take(512).collect()
}
