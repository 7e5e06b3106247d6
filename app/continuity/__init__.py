"""What a desk needs when its store does not answer: known orders, contacts, notices, the return."""
