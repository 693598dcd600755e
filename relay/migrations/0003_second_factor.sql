-- What an account shows beside its password: the secret it shares with an authenticator, sealed under a key that is not in this
-- database, and the last step that was shown (RFC 6238, 5.2: each is good once).
CREATE TABLE second_factor (
    account INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL,
    last_step INTEGER NOT NULL,
    made_ms INTEGER NOT NULL
) STRICT;

-- Keyed BLAKE3 of each code that opens the account where the authenticator is lost. Each is good once.
CREATE TABLE recovery_code (
    hash BLOB PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    used_ms INTEGER
) STRICT;

CREATE INDEX recovery_code_account ON recovery_code (account);
