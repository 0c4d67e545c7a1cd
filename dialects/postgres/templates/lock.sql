-- One writer at a time; readers go on, and see the rows of before until COMMIT.
LOCK TABLE {{ table.name }} IN SHARE ROW EXCLUSIVE MODE;
