//! `amx serve`: real clients' requests, by raw sockets, against a scripted provider.

mod bill;
pub mod client;
mod failures;
pub mod gateway;
mod guards;
mod keys;
mod models;
mod money;
mod operation;
mod passing;
mod promises;
mod shapes;
mod shared;
mod streams;
mod transport;
pub mod upstream;
