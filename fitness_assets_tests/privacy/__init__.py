"""People in the data: forgotten, or handed all that is known of them."""
