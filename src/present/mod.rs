//! How values read: money, counts, times, texts and tables, one form of each.

pub mod count;
pub mod money;
pub mod table;
pub mod text;
pub mod time;
