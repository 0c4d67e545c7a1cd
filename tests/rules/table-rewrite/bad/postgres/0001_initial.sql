CREATE TABLE acme.profile_traits (
    canonical_segment_id text,
    visits               bigint,
    merged_to            text
);
