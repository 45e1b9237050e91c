"""What the graph shows: tables, the folders and topics they come from, and what each of them is."""
