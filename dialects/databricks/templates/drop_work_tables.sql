--% from 'rounds.sql' import rounds
--% for step in stepped | dictsort
DROP TABLE {{ step[1] }};
--% endfor
--% for number in range(rounds)
DROP TABLE {{ stepped.leap }}_{{ number }};
DROP TABLE {{ stepped.way }}_{{ number }};
--% endfor
