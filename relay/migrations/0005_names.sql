-- `user` is a word of PostgreSQL's own.
ALTER TABLE account RENAME COLUMN "user" TO user_id;
