//! What a relay adds to a node: accounts, and hosting by policy.
