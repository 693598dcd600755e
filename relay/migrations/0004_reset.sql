-- BLAKE3 of the code in a mail that lets somebody choose another password. One for each account, for half an hour.
CREATE TABLE reset_code (
    account INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    hash BLOB NOT NULL UNIQUE,
    expires_ms INTEGER NOT NULL
) STRICT;
