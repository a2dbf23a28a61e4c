//! What docs/security.md promises, measured: the table there is made from these tests at a larger
//! scale (`just trust`).

mod cuts;
mod edits;
mod kills;
mod leaks;
mod random_inputs;
mod tools;
