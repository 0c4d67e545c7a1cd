-- idgraph: destructive acme.profile_traits.plan
UPDATE acme.profile_traits
SET plan = 'free';
