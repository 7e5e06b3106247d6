"""The sequencer: turns stored commands into events, one leader a store."""
