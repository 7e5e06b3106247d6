"""What happens to orders: the pure core and the adapters around it."""
