-- BLAKE3 of each invite to this relay: who has one makes one account with it.
CREATE TABLE relay_invite (
    hash BLOB PRIMARY KEY,
    made_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    -- Whose name was claimed with it.
    account INTEGER UNIQUE REFERENCES account (id) ON DELETE SET NULL,
    used_ms INTEGER
) STRICT;
