-- {{ about }}
-- {{ marker }} from {{ project_file }}: change that and render again, edits here are lost.

