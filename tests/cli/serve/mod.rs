//! `amx serve`: real clients' requests, by raw sockets, against a scripted provider.

mod bill;
mod client;
mod failures;
mod gateway;
mod guards;
mod keys;
mod models;
mod operation;
mod passing;
mod promises;
mod shapes;
mod shared;
mod streams;
mod transport;
mod upstream;
