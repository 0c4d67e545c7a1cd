-- Times mean the same whatever the machine has set.
SET TimeZone = 'UTC';
