--% from 'rounds.sql' import rounds
--% for step in ['astray', 'chain', 'entry', 'head', 'leap', 'merged', 'way']
DROP TABLE {{ stepped[step] }};
--% endfor
--% for number in range(rounds)
DROP TABLE {{ stepped.leap }}_{{ number }};
DROP TABLE {{ stepped.way }}_{{ number }};
--% endfor
