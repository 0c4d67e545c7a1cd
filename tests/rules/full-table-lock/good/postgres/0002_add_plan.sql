ALTER TABLE acme.profile_traits ADD COLUMN plan text;
