// {{ marker }} from {{ project_file }}: the index that site.js searches.
{{ index }}
