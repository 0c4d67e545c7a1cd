CREATE FUNCTION {schema}.sha1_hex(value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog AS $sha1$
DECLARE
    ones CONSTANT bigint := 4294967295;
    content bytea := convert_to(value, 'UTF8');
    bits bigint := 8 * octet_length(content);
    h0 bigint := 1732584193;
    h1 bigint := 4023233417;
    h2 bigint := 2562383102;
    h3 bigint := 271733878;
    h4 bigint := 3285377520;
    a bigint; b bigint; c bigint; d bigint; e bigint; f bigint; k bigint; t bigint;
    w bigint[];
BEGIN
    content := content || decode('80', 'hex');
    content := content || decode(repeat('00', (120 - octet_length(content) % 64) % 64), 'hex') || int8send(bits);
    FOR block IN 0 .. octet_length(content) / 64 - 1 LOOP
        FOR i IN 0 .. 15 LOOP
            w[i] := (CAST(get_byte(content, block * 64 + i * 4) AS bigint) << 24)
                + (get_byte(content, block * 64 + i * 4 + 1) << 16)
                + (get_byte(content, block * 64 + i * 4 + 2) << 8)
                + get_byte(content, block * 64 + i * 4 + 3);
        END LOOP;
        FOR i IN 16 .. 79 LOOP
            t := w[i - 3] # w[i - 8] # w[i - 14] # w[i - 16];
            w[i] := ((t << 1) | (t >> 31)) & ones;
        END LOOP;
        a := h0; b := h1; c := h2; d := h3; e := h4;
        FOR i IN 0 .. 79 LOOP
            IF i < 20 THEN
                f := (b & c) | ((b # ones) & d); k := 1518500249;
            ELSIF i < 40 THEN
                f := b # c # d; k := 1859775393;
            ELSIF i < 60 THEN
                f := (b & c) | (b & d) | (c & d); k := 2400959708;
            ELSE
                f := b # c # d; k := 3395469782;
            END IF;
            t := ((((a << 5) | (a >> 27)) & ones) + f + e + k + w[i]) & ones;
            e := d;
            d := c;
            c := ((b << 30) | (b >> 2)) & ones;
            b := a;
            a := t;
        END LOOP;
        h0 := (h0 + a) & ones;
        h1 := (h1 + b) & ones;
        h2 := (h2 + c) & ones;
        h3 := (h3 + d) & ones;
        h4 := (h4 + e) & ones;
    END LOOP;
    RETURN lpad(to_hex(h0), 8, '0') || lpad(to_hex(h1), 8, '0') || lpad(to_hex(h2), 8, '0')
        || lpad(to_hex(h3), 8, '0') || lpad(to_hex(h4), 8, '0');
END
$sha1$
