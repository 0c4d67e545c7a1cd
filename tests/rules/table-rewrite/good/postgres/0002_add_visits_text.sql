ALTER TABLE acme.profile_traits ADD COLUMN visits_text text;
