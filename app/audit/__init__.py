"""What lets somebody else check the log: signed checkpoints, exports, backups, archives."""
