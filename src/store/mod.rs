//! What is kept in one SQLite file below the home: sessions as trees of turns, the ledger of what
//! was spent, and lists of models.

mod branches;
mod catalog;
mod costs;
mod database;
mod error;
mod id;
mod ledger;
mod read_only;
mod recovery;
mod reservations;
mod rows;
#[cfg(test)]
mod samples;
mod search;
mod sessions;
mod title;
mod turns;
mod write_lock;

pub use branches::Branch;
pub use catalog::{CatalogReader, KeptCatalog};
pub use database::Store;
pub use error::StoreError;
pub use id::{ReservationId, SessionId, TurnId};
pub use ledger::{Booked, Grouping, Since, Total};
pub use read_only::{Condition, ReadOnlyStore, traces};
pub use reservations::{Granted, ReservationRequest, Reserved, Shortage};
pub use search::{Hit, Place};
pub use sessions::SessionSummary;
pub use title::{check_name, shortened};
pub use turns::StoredTurn;
