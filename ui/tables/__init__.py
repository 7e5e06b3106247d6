"""Live tables: columns as data, a model that sorts and filters itself, its view, its delegate."""
