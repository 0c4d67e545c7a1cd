-- idgraph: destructive acme.profile_traits.visits
ALTER TABLE acme.profile_traits ALTER COLUMN visits TYPE text;
