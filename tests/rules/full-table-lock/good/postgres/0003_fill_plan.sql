UPDATE acme.profile_traits
SET plan = 'free';
