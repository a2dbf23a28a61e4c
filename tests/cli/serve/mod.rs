//! `amx serve`: real clients' requests, by raw sockets, against a scripted provider.

mod client;
mod failures;
mod gateway;
mod keys;
mod models;
mod passing;
mod shared;
mod streams;
mod transport;
mod upstream;
