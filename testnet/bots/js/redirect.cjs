// Points somebody's discord.js bot at another address. The bot stays as it is.
//
//     NEXUS_URL=http://127.0.0.1:8081 TOKEN=... node --require ./redirect.cjs node_modules/discord-tictactoe/dist/bin/tictactoe.js

require("@discordjs/rest").DefaultRestOptions.api = `${process.env.NEXUS_URL}/api`;
