-- Times mean the same whatever the workspace or the user has set.
SET TIME ZONE 'UTC';
