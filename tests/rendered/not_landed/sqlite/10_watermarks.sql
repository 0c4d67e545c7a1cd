-- How far each incremental model has read each landed table.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

CREATE TABLE IF NOT EXISTS acme.idgraph_watermarks (
    -- Built by idgraph.
    model        text,
    landed       text,
    loaded_until text,
    object_id    text,
    landed_id    text,
    PRIMARY KEY (model, landed)
);
