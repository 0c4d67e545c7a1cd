--% from 'macros/since.sql' import since
--% from 'macros/window.sql' import history, read
--% from 'macros/identity.sql' import is_noted
WITH
--% include 'affected/named.sql'
--% if landed_traits
-- Traits that have been read for the table as it is.
known AS (
    SELECT w.landed
    FROM {{ watermarks }} AS w
    WHERE w.model = {{ model }}
--% if can.identify_columns
      {{ is_noted() | trim | indent(6) }}
--% endif
),
--% endif
touched AS (
    SELECT n.segment_id
    FROM named AS n

    UNION ALL

    -- What their entries ever pointed to: a profile that they left has other traits now.
    SELECT {{ 'u.canonical_segment_id' | exact_column }}
    FROM {{ landed.id_graph_updates }} AS u
    WHERE u.canonical_segment_id IS NOT NULL
      AND EXISTS (SELECT 1 FROM named AS n WHERE n.segment_id = {{ 'u.segment_id' | exact }})

    UNION ALL

    SELECT {{ 'u.segment_id' | exact_column }}
    FROM {{ traits_from.name }} AS u
    WHERE u.segment_id IS NOT NULL
      AND {{ since('own', window) | trim | indent(6) }}

--# BETWEEN tells the planner that few rows match.
--% if landed_traits

    UNION ALL

    -- A trait that the project has gained comes with its history.
    SELECT {{ 'u.segment_id' | exact_column }}
    FROM {{ traits_from.name }} AS u
    WHERE u.segment_id IS NOT NULL
      AND u.{{ load_time }} BETWEEN
              {{ sql.beginning_of_time() }}
          AND {{ history(window) | trim }}
--# Each trait is a SELECT or two. Where a statement may have few of them, all profiles are computed once instead.
--% if not max_selects or landed_marks | length <= max_selects // 2
      AND (
--% for trait in landed_marks
          (u.{{ trait.name }} IS NOT NULL AND {{ trait | mark }} NOT IN (SELECT k.landed FROM known AS k)){{ " OR" if not loop.last }}
--% endfor
      )
--% endif
--% endif
--% if is_long

    UNION ALL

    -- A trait that the project has lost goes with its rows; the profile's others are computed again.
    SELECT kept.canonical_segment_id
    FROM {{ table.name }} AS kept
    WHERE {{ read(window, 'gone_traits') | trim }} > 0
      AND kept.name NOT IN ({{ landed_traits | map(attribute='literal') | join(', ') or "''" }})
--% elif absent_traits

    UNION ALL

    -- A trait whose column is there no more has no values.
    SELECT kept.canonical_segment_id
    FROM {{ table.name }} AS kept
    WHERE {{ read(window, 'gone_traits') | trim }} > 0
      AND (
--% for trait in absent_traits
          kept.{{ trait.name }} IS NOT NULL{{ " OR" if not loop.last }}
--% endfor
      )
--% endif
),
-- Most were touched in several ways.
changed AS (
    SELECT DISTINCT t.segment_id
    FROM touched AS t
),
