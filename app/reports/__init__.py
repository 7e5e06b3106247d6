"""Reports: one module a report (query → table), and the renderers they share."""
