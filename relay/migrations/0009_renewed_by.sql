-- The last refresh token that was used: by what the next one is still to be had, until that one is used.
ALTER TABLE session ADD COLUMN renewed_by BLOB;
