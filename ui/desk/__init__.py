"""How people work orders at the desk: claims, slices, strategies, baskets, the day."""
