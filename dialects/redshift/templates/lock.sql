-- One refresh at a time: under snapshot isolation two would both succeed, each with the rows of before in sight.
LOCK TABLE {{ watermarks }};

