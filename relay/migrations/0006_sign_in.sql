-- Who signs in by somebody else: at which provider, and as whom there. An e-mail address is never what they are known by.
CREATE TABLE sign_in (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    made_ms INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT;

CREATE UNIQUE INDEX sign_in_account ON sign_in (account, issuer);

-- 0: nobody has chosen a password; what stands in its columns is random.
ALTER TABLE account ADD COLUMN has_password INTEGER NOT NULL DEFAULT 1;
