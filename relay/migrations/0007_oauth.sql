-- What an application says of itself, so that people sign in to it.
CREATE TABLE oauth_client (
    -- The application in the ops, 32 bytes.
    application BLOB PRIMARY KEY,
    -- BLAKE3 of its secret; none: it was never given one.
    secret BLOB,
    -- Where people may be sent back to, one address a line.
    redirects TEXT NOT NULL,
    -- 1: it keeps no secret.
    is_public INTEGER NOT NULL
) STRICT;

-- What somebody has let an application do: a code first, then, in its place, one token of either kind at a time.
CREATE TABLE oauth_grant (
    id BLOB PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    application BLOB NOT NULL,
    scopes TEXT NOT NULL,
    -- BLAKE3 of the code, and what it is bound to; none where an application spoke for itself.
    code BLOB UNIQUE,
    redirect TEXT,
    challenge TEXT,
    nonce TEXT,
    -- BLAKE3 of the tokens; none while the code waits.
    access BLOB UNIQUE,
    refresh BLOB,
    made_ms INTEGER NOT NULL,
    -- When tokens were last given ..
    used_ms INTEGER NOT NULL,
    -- .. and when the code, or then the access token, is over.
    expires_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX oauth_grant_account ON oauth_grant (account, made_ms);
