--% set on = reach.affected_on
LEFT JOIN {{ reach.affected }} AS a
    ON {{ ' ' if on | length > 1 }}{{ on | map('on_affected', 'f') | join('\n    AND ') }}
