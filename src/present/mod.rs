//! How values read: numbers, money, moments.

pub mod count;
pub mod figures;
pub mod time;
