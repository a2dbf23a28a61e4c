//! Servers of the Model Context Protocol: their processes and connections, eras and lists.
