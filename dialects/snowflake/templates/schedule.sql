--# Dollars around the body, so that quotes inside are as they are; a body with two dollars of its own is a quoted text.
--% set body
BEGIN
--% for statement in statements
{{ statement }};
--% if not loop.last

--% endif
--% endfor
END;
--% endset
-- What the files of the models do, one run at a time. It takes EXECUTE TASK to resume it{{ ", and EXECUTE MANAGED TASK, since no warehouse is named" if not warehouse }}.
CREATE OR REPLACE TASK {{ name }}
--% if warehouse
WAREHOUSE = {{ warehouse }}
--% endif
SCHEDULE = 'USING CRON {{ schedule.cron }} {{ schedule.time_zone }}'
ALLOW_OVERLAPPING_EXECUTION = FALSE
TIMEZONE = 'UTC',
TIMESTAMP_TZ_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6 TZHTZM',
QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE
COMMENT = {{ comment }}
AS
EXECUTE IMMEDIATE
--% if '$$' in body
{{ body | trim | text }};
--% else
$$
{{ body | trim }}
$$;
--% endif

-- A task that was made or replaced is suspended.
ALTER TASK {{ name }} RESUME;
