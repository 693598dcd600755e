/** Words about bots of one's own. */

export const enBots = {
  "bots.tab": "Bots",
  "bots.text":
    "A bot is an account for a program of yours: it logs in with a token, and is in guilds like a person.",
  "bots.none": "No bots yet",
  "bots.none_text": "Make one, give its token to your program, and add it to a guild.",
  "bots.new_name": "Name of a new bot",
  "bots.new": "New bot",
  "bots.list": "Your bots",
  "bots.in_guilds": { one: "In {n} guild", other: "In {n} guilds" },
  "bots.in_none": "In no guild",
  "bots.offline": "You are offline",
  "bots.offline_text":
    "Bots are kept by the program you are connected to. To see, make or change one you need the connection.",
  "bots.offline_typed":
    "You are offline. To change a bot you need the connection; what you typed stays here until then.",
  "bots.back": "All bots",
  "bots.name": "Name",
  "bots.description": "What it does",
  "bots.description_hint": "Shown to who adds it to a guild.",

  "bots.token_title": "Token",
  "bots.token_text":
    "Your program logs in with it, and whoever has it is the bot. It is shown once, when it is made.",
  "bots.token_first": "Make its token",
  "bots.token_go": "New token",
  "bots.token_ask": "New token for {name}?",
  "bots.token_ends":
    "The token that it has now ends at once: a program that runs with it is logged out until you give it the new one.",
  "bots.token_once":
    "This is shown once. Copy it to where your program keeps its secrets, and show it to nobody.",
  "bots.token_unsure": "No answer came: the token before may have ended all the same. Make another one.",
  "bots.kept": "I have it",
  "bots.copy_of": "Copy: {label}",

  "bots.add_title": "In guilds",
  "bots.add": "Add to a guild",
  "bots.add_copy": "Copy link",
  "bots.add_hint":
    "On the page that opens you choose a guild, and what the bot may do there. Who has the link adds the bot to one that they manage.",

  "bots.hears_title": "Privileged intents",
  "bots.hears_text": "Where one is off, a program that asks for it is not let in.",
  "bots.hears_content": "Message content",
  "bots.hears_content_hint":
    "It reads what people write. Else it reads only what mentions it or is written to it alone.",
  "bots.hears_members": "Members",
  "bots.hears_members_hint": "It hears who comes, goes and changes.",
  "bots.hears_presences": "Presence",
  "bots.hears_presences_hint": "It sees who is online.",

  "bots.delete": "Delete bot",
  "bots.delete_title": "Delete this bot",
  "bots.delete_hint": "It leaves its guilds, and its program is logged out. What it said stays.",
  "bots.delete_ask": "Delete {name}?",
  "bots.delete_text":
    "It leaves its guilds. Its token, its webhooks, its commands and sign-ins to its site end at once. What it said stays in the guilds. This cannot be undone.",
  "bots.delete_unsure": "No answer came: it may have been deleted all the same. Look in “All bots”.",
  "bots.deleted": "{name} was deleted.",

  "bots.program_title": "For its program",
  "bots.id": "Application ID",
  "bots.key": "Public key",
  "bots.endpoint": "Interactions endpoint URL",
  "bots.endpoint_hint":
    "Where the bot is asked by HTTP in place of its gateway sessions. It has to answer a first question before it is saved.",

  "bots.site_title": "Signing people in to its site",
  "bots.redirects": "Redirect addresses",
  "bots.redirects_hint":
    "Where people may be sent back to, one a line: https, http on your own machine, or a scheme of your own.",
  "bots.public": "Public client",
  "bots.public_hint":
    "It runs on people’s machines and keeps no secret: each sign-in is proved instead (PKCE).",
  "bots.secret_title": "Client secret",
  "bots.secret_text":
    "The site’s server exchanges what people bring back with it. It is shown once, when it is made.",
  "bots.secret_first": "Make its secret",
  "bots.secret_go": "New secret",
  "bots.secret_ask": "New secret for {name}?",
  "bots.secret_ends":
    "The secret that it has now opens nothing any more: its site signs nobody in until it has the new one.",
  "bots.secret_once": "This is shown once. Copy it to where your site’s server keeps its secrets.",
  "bots.secret_unsure": "No answer came: the secret before may have ended all the same. Make another one.",
} as const;
