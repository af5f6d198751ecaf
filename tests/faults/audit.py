"""A witness inside the database: what no snapshot of the rows can tell afterwards.

A trigger on the messages of one company writes down every rank that fell (I6 of reliability.md
0.3), and every message that became unclear, with the reason.
"""

from typing import LiteralString

RANK_FELL = "rank_fell"
INTERRUPTED = "interrupted"  # its sender was gone while it was on the wire

# To be run with the company's schema first in the search path.
INSTALL: LiteralString = """
    CREATE TABLE fault_audit (what text, message uuid, at timestamptz DEFAULT now());
    CREATE FUNCTION fault_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF new.rank < old.rank THEN
            INSERT INTO fault_audit(what, message) VALUES ('rank_fell', new.id);
        END IF;
        IF new.dispatch = 'unknown' AND old.dispatch <> 'unknown' THEN
            INSERT INTO fault_audit(what, message) VALUES (new.code, new.id);
        END IF;
        RETURN new; END $$;
    CREATE TRIGGER fault_audit AFTER UPDATE ON messaging_message
        FOR EACH ROW EXECUTE FUNCTION fault_audit();
"""
READ: LiteralString = "SELECT what, count(*) FROM fault_audit GROUP BY what"
