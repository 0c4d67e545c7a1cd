--# No statement makes a scheduled query, so what it calls is a procedure.
--% set every = schedule.every
--% if every.unit == 'minutes'
--% set words = 'every ' ~ every.count ~ ' minutes'
--% elif every.unit == 'hours'
--% set words = 'every ' ~ every.count ~ ' hours'
--% else
--% set words = 'every day ' ~ ('0' if every.hour < 10 else '') ~ every.hour ~ ':' ~ ('0' if every.minute < 10 else '') ~ every.minute
--% endif
-- What the files of the models do. To run it by the clock, which no statement can say, once:
--
--   bq mk --transfer_config --data_source=scheduled_query --display_name='idgraph: {{ space }}' \
--     --schedule='{{ words }}' --params='{"query": "CALL {{ name }}()"}'
--
--% if every.unit == 'hours'
-- Hours are counted from when that is done, or from --schedule_start_time.
--% endif
CREATE OR REPLACE PROCEDURE {{ name }}()
OPTIONS (description = {{ comment }})
BEGIN
--% for statement in statements
{{ statement }};
--% if not loop.last

--% endif
--% endfor
END;
