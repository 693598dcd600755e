-- Who has an account here. Its keys, guilds and messages are the node's; here is only how somebody shows who they are.
CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    email TEXT,
    salt BLOB NOT NULL,
    hash BLOB NOT NULL,
    -- The account in the ops, 32 bytes; none between the two steps of a registration.
    user BLOB UNIQUE,
    made_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX account_email ON account (email);

-- A login, for as long as its refresh token goes on.
CREATE TABLE session (
    id BLOB PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    begun_ms INTEGER NOT NULL,
    ended_ms INTEGER
) STRICT;

CREATE INDEX session_account ON session (account);

-- BLAKE3 of each refresh token that was given: one that was used and comes again was stolen.
CREATE TABLE refresh_token (
    hash BLOB PRIMARY KEY,
    session BLOB NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    made_ms INTEGER NOT NULL,
    used_ms INTEGER
) STRICT;
