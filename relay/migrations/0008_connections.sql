-- 1: applications that may see one's connections see this one.
ALTER TABLE sign_in ADD COLUMN shown INTEGER NOT NULL DEFAULT 0;

-- What an application says that it knows of people, JSON.
ALTER TABLE oauth_client ADD COLUMN metadata TEXT;

-- What an application knows of somebody, JSON.
CREATE TABLE role_connection (
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    application BLOB NOT NULL,
    body TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    PRIMARY KEY (account, application)
) STRICT;
