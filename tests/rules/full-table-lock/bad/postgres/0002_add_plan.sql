ALTER TABLE acme.profile_traits ADD COLUMN plan text;

UPDATE acme.profile_traits
SET plan = 'free';
