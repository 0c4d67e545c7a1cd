//! What else happens to a database: columns that Segment adds, a server that crashes.

use crate::dice::Dice;
use crate::load::Load;
use crate::session::Trouble;
use crate::space::Space;
use crate::support::postgres::Server;

/// Names that work tables and queries could have, too.
const HOSTILE: [&str; 6] = ["recency", "merged_to", "affected", "name", "value", "model"];

/// So many columns a table gets at most.
const MOST: usize = 60;

/// Segment adds columns to landed tables: until the round ends.
pub fn add_columns(load: &Load, space: &Space<'_>, mut dice: Dice) {
    load.with_sessions(space, "who adds columns", |session| {
        load.sleep(300 + dice.below(2500));
        let table = *dice.pick(&space.shape.landed());
        let name = match dice.below(6) {
            0 => (*dice.pick(&HOSTILE)).to_owned(),
            _ => format!("extra_{}", dice.below(MOST)),
        };
        match session.run(&format!("ALTER TABLE acme.{table} ADD COLUMN {name} text")) {
            Ok(_) => {
                load.figures.add_columns.one();
                load.journal.note(format!("added column {name} to {table}"));
                Ok(())
            }
            // It is there.
            Err(Trouble::Other(why))
                if why.contains("already exists") || why.contains("duplicate column") =>
            {
                Ok(())
            }
            Err(other) => Err(other),
        }
    });
}

/// The server crashes and comes back, as `pg_ctl restart -m immediate` does: until the round ends.
pub fn restart(load: &Load, server: &Server, mut dice: Dice) {
    while load.goes_on() {
        load.sleep(6000 + dice.below(20_000));
        if !load.goes_on() {
            return;
        }
        load.journal.note("the server stops");
        load.restarting(true);
        server.stop();
        server.start();
        load.restarting(false);
        load.figures.restarts.one();
        load.journal.note("the server is back");
    }
}
