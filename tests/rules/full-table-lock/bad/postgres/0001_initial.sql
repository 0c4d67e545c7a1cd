CREATE TABLE acme.profile_traits (
    canonical_segment_id text,
    merged_to            text
);
