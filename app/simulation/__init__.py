"""One seeded world of desktops, engines, venues and a faulty store, on virtual time."""
