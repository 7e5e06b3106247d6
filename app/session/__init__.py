"""A desktop's side: submit, follow, preview. What `ui` talks to."""
