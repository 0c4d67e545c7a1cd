ANALYZE {{ recomputed }};
